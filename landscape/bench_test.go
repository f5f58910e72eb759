package landscape

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// busy is a learner that knows some thousand contexts, and keys of them.
func busy(t testing.TB) (*Learner, []Key) {
	l, err := NewLearner(Config{})
	if err != nil {
		t.Fatal(err)
	}
	m := market{rand.New(rand.NewPCG(1, 1)), 1e6, 0.7}
	keys := make([]Key, 1000)
	for i := range keys {
		keys[i] = KeyOf(Context{Exchange: 1, Mechanism: FirstPrice, W: 300, H: 250, Place: uint64(i)})
		for range 30 {
			bid, price := m.bid(), m.price()
			l.Observe(Outcome{Context: keys[i], Bid: bid, Won: price < bid})
		}
	}
	for range 4 {
		l.Model(noon)
	}
	return l, keys
}

// Reading prices and making a bid of them allocates nothing.
func TestPricingAllocatesNothing(t *testing.T) {
	l, keys := busy(t)
	s, err := NewShading(ShadingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	m, i := l.Load(), 0
	var sum money.Nanos
	if n := testing.AllocsPerRun(1000, func() {
		i++
		sum += s.Price(Imp{Prices: m.Prices(keys[i%len(keys)]), Mechanism: Mechanism(1 + i%3), Worth: 2e6, Floor: 1e5, Shade: true, Draw: uint64(i)}).Bid
	}); n != 0 || sum == 0 {
		t.Errorf("a bid allocates %v times", n)
	}
}

func BenchmarkPrices(b *testing.B) {
	l, keys := busy(b)
	m, i := l.Load(), 0
	b.ReportAllocs()
	for b.Loop() {
		i++
		if !m.Prices(keys[i%len(keys)]).Known() {
			b.Fatal("not known")
		}
	}
}

// BenchmarkPrice is all that a bid asks of the landscape.
func BenchmarkPrice(b *testing.B) {
	l, keys := busy(b)
	s, err := NewShading(ShadingConfig{})
	if err != nil {
		b.Fatal(err)
	}
	for name, mechanism := range map[string]Mechanism{"first": FirstPrice, "second": SecondPrice} {
		b.Run(name, func(b *testing.B) {
			m, i := l.Load(), 0
			b.ReportAllocs()
			for b.Loop() {
				i++
				worth := money.Nanos(5e5 + float64(i%997)*4e3)
				s.Price(Imp{Prices: m.Prices(keys[i%len(keys)]), Mechanism: mechanism, Worth: worth, Floor: 1e5, Shade: true, Draw: uint64(i)})
			}
		})
	}
}

// BenchmarkModel is a tick in which a thousand bids became known.
func BenchmarkModel(b *testing.B) {
	l, keys := busy(b)
	m := market{rand.New(rand.NewPCG(1, 1)), 1e6, 0.7}
	at := noon
	b.ReportAllocs()
	for b.Loop() {
		for range 1000 {
			bid, price := m.bid(), m.price()
			l.Observe(Outcome{Context: keys[m.IntN(len(keys))], Bid: bid, Won: price < bid})
		}
		at = at.Add(time.Second)
		l.Model(at)
	}
}

// BenchmarkEstimate is that of one context: the first, and one that begins with
// the last tick's.
func BenchmarkEstimate(b *testing.B) {
	for name, first := range map[string]bool{"first": true, "again": false} {
		b.Run(name, func(b *testing.B) {
			l, keys := busy(b)
			s, at := &l.scratch, 0
			for b.Loop() {
				c := l.contexts[keys[at%len(keys)]]
				if at++; first {
					c.dist = nil
				}
				c.dist = s.estimate(c, l.parent(c.key), l.cfg.Prior)
			}
		})
	}
}
