package campaign

import (
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// Bounds returns the instants between which the flight runs, in its
// advertiser's zone. A zero instant is an open bound.
func (f Flight) Bounds(loc *time.Location) (start, end time.Time) {
	if !f.Start.IsZero() {
		start = f.Start.In(loc)
	}
	if !f.End.IsZero() {
		end = f.End.In(loc)
	}
	return start, end
}

// Contains says whether the flight runs at t: at its start, not at its end.
func (f Flight) Contains(t time.Time, loc *time.Location) bool {
	start, end := f.Bounds(loc)
	return (start.IsZero() || !t.Before(start)) && (end.IsZero() || t.Before(end))
}

// Narrow returns the flight during which both run: a line item's own within
// its campaign's. Flights that never meet give one that contains nothing.
func (f Flight) Narrow(g Flight) Flight {
	if f.Start.IsZero() || !g.Start.IsZero() && g.Start.Compare(f.Start) > 0 {
		f.Start = g.Start
	}
	if f.End.IsZero() || !g.End.IsZero() && g.End.Compare(f.End) < 0 {
		f.End = g.End
	}
	return f
}

// PeriodOf returns the day that a daily budget spends at t, in its
// advertiser's zone. It does not allocate.
func PeriodOf(t time.Time, loc *time.Location) event.Period {
	y, m, d := t.In(loc).Date()
	return event.Period(y*10_000 + int(m)*100 + d)
}

// PeriodBounds returns the first instant of a day and of the day after it.
// Days are 23 to 25 hours long where clocks change. [event.Lifetime] has no
// bounds: both are zero.
func PeriodBounds(p event.Period, loc *time.Location) (start, end time.Time) {
	if p == event.Lifetime {
		return start, end
	}
	y, m, d := int(p)/10_000, time.Month(p/100%100), int(p)%100
	return firstInstant(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), loc),
		firstInstant(time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC), loc)
}

// Contains says whether t falls into the daypart. It goes by what clocks in
// loc show, so an hour that clocks repeat counts twice and one that they
// skip does not come.
func (d Daypart) Contains(t time.Time, loc *time.Location) bool {
	local := t.In(loc)
	h := local.Hour()
	return h >= d.From && h < d.To && slices.Contains(d.Days, local.Weekday())
}

// InDayparts says whether t falls into any of the dayparts, or there are none.
func InDayparts(parts []Daypart, t time.Time, loc *time.Location) bool {
	for i := range parts {
		if parts[i].Contains(t, loc) {
			return true
		}
	}
	return len(parts) == 0
}
