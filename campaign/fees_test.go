package campaign

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestCostOfAnImpression(t *testing.T) {
	for name, c := range map[string]struct {
		rule        FeeRule
		media, want money.Nanos
	}{
		"no fees":              {FeeRule{}, 1_234_567, 1_234_567},
		"15 percent":           {FeeRule{MarkupPPM: 150_000}, 2_000_000, 2_300_000},
		"half a nano":          {FeeRule{MarkupPPM: 500_000}, 1, 2},
		"less than half":       {FeeRule{MarkupPPM: 499_999}, 1, 1},
		"data and tech":        {FeeRule{DataCPM: money.Unit / 2, TechCPM: money.Unit / 10}, 2_000_000, 2_600_000},
		"rounded once":         {FeeRule{MarkupPPM: 400_000, DataCPM: 400, TechCPM: 400}, 1, 2}, // 1 + .4 + .4 + .4
		"of nothing":           {FeeRule{MarkupPPM: 150_000, TechCPM: money.Unit / 10}, 0, 100_000},
		"of less than nothing": {FeeRule{MarkupPPM: 150_000}, -5, 0},
		"too much":             {FeeRule{MarkupPPM: MaxMarkupPPM}, money.Cap, money.Cap},
	} {
		if got := c.rule.Cost(c.media, event.OneImpression); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// The cost is what exact arithmetic says, and who is billed less pays less.
func TestCostIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := FeeRule{
			MarkupPPM: rapid.Int64Range(0, MaxMarkupPPM).Draw(t, "markup"),
			DataCPM:   money.Nanos(rapid.Int64Range(0, int64(MaxFeeCPM)).Draw(t, "data")),
			TechCPM:   money.Nanos(rapid.Int64Range(0, int64(MaxFeeCPM)).Draw(t, "tech")),
		}
		media := money.Nanos(rapid.Int64Range(0, int64(money.Cap)).Draw(t, "media"))
		sold := event.Impressions(rapid.Int64Range(1, 1e12).Draw(t, "sold"))
		exact := big.NewRat(int64(media), 1)
		exact.Mul(exact, big.NewRat(1_000_000+f.MarkupPPM, 1_000_000))
		exact.Add(exact, new(big.Rat).Mul(big.NewRat(int64(f.DataCPM+f.TechCPM), 1000), big.NewRat(int64(sold), 1_000_000)))
		exact.Add(exact, big.NewRat(1, 2))
		want := new(big.Int).Quo(exact.Num(), exact.Denom())
		if c := big.NewInt(int64(money.Cap)); want.Cmp(c) > 0 {
			want = c
		}
		got := f.Cost(media, sold)
		if big.NewInt(int64(got)).Cmp(want) != 0 {
			t.Fatalf("%+v: %d costs %d, want %v", f, media, got, want)
		}
		if sum, back := f.costOfSum(media, sold), f.costOfSum(-media, -sold); sum != got || back != -got {
			t.Fatalf("as a sum %d costs %d, and %d back, want %d", media, sum, back, got)
		}
		less := money.Nanos(rapid.Int64Range(0, int64(media)).Draw(t, "less"))
		if saved := got - f.Cost(less, sold); got < money.Cap && saved < media-less {
			t.Fatalf("%d less costs %d less", media-less, saved)
		}
	})
}

func TestCostOfImpressionsTogether(t *testing.T) {
	f := FeeRule{MarkupPPM: 500_000, DataCPM: money.Unit / 2, TechCPM: money.Unit / 10}
	for _, c := range []struct {
		media       money.Nanos
		impressions int64
		want        money.Nanos
	}{
		{2_000_000, 1, 3_600_000},
		{2_000_000, 3, 4_800_000},
		{2_000_000, 0, 3_000_000},
		{-2_000_000, -3, -4_800_000},
		{0, 2, 1_200_000},
		{1, 0, 2},
		{-1, 0, -2},
		{money.Cap, 1e12, money.Cap},
		{-money.Cap, -1e12, -money.Cap},
	} {
		if got := f.costOfSum(c.media, event.Impressions(c.impressions)*event.OneImpression); got != c.want {
			t.Errorf("%d impressions of %d cost %d, want %d", c.impressions, c.media, got, c.want)
		}
	}
}

func TestRuleInEffect(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 12, 1, hour, 0, 0, 0, time.UTC) }
	var f FeeRules
	for _, hour := range []int{8, 4, 8, 6} { // in any order
		f = f.With(FeeRule{Start: at(hour), MarkupPPM: int64(hour) * 100_000})
	}
	if len(f) != 3 {
		t.Fatalf("rules are %+v", f)
	}
	for hour, want := range map[int]money.Nanos{3: 10, 4: 14, 5: 14, 6: 16, 7: 16, 8: 18, 23: 18} {
		if got := f.Cost(10, event.OneImpression, at(hour)); got != want {
			t.Errorf("at %d: %d, want %d", hour, got, want)
		}
	}
	if got := f.Cost(10, event.OneImpression, at(4).Add(-1)); got != 10 {
		t.Errorf("before any rule: %d", got)
	}
	if up, down := f.CostOfSum(10, 9*event.OneImpression, at(4)), f.CostOfSum(-10, -9*event.OneImpression, at(8)); up != 14 || down != -18 || f.CostOfSum(-10, -9*event.OneImpression, at(3)) != -10 {
		t.Errorf("of a sum: %d and %d", up, down)
	}
	if got := f.Most(10); got != 18 {
		t.Errorf("the most is %d", got)
	}
	if n := testing.AllocsPerRun(100, func() { _ = f.Cost(10, event.OneImpression, at(7)) }); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}

func TestFeeRulesThatAreRefused(t *testing.T) {
	fine := FeeRule{EffectiveFrom: LocalTimeOf(time.Now()), MarkupPPM: MaxMarkupPPM, DataCPM: MaxFeeCPM, TechCPM: MaxFeeCPM}
	if err := fine.Validate(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*FeeRule){
		"no start":        func(f *FeeRule) { f.EffectiveFrom = LocalTime{} },
		"negative markup": func(f *FeeRule) { f.MarkupPPM = -1 },
		"large markup":    func(f *FeeRule) { f.MarkupPPM++ },
		"negative data":   func(f *FeeRule) { f.DataCPM = -1 },
		"large tech":      func(f *FeeRule) { f.TechCPM++ },
	} {
		bad := fine
		change(&bad)
		if bad.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
