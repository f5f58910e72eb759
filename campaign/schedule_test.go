package campaign

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
)

func TestDaysAreAsLongAsClocksSay(t *testing.T) {
	for _, c := range []struct {
		zone  string
		day   event.Period
		start string
		hours float64
	}{
		{"Europe/Berlin", 20260701, "2026-06-30T22:00:00Z", 24},
		{"Europe/Berlin", 20260329, "2026-03-28T23:00:00Z", 23},
		{"Europe/Berlin", 20261025, "2026-10-24T22:00:00Z", 25},
		{"America/Sao_Paulo", 20181104, "2018-11-04T03:00:00Z", 23}, // begins at 01:00
		{"America/Havana", 20251102, "2025-11-02T04:00:00Z", 25},    // begins twice
		{"Pacific/Apia", 20111230, "2011-12-30T10:00:00Z", 0},       // never came
		{"Europe/Berlin", 20251231, "2025-12-30T23:00:00Z", 24},     // the next day is in another year
	} {
		start, end := PeriodBounds(c.day, zone(t, c.zone))
		if got := start.UTC().Format(time.RFC3339); got != c.start || end.Sub(start).Hours() != c.hours {
			t.Errorf("%s %d begins %s and is %v long, want %s and %v h", c.zone, c.day, got, end.Sub(start), c.start, c.hours)
		}
	}
	if start, end := PeriodBounds(event.Lifetime, time.UTC); !start.IsZero() || !end.IsZero() {
		t.Errorf("a lifetime is bounded: %v to %v", start, end)
	}
}

// Every instant lies in its own day, and days follow each other without gap.
func TestEveryInstantIsInItsDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := drawZone(t)
		at := drawInstant(t, loc)
		p := PeriodOf(at, loc)
		start, end := PeriodBounds(p, loc)
		if at.Before(start) || !at.Before(end) {
			t.Fatalf("%v is in %d, which is %v to %v", at.In(loc), p, start, end)
		}
		if PeriodOf(start, loc) != p || PeriodOf(start.Add(-1), loc) >= p {
			t.Fatalf("%d begins at %v", p, start)
		}
		if next, _ := PeriodBounds(PeriodOf(end, loc), loc); !next.Equal(end) {
			t.Fatalf("%d ends at %v, the next day begins at %v", p, end, next)
		}
	})
}

func TestPeriodOfDoesNotAllocate(t *testing.T) {
	loc, now := zone(t, "Europe/Berlin"), time.Date(2026, 7, 1, 22, 30, 0, 0, time.UTC)
	if n := testing.AllocsPerRun(100, func() { _ = PeriodOf(now, loc) }); n != 0 {
		t.Errorf("PeriodOf allocates %v times", n)
	}
	if got := PeriodOf(now, loc); got != 20260702 {
		t.Errorf("PeriodOf = %d", got)
	}
}

func TestFlightTakesItsStartAndNotItsEnd(t *testing.T) {
	loc := zone(t, "Europe/Berlin")
	f := Flight{Start: mustTime("2026-03-01"), End: mustTime("2026-04-01")}
	start, end := f.Bounds(loc)
	for _, c := range []struct {
		at   time.Time
		want bool
	}{{start, true}, {start.Add(-1), false}, {end, false}, {end.Add(-1), true}} {
		if got := f.Contains(c.at, loc); got != c.want {
			t.Errorf("Contains(%v) = %v", c.at, got)
		}
	}
	if !(Flight{}).Contains(start, loc) {
		t.Error("an open flight does not contain everything")
	}
}

func TestNarrowedFlightIsBoth(t *testing.T) {
	draw := func(t *rapid.T, label string) (f Flight) {
		if rapid.Bool().Draw(t, label+" starts") {
			f.Start = drawLocal(t, label+" start")
		}
		if rapid.Bool().Draw(t, label+" ends") {
			f.End = drawLocal(t, label+" end")
		}
		return f
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, loc := draw(t, "a"), draw(t, "b"), drawZone(t)
		at := drawInstant(t, loc)
		for _, exact := range []LocalTime{a.Start, a.End, b.Start, b.End} {
			if !exact.IsZero() && rapid.Bool().Draw(t, "at a bound") {
				at = exact.In(loc)
			}
		}
		both := a.Contains(at, loc) && b.Contains(at, loc)
		if a.Narrow(b).Contains(at, loc) != both || b.Narrow(a).Contains(at, loc) != both {
			t.Fatalf("%v and %v at %v: want %v", a, b, at, both)
		}
	})
}

func TestDaypartGoesByLocalClocks(t *testing.T) {
	loc := zone(t, "Europe/Berlin")
	sunday := []Daypart{{Days: []time.Weekday{time.Sunday}, From: 2, To: 3}}
	for _, c := range []struct {
		utc  string
		want bool
		why  string
	}{
		{"2026-07-05T00:00:00Z", true, "02:00 on Sunday"},
		{"2026-07-05T00:59:59Z", true, "02:59:59"},
		{"2026-07-05T01:00:00Z", false, "03:00"},
		{"2026-07-06T00:00:00Z", false, "Monday"},
		{"2026-10-25T00:30:00Z", true, "02:30, the first time"},
		{"2026-10-25T01:30:00Z", true, "02:30, the second time"},
		{"2026-10-25T02:00:00Z", false, "03:00"},
		{"2026-03-29T00:59:59Z", false, "01:59:59, the hour after it is skipped"},
		{"2026-03-29T01:00:00Z", false, "03:00"},
	} {
		at, _ := time.Parse(time.RFC3339, c.utc)
		if got := InDayparts(sunday, at, loc); got != c.want {
			t.Errorf("%s (%s): %v", c.utc, c.why, got)
		}
	}
	if !InDayparts(nil, time.Now(), loc) {
		t.Error("no dayparts restrict")
	}
}

// A week of dayparts takes exactly the hours that it lists.
func TestDaypartsSplitTheWeek(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		loc := drawZone(t)
		at := drawInstant(t, loc)
		from := rapid.IntRange(0, 23).Draw(t, "from")
		part := Daypart{Days: []time.Weekday{at.In(loc).Weekday()}, From: from, To: rapid.IntRange(from+1, 24).Draw(t, "to")}
		rest := []Daypart{{Days: part.Days, From: part.To, To: 24}}
		if from > 0 {
			rest = append(rest, Daypart{Days: part.Days, From: 0, To: from})
		}
		if part.Contains(at, loc) == InDayparts(rest, at, loc) {
			t.Fatalf("%v is in %v and in the rest, or in neither", at.In(loc), part)
		}
	})
}
