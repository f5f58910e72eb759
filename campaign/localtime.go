package campaign

import (
	"fmt"
	"time"
)

// LocalTime is a wall-clock time without a zone, whole seconds:
// "2026-12-01T00:00:00". Its owner's time zone turns it into an instant. The
// zero value means not given.
type LocalTime struct{ wall time.Time } // always in UTC, which stands for no zone

const localLayout = "2006-01-02T15:04:05"

// ParseLocalTime reads "2006-01-02T15:04:05" or "2006-01-02", which is its
// midnight.
func ParseLocalTime(s string) (LocalTime, error) {
	for _, layout := range []string{localLayout, time.DateOnly} {
		// Package time takes fractions of a second that the layout has not.
		t, err := time.Parse(layout, s)
		if err == nil && len(s) == len(layout) && !t.IsZero() {
			return LocalTime{t}, nil
		}
	}
	return LocalTime{}, fmt.Errorf("cannot read time %.40q: want 2026-12-01T00:00:00 without a zone; the advertiser's time zone applies", s)
}

// LocalTimeOf returns the wall-clock time that t shows in its own zone,
// without the fraction of its second.
func LocalTimeOf(t time.Time) LocalTime {
	return LocalTime{time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)}
}

// In returns the first instant at which clocks in loc show l or later. So a
// time that a daylight-saving change skips is the instant of the change, and
// one that it repeats is the first of the two.
func (l LocalTime) In(loc *time.Location) time.Time { return firstInstant(l.wall, loc) }

// firstInstant walks the stretches of equal offset from UTC around wall (a
// local time in UTC's clothes): package time promises neither of two
// possible readings, and a day must not begin at 23:00 of the one before.
func firstInstant(wall time.Time, loc *time.Location) time.Time {
	const widest = 16 * time.Hour // no zone was ever further from UTC
	t := wall.Add(-widest).In(loc)
	for {
		_, offset := t.Zone()
		_, end := t.ZoneBounds()
		start := wall.Add(-time.Duration(offset) * time.Second)
		switch {
		case !end.IsZero() && !start.Before(end):
			t = end
		case start.Before(t):
			return t
		default:
			return start.In(loc)
		}
	}
}

// Compare returns -1, 0 or +1 as l is before, at or after m on the wall clock.
func (l LocalTime) Compare(m LocalTime) int { return l.wall.Compare(m.wall) }

// IsZero says whether the time was not given.
func (l LocalTime) IsZero() bool { return l.wall.IsZero() }

// String returns "2006-01-02T15:04:05", or "" when not given.
func (l LocalTime) String() string {
	if l.IsZero() {
		return ""
	}
	return l.wall.Format(localLayout)
}

// MarshalText writes the text of String.
func (l LocalTime) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads what ParseLocalTime reads; an empty text is not given.
func (l *LocalTime) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*l = LocalTime{}
		return nil
	}
	*l, err = ParseLocalTime(string(b))
	return err
}
