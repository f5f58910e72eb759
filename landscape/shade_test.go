package landscape

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// Given prices that are even between two of the grid's edges, where the gain is a
// parabola, then the bid is at its top, not at the next edge.
func TestShadeFindsTheBestBidBetweenEdges(t *testing.T) {
	const low, bins = 200, 12
	d := &distribution{low: low, won: make([]float32, bins+1), paid: make([]float32, bins+1)}
	from, to := edgeAt[low], edgeAt[low+bins]
	for i := range d.won {
		d.won[i] = float32((edgeAt[low+i] - from) / (to - from))
	}
	p := Prices{d: d}
	for part := 1.05; part < 2; part += .01 {
		worth := from * part
		best := min(to, (worth+from)/2) // where (worth - b)(b - from) is highest
		if best >= to {
			continue
		}
		if got := p.Shade(worth, 0); got < best*.9999 || got > best*1.0001 {
			t.Errorf("of %.1f it bids %.2f, the best is %.2f", worth, got, best)
		}
	}
}

// Between edges a second-price bid pays for the prices below it, not for itself.
func TestCostBetweenEdgesIsOfThePricesBelow(t *testing.T) {
	const low = 200
	from, to := edgeAt[low], edgeAt[low+1]
	p := Prices{d: &distribution{low: low, won: []float32{0, 1}, paid: []float32{0, float32((from + to) / 2)}}}
	for _, within := range []float64{.25, .5, .75} {
		bid := from + within*(to-from)
		if got, want := p.Cost(bid), within*(from+bid)/2; math.Abs(got/want-1) > 1e-6 {
			t.Errorf("a bid of %.1f between %.1f and %.1f is expected to pay %.2f, want %.2f", bid, from, to, got, want)
		}
	}
}

// Where prices are told a bid left at its worth teaches nothing: half as many
// are, and none is explored.
func TestControlIsHalvedWherePricesAreTold(t *testing.T) {
	s, err := NewShading(ShadingConfig{})
	if err != nil {
		t.Fatal(err)
	}
	const low, draws = 200, 400_000
	for _, c := range []struct {
		told              bool
		control, explored float64
	}{{true, .001, 0}, {false, .002, .05}} {
		p := Prices{d: &distribution{low: low, won: []float32{0, 1}, paid: []float32{0, float32(edgeAt[low])}, told: c.told}}
		arms := map[Arm]float64{}
		for i := range uint64(draws) {
			arms[s.Price(Imp{Prices: p, Mechanism: FirstPrice, Worth: money.FromFloat(2 * edgeAt[low+1]), Shade: true, Draw: i * 0x9e3779b97f4a7c15}).Arm]++
		}
		if got := arms[ArmControl] / draws; math.Abs(got-c.control) > .0003 {
			t.Errorf("told %v: %.4f of the bids are control, want %.4f", c.told, got, c.control)
		}
		if got := arms[ArmExplored] / draws; math.Abs(got-c.explored) > .001 {
			t.Errorf("told %v: %.4f of the bids are explored, want %.4f", c.told, got, c.explored)
		}
	}
}

// What is read from a state was estimated before: it does not fade as if it were
// all new.
func TestLoadedStateIsNoNews(t *testing.T) {
	key := KeyOf(Context{Exchange: 1, Currency: "USD", Mechanism: SecondPrice})
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	learner := func() *Learner {
		l, err := NewLearner(Config{})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	one, two := learner(), learner()
	for i := range 5000 {
		one.Exact(key, 1e6*(1+float64(i%7)))
	}
	one.Model(now)
	if err := two.LoadState(one.AppendState(nil, 1<<20)); err != nil {
		t.Fatal(err)
	}
	two.Model(now)
	for k, c := range one.contexts {
		if got := two.contexts[k].n; math.Abs(float64(got/c.n)-1) > .01 {
			t.Errorf("level %d: of %.0f observations %.0f are left", k.level(), c.n, got)
		}
	}
}
