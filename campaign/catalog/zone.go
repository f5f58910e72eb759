package catalog

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

const (
	secondsPerHour = 3600
	secondsPerDay  = 24 * secondsPerHour
	hoursPerWeek   = 7 * 24
)

// zone turns instants into an advertiser's wall clock. It remembers the
// stretch between two changes of the zone's offset, half a year as a rule, so
// that the day and hour of an instant are integer arithmetic.
type zone struct {
	loc  *time.Location
	span atomic.Pointer[offsetSpan]
}

// offsetSpan is a stretch of Unix seconds, from included, to not, in which
// the zone's offset (seconds east of UTC) does not change.
type offsetSpan struct{ from, to, offset int64 }

// local returns the seconds since 1970-01-01T00:00:00 on the zone's clocks.
func (z *zone) local(unix int64) int64 {
	s := z.span.Load()
	if s == nil || unix < s.from || unix >= s.to {
		s = z.find(unix)
	}
	return unix + s.offset
}

func (z *zone) find(unix int64) *offsetSpan {
	t := time.Unix(unix, 0).In(z.loc)
	_, offset := t.Zone()
	s := &offsetSpan{from: math.MinInt64, to: math.MaxInt64, offset: int64(offset)}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		s.from = from.Unix()
	}
	if !to.IsZero() {
		s.to = to.Unix()
	}
	z.span.Store(s)
	return s
}

// day returns the period of daily budgets at an instant.
func (z *zone) day(unix int64) event.Period {
	y, m, d := time.Unix(z.local(unix), 0).UTC().Date()
	return event.Period(y*10_000 + int(m)*100 + d)
}

// hourOfWeek returns the wall clock's hour, counted from Sunday midnight.
func (z *zone) hourOfWeek(unix int64) uint { return hourOfWeek(z.local(unix)) }

// hourOfWeek is that of a wall clock's seconds since 1970.
func hourOfWeek(local int64) uint {
	const sunday = 4 * 24 // 1970-01-01 was a Thursday
	h := floorDiv(local, secondsPerHour) + sunday
	return uint(h - floorDiv(h, hoursPerWeek)*hoursPerWeek)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
