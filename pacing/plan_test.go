package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestPlanOfADay(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	local := func(d, h, m int) time.Time { return time.Date(2026, 3, d, h, m, 0, 0, berlin) }
	evening := Hours{}.With(time.Sunday, 18, 22)
	for name, c := range map[string]struct {
		budget Budget
		hours  Hours
		period event.Period
		at     time.Time
		want   money.Nanos
	}{
		"noon":                    {Budget{}, Hours{}, 20260310, local(10, 12, 0), 12_000},
		"before":                  {Budget{}, Hours{}, 20260310, local(9, 23, 59), 0},
		"after":                   {Budget{}, Hours{}, 20260310, local(11, 0, 1), 24_000},
		"day of 23 hours":         {Budget{}, Hours{}, 20260329, local(29, 12, 0), 11_478}, // 11 of 23
		"flight starts at noon":   {Budget{Start: local(10, 12, 0)}, Hours{}, 20260310, local(10, 18, 0), 12_000},
		"flight ends at noon":     {Budget{End: local(10, 12, 0)}, Hours{}, 20260310, local(10, 6, 0), 12_000},
		"before the open hours":   {Budget{}, evening, 20260329, local(29, 18, 0), 0},
		"within the open hours":   {Budget{}, evening, 20260329, local(29, 19, 30), 9_000},
		"after the open hours":    {Budget{}, evening, 20260329, local(29, 22, 0), 24_000},
		"hours of another day":    {Budget{}, evening, 20260310, local(10, 12, 0), 12_000},
		"skipped hour, then open": {Budget{}, Hours{}.With(time.Sunday, 1, 4), 20260329, local(29, 3, 0), 12_000}, // 1 of 2
	} {
		t.Run(name, func(t *testing.T) {
			c.budget.Daily, c.budget.Amount, c.budget.Zone = true, 24_000, berlin
			if got := NewPlan(c.budget, c.hours, c.period).At(c.at); got != c.want {
				t.Errorf("planned %d, want %d", got, c.want)
			}
		})
	}
}

func TestPlanWithoutAnEndMayBeSpentAtOnce(t *testing.T) {
	for _, b := range []Budget{{Amount: 100, Start: noon}, {Amount: 100, Start: noon, End: noon.Add(time.Hour), Pace: PaceASAP}} {
		p := NewPlan(b, Hours{}, event.Lifetime)
		if p.Spread() || p.At(noon.Add(-1)) != 0 || p.At(noon) != 100 {
			t.Errorf("before %d, at the start %d", p.At(noon.Add(-1)), p.At(noon))
		}
	}
}

// TestPlanLaws: nothing before the start, never falling, exactly the amount
// at the end, flat while closed; whatever zone, flight and hours.
func TestPlanLaws(t *testing.T) {
	zones := []*time.Location{time.UTC}
	for _, n := range []string{"Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Santiago"} {
		zones = append(zones, zone(t, n))
	}
	rapid.Check(t, func(rt *rapid.T) {
		z := rapid.SampledFrom(zones).Draw(rt, "zone")
		start := time.Unix(rapid.Int64Range(1_200_000_000, 1_900_000_000).Draw(rt, "start"), 0)
		b := Budget{
			Amount: money.Nanos(rapid.Int64Range(1, int64(money.Cap)).Draw(rt, "amount")), Zone: z,
			Start: start, End: start.Add(time.Duration(rapid.Int64Range(1, int64(90*24*time.Hour)).Draw(rt, "length"))),
		}
		var hours Hours
		for range rapid.IntRange(0, 4).Draw(rt, "dayparts") {
			from := rapid.IntRange(0, 23).Draw(rt, "from")
			hours = hours.With(time.Weekday(rapid.IntRange(0, 6).Draw(rt, "day")), from, rapid.IntRange(from+1, 24).Draw(rt, "to"))
		}
		p := NewPlan(b, hours, event.Lifetime)
		if b.Daily = rapid.Bool().Draw(rt, "daily"); b.Daily {
			p = NewPlan(b, hours, campaign.PeriodOf(start, z))
		}
		if got := p.At(p.start); got != 0 {
			rt.Fatalf("%d planned at the start", got)
		}
		if got := p.At(p.end); got != b.Amount {
			rt.Fatalf("%d planned at the end, want %d", got, b.Amount)
		}
		at, last := p.start, money.Nanos(0)
		step := p.end.Sub(p.start)/97 + 1
		for !at.After(p.end) {
			now := p.At(at)
			if now < last {
				rt.Fatalf("the plan falls from %d to %d at %v", last, now, at)
			}
			open, before := p.Open(at), p.Open(at.Add(-time.Nanosecond))
			if closed := !p.hours.Has(at.Add(-time.Nanosecond).In(z)); closed && open != before {
				rt.Fatalf("the plan moves while closed, at %v", at.In(z))
			} else if !closed && at.After(p.start) && open != before+1 {
				rt.Fatalf("the plan stands while open, at %v", at.In(z))
			}
			at, last = at.Add(step), now
		}
	})
}

func TestHours(t *testing.T) {
	h := HoursOf([]campaign.Daypart{{Days: []time.Weekday{time.Monday, time.Friday}, From: 0, To: 24}})
	if h.Always() || !h.Has(time.Date(2026, 3, 9, 23, 59, 0, 0, time.UTC)) || h.Has(noon) {
		t.Errorf("hours %x", h)
	}
	if !HoursOf(nil).Always() || !h.Union(Hours{}).Always() {
		t.Error("no daypart is every hour")
	}
	for d := range h {
		h = h.With(time.Weekday(d), 0, 12).With(time.Weekday(d), 12, 24)
	}
	if !h.Always() {
		t.Error("all hours of all days are always")
	}
}
