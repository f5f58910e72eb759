package frontier

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Given a log of 30,000 auctions, when 256 of them at most are sampled, then W
// is the knapsack's optimum of the whole log, within what it says itself.
func TestWIsTheKnapsacksOptimum(t *testing.T) {
	for seed := range uint64(4) {
		log, of := made(seed, 30_000, 3)
		m := marketOf(t, landscape.SecondPrice, log, of)
		if m.Samples < mostSamples/4 || m.Samples > mostSamples {
			t.Fatalf("%d samples", m.Samples)
		}
		if math.Abs(m.Met/30_000-1) > 0.06 {
			t.Fatalf("a day has %.0f opportunities", m.Met)
		}
		for _, fraction := range []float64{1. / 32, 1. / 8, 1. / 4, 1. / 2} {
			budget := fraction * total(log)
			f := Of(m, Question{Budget: budget, Now: midnight})
			want := knapsack(log, budget)
			if f.Error <= 0 || f.Error > 0.25 {
				t.Errorf("seed %d, 1/%.0f: error %.3f", seed, 1/fraction, f.Error)
			}
			if off := math.Abs(f.W.Value/want - 1); off > 3*f.Error+0.03 {
				t.Errorf("seed %d, 1/%.0f: W has %.4g, the knapsack %.4g, off by %.3f, error %.3f", seed, 1/fraction, f.W.Value, want, off, f.Error)
			}
			if math.Abs(f.W.Spend/budget-1) > 1e-9 {
				t.Errorf("W spends %.4g of %.4g", f.W.Spend, budget)
			}
		}
	}
}

func TestCurveRisesAndFlattens(t *testing.T) {
	for _, mechanism := range []landscape.Mechanism{landscape.FirstPrice, landscape.SecondPrice, landscape.FixedPrice} {
		rapid.Check(t, func(t *rapid.T) {
			seed := rapid.Uint64().Draw(t, "seed")
			m := drawn(t, mechanism, seed)
			c := m.Curve(m.Terms)
			for i := 1; i < len(c.Points); i++ {
				a, b := c.Points[i-1], c.Points[i]
				if b.Spend <= a.Spend || b.Value <= a.Value {
					t.Fatalf("it falls from %+v to %+v", a, b)
				}
				if i > 1 && slope(a, b) > slope(c.Points[i-2], a)*(1+1e-9) {
					t.Fatalf("it is not concave at %+v", a)
				}
			}
			if len(c.Points) == 1 {
				return
			}
			budget := c.Most().Spend * rapid.Float64Range(0.01, 2).Draw(t, "budget")
			f := Of(m, Question{Budget: budget, Now: midnight})
			if want := min(budget, c.Most().Spend); math.Abs(f.W.Spend-want) > 1e-6*want {
				t.Fatalf("W spends %.6g, want %.6g", f.W.Spend, want)
			}
			// Bidding as W says spends about that, and never gets more than the
			// curve says, but for a sample's share between two of its multipliers.
			most := c.Most().Value
			if p := m.Day(m.Terms, f.W.Multiplier); p.Value > c.At(p.Spend).Value+(0.02+1/float64(m.Samples))*most {
				t.Fatalf("above the curve: %+v, where that has %+v", p, c.At(p.Spend))
			}
			// A larger budget never buys less, and each unit of it no more.
			last := f.W
			for _, x := range []float64{1.2, 3} {
				p := c.At(x * budget)
				if p.Value < last.Value*(1-1e-9) {
					t.Fatalf("%.1f of the budget buys less: %+v, %+v", x, p, last)
				}
				last = p
			}
		})
	}
}

// drawn is a small market of its own making: any floors, rivals and prices.
func drawn(t *rapid.T, mechanism landscape.Mechanism, seed uint64) *Market {
	log, of := made(seed, 300, 2)
	prices := []landscape.Prices{{}, sharedModel.Prices(keyOf(landscape.SecondPrice, 0)), sharedModel.Prices(keyOf(landscape.SecondPrice, 1))}
	rec := Record{At: midnight, Since: midnight.Add(-Span * 3600e9), Terms: testTerms(), Multiplier: 0.3}
	rec.Terms.MaxBid = money.Nanos(rapid.Int64Range(1e5, 1e8).Draw(t, "max bid"))
	n := rapid.IntRange(1, 60).Draw(t, "samples")
	for i := range n {
		a := log[i]
		s := Sample{
			At: uint32(a.at.Unix()) + 7200, Mechanism: mechanism, Shade: i%3 > 0, Value: float32(a.value / testWorth),
			Outcomes: 1, Quantity: 1, Rate: 1, Slope: 1.1, Level: uint8(i % 3),
		}
		if i%4 == 0 {
			s.Floor = float32(a.price / 3)
		}
		if i%7 == 0 {
			s.Rival = float32(a.price / 4)
		}
		if mechanism == landscape.FixedPrice {
			s.Floor = float32(a.price)
		}
		rec.Samples, rec.Prices = append(rec.Samples, s), append(rec.Prices, prices[of[i]%3])
	}
	rec.Hours = []Hour{{Hour: midnight.Unix()/3600 - 3, Met: int64(10 * n)}}
	return NewMarket([]Record{rec}, midnight)
}

var sharedModel = func() *landscape.Model {
	l, _ := landscape.NewLearner(landscape.Config{})
	log, of := made(5, 5000, 2)
	for i, a := range log {
		l.Exact(keyOf(landscape.SecondPrice, of[i]), a.price)
	}
	return l.Model(midnight)
}()

// Twice the prices, values, bids and budget: the same auctions are won.
func TestCurveScalesWithTheCurrency(t *testing.T) {
	log, of := made(1, 5000, 2)
	twice := make([]auction, len(log))
	for i, a := range log {
		twice[i] = auction{a.at, 2 * a.value, 2 * a.price}
	}
	a := marketOf(t, landscape.SecondPrice, log, of)
	b := marketOf(t, landscape.SecondPrice, twice, of)
	budget := total(log) / 8
	x := Of(a, Question{Budget: budget, Now: midnight}).W
	y := Of(b, Question{Budget: 2 * budget, Now: midnight}).W
	if math.Abs(y.Value/x.Value/2-1) > 0.01 || math.Abs(y.Impressions/x.Impressions-1) > 0.01 || math.Abs(y.Multiplier/x.Multiplier-1) > 0.03 {
		t.Errorf("%+v, twice: %+v", x, y)
	}
}

// TestTheMaximumBidBoundsWhatIsBid: where it cuts what an impression is worth,
// less is shaded, as the bidder does, see landscape.Imp.
func TestTheMaximumBidBoundsWhatIsBid(t *testing.T) {
	log, of := made(5, 4000, 1)
	m := marketOf(t, landscape.FirstPrice, log, of)
	terms := testTerms()
	terms.MaxBid = 3 * money.Unit / 1000
	l := m.lots[0]
	l.Floor, l.Rival, l.Rate, l.Shade = 0, 0, 1, true
	value := float64(l.Value) * terms.Worth
	at := func(times float64) Point { return m.expect(&l, terms, times*float64(terms.MaxBid)/value) }
	once, much := at(1), at(20)
	if much.Impressions <= once.Impressions*1.01 || much.Spend <= once.Spend {
		t.Errorf("worth 20 times the maximum bid it wins %v for %v, worth that bid %v for %v", much.Impressions, much.Spend, once.Impressions, once.Spend)
	}
}
