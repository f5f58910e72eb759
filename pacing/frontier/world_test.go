package frontier

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

var midnight = time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)

// auction is one line of a log: what it was worth, and its price.
type auction struct {
	at           time.Time
	value, price float64 // nanos
}

// made is a day of auctions of some markets: values are heavy-tailed, prices
// log-normal about each market's own.
func made(seed uint64, n int, markets int) (log []auction, of []int) {
	r := rand.New(rand.NewPCG(seed, 7))
	for i := range n {
		k := r.IntN(markets)
		log = append(log, auction{
			at:    midnight.Add(-24*time.Hour + time.Duration(float64(24*time.Hour)*float64(i)/float64(n)) + time.Second),
			value: 2e7 * math.Exp(r.NormFloat64()),
			price: 1e6 * float64(1+k) * math.Exp(0.6*r.NormFloat64()),
		})
		of = append(of, k)
	}
	return log, of
}

func keyOf(m landscape.Mechanism, market int) landscape.Key {
	return landscape.KeyOf(landscape.Context{Exchange: 1, Currency: "USD", Mechanism: m, Place: uint64(market + 1)})
}

// model is what a learner knows after a day of the markets.
func model(t testing.TB, m landscape.Mechanism, log []auction, of []int) *landscape.Model {
	t.Helper()
	l, err := landscape.NewLearner(landscape.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range log {
		l.Exact(keyOf(m, of[i]), a.price)
	}
	for range 5 {
		l.Model(midnight)
	}
	return l.Load()
}

// meet plays a log to a new reservoir.
func meet(m landscape.Mechanism, log []auction, of []int, worth float64) *Reservoir {
	r := NewSampler(0).Of(1)
	h := rand.New(rand.NewPCG(3, 4))
	for i, a := range log {
		if hash := h.Uint32(); r.Meet(hash, a.value, a.at) {
			r.Keep(Sample{
				At: uint32(a.at.Unix()), Hash: hash, Mechanism: m, Shade: true, Context: keyOf(m, of[i]),
				Value: float32(a.value / worth), Outcomes: float32(a.value / worth), Quantity: 1, Rate: 1, Slope: 1,
			})
		}
	}
	return r
}

const testWorth = 1e9

func testTerms() Terms { return Terms{Worth: testWorth, MaxBid: money.Unit} }

func marketOf(t testing.TB, mechanism landscape.Mechanism, log []auction, of []int) *Market {
	t.Helper()
	rec, _ := meet(mechanism, log, of, testWorth).Record(midnight, model(t, mechanism, log, of))
	rec.Terms, rec.Multiplier = testTerms(), 0.5
	m := NewMarket([]Record{rec}, midnight)
	if m == nil {
		t.Fatal("no market")
	}
	return m
}

// knapsack returns the most value that a budget buys of a log in hindsight,
// counted by itself: the best ratios first, the last one in part.
func knapsack(log []auction, budget float64) (value float64) {
	all := slices.Clone(log)
	slices.SortFunc(all, func(a, b auction) int { return cmp.Compare(b.value/b.price, a.value/a.price) })
	for _, a := range all {
		if a.price > budget {
			return value + a.value*budget/a.price
		}
		budget -= a.price
		value += a.value
	}
	return value
}

func total(log []auction) (cost float64) {
	for _, a := range log {
		cost += a.price
	}
	return cost
}
