package landscape

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawOutcomes draws what may become of bids, in a few contexts that share
// parents.
func drawOutcomes(t *rapid.T) []Outcome {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Outcome {
		price := rapid.Float64Range(1, 1e12)
		return Outcome{
			Context: KeyOf(Context{
				Exchange: 1, Mechanism: Mechanism(rapid.IntRange(1, 3).Draw(t, "mechanism")), W: rapid.IntRange(0, 2).Draw(t, "w"),
				Place: uint64(rapid.IntRange(0, 2).Draw(t, "place")),
			}),
			Bid: price.Draw(t, "bid"), Won: rapid.Bool().Draw(t, "won"), Price: price.Draw(t, "price"),
			MinToWin: rapid.SampledFrom([]float64{0, 5, 1e6, 1e13, 3e300, math.Inf(1)}).Draw(t, "min to win"), Late: rapid.Bool().Draw(t, "late"),
		}
	}), 0, 300).Draw(t, "outcomes")
}

func learn(t require, c Config, outcomes []Outcome) *Learner {
	t.Helper()
	l, err := NewLearner(c)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range outcomes {
		l.Observe(o)
		if i%50 == 49 {
			l.Model(noon.Add(time.Duration(i) * time.Minute))
		}
	}
	l.Model(noon.Add(10 * time.Hour))
	return l
}

type require interface {
	Helper()
	Fatal(...any)
}

// Whatever was observed, F is a distribution function, the expected payment
// follows from it, and a shaded bid is within its bounds and gains no less than
// any other.
func TestPricesLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outcomes := drawOutcomes(t)
		l := learn(t, Config{}, outcomes)
		seen := map[Key]bool{}
		for _, o := range outcomes {
			if seen[o.Context] {
				continue
			}
			seen[o.Context] = true
			p := l.Load().Prices(o.Context)
			if !p.Known() {
				t.Fatal("a context that was observed is not known")
			}
			won, paid := 0.0, 0.0
			for bid := 1.0; bid < 1e13; bid *= 1.02 {
				f, c := p.WinRate(bid), p.Cost(bid)
				if !(f >= won && f <= 1) || !(c >= paid) || c > bid*f*(1+1e-5)+1e-9 {
					t.Fatalf("at %g: F is %g after %g, the cost %g after %g", bid, f, won, c, paid)
				}
				won, paid = f, c
			}
			if won != 1 {
				t.Fatalf("F ends at %g", won)
			}
			worth := rapid.Float64Range(1, 1e12).Draw(t, "worth")
			floor := rapid.Float64Range(0, 1).Draw(t, "floor") * worth
			b := p.Shade(worth, floor)
			if !(b >= floor && b <= worth) {
				t.Fatalf("of %g, at least %g, the bid is %g", worth, floor, b)
			}
			// Between edges the gain is a parabola, whose best may be in a bin
			// that was not looked into: at most a bin's width is lost.
			got := (worth - b) * p.WinRate(b)
			for other := max(floor, 1); other < worth; other *= 1.03 {
				if g := (worth - other) * p.WinRate(other/1.045); g > got*(1+1e-9)+1e-9*worth {
					t.Fatalf("of %g, at least %g, the bid %g gains %g; %g gains %g", worth, floor, b, got, other, g)
				}
			}
		}
	})
}

// With all prices times k, an octave or several, the estimate is the same with
// all prices times k.
func TestScaleEquivariance(t *testing.T) {
	m := market{rand.New(rand.NewPCG(3, 4)), 1e6, 0.8}
	k := KeyOf(Context{Exchange: 1, Mechanism: FirstPrice})
	var small, large []Outcome
	for range 3000 {
		bid, price := m.bid(), m.price()
		small = append(small, Outcome{Context: k, Bid: bid, Won: price < bid})
		large = append(large, Outcome{Context: k, Bid: 64 * bid, Won: price < bid})
	}
	a, b := learn(t, Config{}, small).Load().Prices(k), learn(t, Config{}, large).Load().Prices(k)
	for bid := 1e5; bid < 1e7; bid *= 1.1 {
		if f, g := a.WinRate(bid), b.WinRate(64*bid); math.Abs(f-g) > 1e-4 {
			t.Errorf("F(%g) is %g, with all prices times 64 %g", bid, f, g)
		}
		if f, g := a.Shade(bid, 0), b.Shade(64*bid, 0)/64; math.Abs(f-g) > 0.01*bid {
			t.Errorf("of %g the bid is %g, with all prices times 64 %g", bid, f, g)
		}
	}
}

// A thin context is n parts itself and pooled parts its parent; one that has
// next to nothing is its parent, and what nobody saw is its parent, too.
func TestThinContextsLeanOnTheirParent(t *testing.T) {
	l, err := NewLearner(Config{})
	if err != nil {
		t.Fatal(err)
	}
	at := func(place uint64) Key { return KeyOf(Context{Exchange: 1, Mechanism: SecondPrice, Place: place}) }
	for i := range 10_000 { // the parent: prices 1e6 at places that were seen often
		l.Exact(at(uint64(100+i%5)), 1e6)
	}
	for range 50 {
		l.Exact(at(1), 4e6)
	}
	for range minOwn - 1 {
		l.Exact(at(2), 4e6)
	}
	m := l.Model(noon)
	const bid = 2e6
	parent := m.Prices(at(3)).WinRate(bid)
	// place and hour each count the 50, and each has the rest of its parent
	const rest = pooled / (50. + pooled)
	if got, want := m.Prices(at(1)).WinRate(bid), parent*rest*rest; parent < 0.95 || math.Abs(got-want) > 0.01 {
		t.Errorf("a context of 50 has F = %.3f, want %.3f; its parent %.3f", got, want, parent)
	}
	if got := m.Prices(at(2)).WinRate(bid); got != parent {
		t.Errorf("a context of %d has F = %.3f, its parent %.3f", minOwn-1, got, parent)
	}
	if m.Prices(KeyOf(Context{Exchange: 2})).Local() || !m.Prices(at(3)).Local() {
		t.Error("what is known of another exchange is taken for this one's")
	}
}

// When a market moves, what was seen before it did is forgotten: by later
// observations in a busy context, by time in any.
func TestOldPricesFade(t *testing.T) {
	k := KeyOf(Context{Exchange: 1, Mechanism: SecondPrice})
	for name, c := range map[string]struct {
		config Config
		later  time.Duration
	}{
		"by observations": {Config{Memory: 1000}, 0},
		"by time":         {Config{HalfLife: time.Hour}, 3 * time.Hour},
	} {
		l, err := NewLearner(c.config)
		if err != nil {
			t.Fatal(err)
		}
		for range 3000 {
			l.Exact(k, 1e6)
		}
		l.Model(noon)
		for range 3 {
			for range 1000 {
				l.Exact(k, 2e6)
			}
			l.Model(noon.Add(c.later))
		}
		if f := l.Load().Prices(k).WinRate(1.5e6); f > 0.25 {
			t.Errorf("%s: F is still %.2f", name, f)
		}
	}
}

// What is sent is what was observed, once; and added elsewhere it makes the
// same prices, in whatever order.
func TestCountsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		outcomes := drawOutcomes(t)
		for i := range outcomes {
			outcomes[i].Late = false // what is taken back is not below none: that is not additive
		}
		half := len(outcomes) / 2
		a, b := learn(t, Config{Share: true}, outcomes[:half]), learn(t, Config{Share: true}, outcomes[half:])
		one, err := NewLearner(Config{}) // an estimate begins anew once: later ones go on from the last
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []*Learner{b, a} {
			if err := one.AddCounts(l.AppendCounts(nil)); err != nil {
				t.Fatal(err)
			}
			if more := l.AppendCounts(nil); len(more) > 0 {
				t.Fatalf("%d bytes are sent twice", len(more))
			}
		}
		both, err := NewLearner(Config{})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range outcomes {
			both.Observe(o)
		}
		got, want := one.Model(noon), both.Model(noon)
		for _, o := range outcomes {
			for bid := 1.0; bid < 1e12; bid *= 4 {
				if f, g := got.Prices(o.Context).WinRate(bid), want.Prices(o.Context).WinRate(bid); math.Abs(f-g) > 1e-3 {
					t.Fatalf("F(%g) is %g, want %g", bid, f, g)
				}
			}
		}
	})
}

// What was written down is known again, as much of it as there was room for.
func TestStateComesBack(t *testing.T) {
	m := market{rand.New(rand.NewPCG(5, 6)), 1e6, 0.5}
	at := func(place int) Key {
		return KeyOf(Context{Exchange: 1, Mechanism: FirstPrice, Place: uint64(place)})
	}
	var outcomes []Outcome
	for i := range 20_000 {
		bid, price := m.bid(), m.price()
		outcomes = append(outcomes, Outcome{Context: at(i % 50), Bid: bid, Won: price < bid, MinToWin: price})
	}
	l := learn(t, Config{}, outcomes)
	state := l.AppendState(nil, 1<<20)
	small := l.AppendState(nil, len(state)/4)
	if !bytes.HasPrefix(state, small) || len(small) < len(state)/8 {
		t.Errorf("%d of %d bytes are written where there is room for a quarter", len(small), len(state))
	}
	for name, c := range map[string]struct {
		state  []byte
		within float64
	}{"all": {state, 0.01}, "a quarter": {small, 0.15}} {
		again, err := NewLearner(Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := again.LoadState(c.state); err != nil {
			t.Fatal(err)
		}
		again.Model(noon.Add(10 * time.Hour))
		for bid := 4e5; bid < 3e6; bid *= 1.2 {
			if f, g := again.Load().Prices(at(7)).WinRate(bid), l.Load().Prices(at(7)).WinRate(bid); math.Abs(f-g) > c.within {
				t.Errorf("%s: F(%g) is %g, was %g", name, bid, f, g)
			}
		}
	}
}

// Memory is bounded: the contexts that are used least are forgotten.
func TestContextsAreBounded(t *testing.T) {
	l, err := NewLearner(Config{MaxContexts: 100})
	if err != nil {
		t.Fatal(err)
	}
	often := KeyOf(Context{Exchange: 1, Mechanism: SecondPrice, Place: 1})
	for tick := range 20 {
		for range 100 {
			l.Exact(often, 1e6)
		}
		for i := range 200 {
			l.Exact(KeyOf(Context{Exchange: 1, Mechanism: SecondPrice, Place: uint64(1000*tick + i)}), 1e6)
		}
		l.Model(noon)
	}
	if n := len(l.contexts); n > 100 {
		t.Errorf("%d contexts are kept, want at most 100", n)
	}
	if l.contexts[often.at(levelHour)] == nil || l.Load().Len() > 100 {
		t.Error("the context that is used most is forgotten, or forgotten ones are known")
	}
}

// A learner never takes from another what no version writes.
func FuzzAddCounts(f *testing.F) {
	l, err := NewLearner(Config{Share: true})
	if err != nil {
		f.Fatal(err)
	}
	l.Exact(KeyOf(Context{Exchange: 1}), 1e6)
	l.Above(KeyOf(Context{Exchange: 2}), 1e7)
	message := l.AppendCounts(nil)
	f.Add(message)
	f.Add(message[:len(message)-1])
	f.Add([]byte{2})
	f.Fuzz(func(t *testing.T, message []byte) {
		l, err := NewLearner(Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.AddCounts(message); err != nil && len(l.pending) > 0 {
			t.Fatal("counts that are refused were added")
		}
		for k, d := range l.Model(noon).known {
			for i, won := range d.won {
				if won != won || won < 0 || won > 1 || i > 0 && won < d.won[i-1] {
					t.Fatalf("F of %x is %v", k, d.won)
				}
			}
		}
	})
}

func FuzzLoadState(f *testing.F) {
	l, err := NewLearner(Config{})
	if err != nil {
		f.Fatal(err)
	}
	l.Exact(KeyOf(Context{Exchange: 1}), 1e6)
	l.Above(KeyOf(Context{Exchange: 2}), 1e7)
	l.Model(noon)
	f.Add(l.AppendState(nil, 1<<16))
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, state []byte) {
		l, err := NewLearner(Config{})
		if err != nil {
			t.Fatal(err)
		}
		if l.LoadState(state) != nil {
			return
		}
		l.Model(noon)
		again, err := NewLearner(Config{})
		if err != nil {
			t.Fatal(err)
		}
		if err := again.LoadState(l.AppendState(nil, 1<<30)); err != nil {
			t.Fatal(err)
		}
	})
}
