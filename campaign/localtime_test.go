package campaign

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestLocalTimeReadsWholeSecondsWithoutZone(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"2026-12-01T08:30:00", "2026-12-01T08:30:00"},
		{"2026-12-01", "2026-12-01T00:00:00"},
		{"2026-02-29", ""},
		{"2026-12-01T08:30:00Z", ""},
		{"2026-12-01T08:30:00+01:00", ""},
		{"2026-12-01T08:30:00.5", ""},
		{"2026-12-01T24:00:00", ""},
		{"2026-12-01 08:30:00", ""},
		{"0001-01-01", ""}, // would mean not given
		{"0001-01-01T00:00:00", ""},
		{"2026-12-1", ""},
		{"\xff", ""},
	} {
		got, err := ParseLocalTime(c.text)
		if got.String() != c.want || (err == nil) != (c.want != "") {
			t.Errorf("ParseLocalTime(%q) = %q, %v; want %q", c.text, got, err, c.want)
		}
	}
}

func TestLocalTimeWhereClocksChange(t *testing.T) {
	for _, c := range []struct{ zone, local, utc, why string }{
		{"Europe/Berlin", "2026-07-01T12:00:00", "2026-07-01T10:00:00Z", "plain"},
		{"Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:00:00Z", "skipped: the change"},
		{"Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z", "repeated: the first"},
		{"Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z", "after the repeated hour"},
		{"America/Sao_Paulo", "2018-11-04T00:00:00", "2018-11-04T03:00:00Z", "midnight is skipped"},
		{"America/Havana", "2025-11-02T00:00:00", "2025-11-02T04:00:00Z", "midnight comes twice"},
		{"Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z", "the day was left out"},
		{"UTC", "2026-07-01T12:00:00", "2026-07-01T12:00:00Z", "no changes"},
	} {
		got := mustTime(c.local).In(zone(t, c.zone)).UTC().Format(time.RFC3339)
		if got != c.utc {
			t.Errorf("%s %s (%s) = %s, want %s", c.zone, c.local, c.why, got, c.utc)
		}
	}
}

// The instant is the first at which clocks show the time or a later one.
func TestLocalTimeIsTheFirstInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := drawZone(t)
		l := LocalTimeOf(drawInstant(t, loc).In(loc))
		at := l.In(loc)
		if LocalTimeOf(at).Compare(l) < 0 {
			t.Fatalf("clocks show %v at the instant of %v", LocalTimeOf(at), l)
		}
		if before := LocalTimeOf(at.Add(-1)); before.Compare(l) >= 0 {
			t.Fatalf("clocks showed %v just before the instant of %v", before, l)
		}
	})
}

func FuzzLocalTime(f *testing.F) {
	for _, s := range []string{"2026-12-01T00:00:00", "2026-12-01", "", "2026-12-01T00:00:00.000", "9999-99-99", "0001-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var l, again LocalTime
		if err := l.UnmarshalText([]byte(s)); err != nil {
			if !l.IsZero() {
				t.Fatalf("%q was refused and set %v", s, l)
			}
			return
		}
		if err := again.UnmarshalText([]byte(l.String())); err != nil || again != l {
			t.Fatalf("%q reads as %v, which reads as %v, %v", s, l, again, err)
		}
	})
}
