package landscape

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// market draws log-normal prices about an amount, and bids around them.
type market struct {
	*rand.Rand
	middle, spread float64
}

func (m market) price() float64 { return m.middle * math.Exp(m.NormFloat64()*m.spread) }
func (m market) bid() float64   { return m.middle * math.Exp(m.NormFloat64()*0.5) }

// rate is the true F.
func (m market) rate(bid float64) float64 {
	return math.Erfc(-math.Log(bid/m.middle)/m.spread/math.Sqrt2) / 2
}

// Given a market whose prices are known to the test, when bids are observed as
// each kind of exchange tells of them, then the estimate comes to the truth.
func TestEstimateConvergesUnderEachCensoring(t *testing.T) {
	for _, c := range []struct {
		name      string
		mechanism Mechanism
		told      bool // MIN_TO_WIN
		within    float64
	}{
		{"first price, MIN_TO_WIN", FirstPrice, true, 0.012},
		{"second price", SecondPrice, false, 0.012},
		{"first price, censored", FirstPrice, false, 0.03},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := NewLearner(Config{})
			if err != nil {
				t.Fatal(err)
			}
			m := market{rand.New(rand.NewPCG(1, 2)), 1e6, 0.6}
			k := KeyOf(Context{Exchange: 1, Mechanism: c.mechanism, Currency: "USD"})
			for tick := range 50 {
				for range 400 {
					bid, price := m.bid(), m.price()
					o := Outcome{Context: k, Bid: bid, Won: price < bid, Price: -1}
					if o.Won && c.mechanism == SecondPrice {
						o.Price = price
					}
					if c.told {
						o.MinToWin = price
					}
					l.Observe(o)
				}
				l.Model(noon.Add(time.Duration(tick) * time.Second))
			}
			p := l.Model(noon.Add(time.Minute)).Prices(k)
			for bid := 4e5; bid < 2.5e6; bid *= 1.1 {
				if got, want := p.WinRate(bid), m.rate(bid); math.Abs(got-want) > c.within {
					t.Errorf("F(%.0f) is %.3f, want %.3f", bid, got, want)
				}
			}
		})
	}
}
