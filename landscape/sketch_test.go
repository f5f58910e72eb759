package landscape

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Given what was learned of a market, when it is sketched and read again, then
// chance, cost and best bid are the same, but for a hair.
func TestSketchKeepsTheDistribution(t *testing.T) {
	for name, spread := range map[string]float64{"narrow": 0.05, "usual": 0.6, "wide": 2} {
		l, err := NewLearner(Config{})
		if err != nil {
			t.Fatal(err)
		}
		m := market{rand.New(rand.NewPCG(1, 2)), 1e6, spread}
		k := KeyOf(Context{Exchange: 1, Mechanism: FirstPrice, Currency: "USD"})
		for range 4000 {
			l.Exact(k, m.price())
		}
		want := l.Model(noon).Prices(k)
		text := want.AppendSketch([]byte("x"))
		got, rest, err := ReadSketch(append(text[1:], "rest"...))
		if err != nil || string(rest) != "rest" || got.Local() != want.Local() || len(text) > 500 {
			t.Fatalf("%s: %d bytes, %q, %v", name, len(text), rest, err)
		}
		for bid := 1e5; bid < 1e7; bid *= 1.07 {
			if a, b := got.WinRate(bid), want.WinRate(bid); math.Abs(a-b) > 0.005+0.02*b {
				t.Errorf("%s: F(%.0f) is %.4f, want %.4f", name, bid, a, b)
			}
			if a, b := got.Cost(bid), want.Cost(bid); math.Abs(a-b) > 0.01*bid {
				t.Errorf("%s: cost of %.0f is %.0f, want %.0f", name, bid, a, b)
			}
			gain := func(bid float64, worth float64) float64 { return (worth - bid) * want.WinRate(bid) }
			if a, b := gain(got.Shade(bid, 0), bid), gain(want.Shade(bid, 0), bid); a < 0.97*b-0.001*bid {
				t.Errorf("%s: shaded %.0f gains %.0f, want %.0f", name, bid, a, b)
			}
		}
	}
	if p, rest, err := ReadSketch(Prices{}.AppendSketch(nil)); err != nil || len(rest) > 0 || p.Known() {
		t.Errorf("nothing: %+v, %v", p, err)
	}
}

func FuzzReadSketch(f *testing.F) {
	l, _ := NewLearner(Config{})
	k := KeyOf(Context{Exchange: 1, Mechanism: SecondPrice, Currency: "USD"})
	l.Exact(k, 1e6)
	f.Add(l.Model(noon).Prices(k).AppendSketch(nil))
	f.Add([]byte{0, 0})
	f.Add([]byte{3, 2, 9, 0, 0, 1, 255, 255})
	f.Fuzz(func(t *testing.T, text []byte) {
		p, _, err := ReadSketch(text)
		if err != nil {
			return
		}
		last := 0.0
		for bid := 1.0; bid < 1e13; bid *= 3 {
			won, cost := p.WinRate(bid), p.Cost(bid)
			if !(won >= last && won <= 1) || !(cost >= 0 && cost <= bid*won*1.0001+1) {
				t.Fatalf("F(%g) = %g, cost %g", bid, won, cost)
			}
			if b := p.Shade(bid, 0); b > bid {
				t.Fatalf("%g is shaded to %g", bid, b)
			}
			last = won
		}
	})
}
