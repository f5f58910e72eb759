//go:build !race

package frontier_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/frontier"
)

// day is what a line item got on the last day of a run.
type day struct {
	spend, value float64
	wins         int
	market       *frontier.Market
	now          time.Time
}

const (
	simTick  = 5 * time.Minute
	simDays  = 4
	simWorth = 1e9
	simMax   = money.Unit / 50
)

// play runs the controller and the landscape of production over some days of
// the same auctions, with a budget for each day, and returns the last one.
func play(t *testing.T, mechanism landscape.Mechanism, budget money.Nanos) (out day) {
	t.Helper()
	dual, err := pacing.NewDual(pacing.DualConfig{})
	if err != nil {
		t.Fatal(err)
	}
	prices, err := landscape.NewLearner(landscape.Config{})
	if err != nil {
		t.Fatal(err)
	}
	shading, err := landscape.NewShading(landscape.ShadingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	dual.Plan([]pacing.LineItem{{ID: 1, MaxBid: simMax, Budgets: []pacing.Budget{{Node: 1, Daily: true, Amount: budget}}}})
	in := frontier.NewSampler(0).Of(1)
	counts := pacing.NewCollector()
	r := rand.New(rand.NewPCG(9, 9)) // the same auctions whatever is bid
	model := prices.Model(start)
	multipliers := dual.Step(start, pacing.Sums{})
	var booked, matured, paid money.Nanos
	var today event.Period
	for tick := range int(simDays * 24 * time.Hour / simTick) {
		now := start.Add(time.Duration(tick) * simTick)
		node := event.NodePeriod{Node: 1, Period: event.Period(20261201 + tick/int(24*time.Hour/simTick))}
		if node.Period != today {
			today, booked = node.Period, 0
			out.spend, out.value, out.wins = 0, 0, 0
		}
		n := 60 * (1 + .7*math.Sin(2*math.Pi*float64(now.Hour())/24))
		for range int(n) {
			place, value := r.IntN(3), 4e6*math.Exp(.8*r.NormFloat64())
			price := 1e6 * float64(1+place) * math.Exp(.6*r.NormFloat64())
			hash, draw := r.Uint32(), r.Uint64()
			key := landscape.KeyOf(landscape.Context{Exchange: 1, Currency: "USD", Mechanism: mechanism, Place: uint64(place + 1), Hour: now.Hour()})
			counts.Of(1).Opportunity(value)
			if in.Meet(hash, value, now) {
				in.Keep(frontier.Sample{At: uint32(now.Unix()), Hash: hash, Mechanism: mechanism, Shade: true, Context: key,
					Value: float32(value / simWorth), Outcomes: float32(value / simWorth), Quantity: 1, Rate: 1, Slope: 1, Multiplier: float32(multipliers.Of(1))})
			}
			q := shading.Price(landscape.Imp{Prices: model.Prices(key), Mechanism: mechanism, Shade: true, Draw: draw,
				Worth: landscape.Worth(value, multipliers.Of(1), simMax)})
			if q.Bid <= 0 {
				continue
			}
			expected := money.FromFloat(float64(q.Payment) * q.WinRate)
			if booked+q.Bid > budget {
				counts.Of(1).Censored(q.Bid, expected)
				continue
			}
			counts.Of(1).Bid(q.Bid, expected)
			matured += q.Bid
			o := landscape.Outcome{Context: key, Bid: float64(q.Bid), Won: price < float64(q.Bid), Price: -1, MinToWin: price}
			if o.Won {
				o.Price = float64(q.Bid)
				if mechanism == landscape.SecondPrice {
					o.Price = price
				}
				booked, paid = booked+money.FromFloat(o.Price), paid+money.FromFloat(o.Price)
				out.spend, out.value, out.wins = out.spend+o.Price, out.value+value, out.wins+1
				in.Billed(money.FromFloat(o.Price), value, now)
			}
			prices.Observe(o)
		}
		model = prices.Model(now)
		multipliers = dual.Step(now.Add(simTick), pacing.Sums{
			LineItems: counts.Take(nil),
			Nodes:     []pacing.NodeSum{{NodePeriod: node, Limit: budget, Booked: booked, Own: booked, Matured: matured, Worth: paid}},
		})
		matured, paid = 0, 0
	}
	out.now = start.AddDate(0, 0, simDays).Add(-time.Second)
	rec, _ := in.Record(out.now, model)
	text, err := new(frontier.Packer).Pack(&rec) // as it goes through SQL
	if err != nil {
		t.Fatal(err)
	}
	read, err := frontier.Unpack(1, text)
	if err != nil {
		t.Fatal(err)
	}
	read.Terms, read.Multiplier = frontier.Terms{Worth: simWorth, MaxBid: simMax}, multipliers.Of(1)
	if out.market = frontier.NewMarket([]frontier.Record{*read}, out.now); out.market == nil {
		t.Fatal("no market")
	}
	return out
}

// Given a line item that ran for some days, when the same days are run with
// twice the budget, then it gets what the frontier of the first said, within
// two and a half of the standard errors that it states, and 2 %.
func TestTwiceTheBudgetBuysWhatTheFrontierSaid(t *testing.T) {
	for name, mechanism := range map[string]landscape.Mechanism{"second": landscape.SecondPrice, "first": landscape.FirstPrice} {
		for _, budget := range []money.Nanos{2 * money.Unit, 6 * money.Unit} {
			t.Run(fmt.Sprintf("%s price, %v", name, budget), func(t *testing.T) {
				once, twice := play(t, mechanism, budget), play(t, mechanism, 2*budget)
				f := frontier.Of(once.market, frontier.Question{Budget: float64(budget), Now: once.now})
				var said frontier.WhatIf
				for _, x := range f.WhatIfs {
					if x.Budget == 2 {
						said = x
					}
				}
				t.Logf("W %.4g (error %.3f) got %.4g of the optimum %.3f; twice: said %.4g, got %.4g for %.3f of the budget; lambda %.3g, now %.3g",
					f.W.Value, f.Error, once.value, f.Got, said.Value, twice.value, twice.spend/float64(2*budget), f.Lambda, 1/f.Now.Multiplier)
				within := 2.5*f.Error + 0.02
				if off := f.W.Value/once.value - 1; math.Abs(off) > within {
					t.Errorf("W brings %.4g, the day brought %.4g: off by %.3f", f.W.Value, once.value, off)
				}
				if off := said.Value/twice.value - 1; math.Abs(off) > within {
					t.Errorf("twice the budget was to bring %.4g, it brought %.4g: off by %.3f", said.Value, twice.value, off)
				}
				gain, said2 := twice.value-once.value, said.Value-f.W.Value
				if math.Abs(said2/gain-1) > 0.15 {
					t.Errorf("the gain was to be %.4g, it is %.4g", said2, gain)
				}
				if math.Abs(f.Got-1) > within {
					t.Errorf("it got %.3f of the optimum", f.Got)
				}
			})
		}
	}
}
