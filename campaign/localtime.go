package campaign

import (
	"fmt"
	"time"
)

// LocalTime is a wall-clock time without a zone, whole seconds:
// "2026-12-01T00:00:00". Its owner's time zone turns it into an instant. The
// zero value means not given.
type LocalTime struct{ wall time.Time }

const localLayout = "2006-01-02T15:04:05"

// ParseLocalTime reads "2006-01-02T15:04:05" or "2006-01-02", which is its
// midnight.
func ParseLocalTime(s string) (LocalTime, error) {
	for _, layout := range []string{localLayout, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return LocalTime{t}, nil
		}
	}
	return LocalTime{}, fmt.Errorf("cannot read time %.40q: want 2026-12-01T00:00:00 without a zone; the advertiser's time zone applies", s)
}

// LocalTimeOf returns the wall-clock time that t shows in its own zone.
func LocalTimeOf(t time.Time) LocalTime {
	return LocalTime{time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)}
}

// In returns the instant at which clocks in loc show l. A time that a
// daylight-saving change skips is read with the offset before the change, one
// that it repeats is the first of the two (package time's rule may pick
// either; advertisers see midnight in nearly all flights).
func (l LocalTime) In(loc *time.Location) time.Time {
	w := l.wall
	return time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, loc)
}

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
