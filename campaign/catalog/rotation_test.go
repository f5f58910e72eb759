package catalog

import (
	"math"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// rotating returns a catalog with a line item of n creatives, weighted 1, 2, 3
// and so on.
func rotating(t *testing.T, r campaign.Rotation, n int) *Catalog {
	t.Helper()
	ch, _ := one()
	ch.LineItems[0].Rotation = r
	ch.Creatives = nil
	for i := range n {
		d := aCreative(event.CreativeID(i+1), 1)
		d.Weight = i + 1
		ch.Creatives = append(ch.Creatives, d)
	}
	c := newCatalog(t, 0)
	apply(t, c, ch)
	return c
}

// shown returns the creative with the highest lot.
func shown(s *Snapshot, seed uint64) event.CreativeID {
	li, _ := s.LineItem(1)
	var best event.CreativeID
	top := math.Inf(-1)
	for i := range li.Creatives {
		if lot := s.Draw(li, &li.Creatives[i], seed); lot > top {
			best, top = li.Creatives[i].ID, lot
		}
	}
	return best
}

// shares returns how often each creative is shown over many requests.
func shares(s *Snapshot) map[event.CreativeID]float64 {
	count := map[event.CreativeID]float64{}
	const requests = 40_000
	for seed := range uint64(requests) {
		count[shown(s, Mix(seed))] += 1.0 / requests
	}
	return count
}

func TestShares(t *testing.T) {
	for r, want := range map[campaign.Rotation][]float64{
		"":                       {1. / 3, 1. / 3, 1. / 3},
		campaign.RotateEven:      {1. / 3, 1. / 3, 1. / 3},
		campaign.RotateWeighted:  {1. / 6, 2. / 6, 3. / 6},
		campaign.RotateOptimised: {1. / 3, 1. / 3, 1. / 3}, // nothing is known
	} {
		got := shares(rotating(t, r, 3).Load())
		for i, share := range want {
			if math.Abs(got[event.CreativeID(i+1)]-share) > 0.012 { // 5 sigma
				t.Errorf("%q: creative %d has %.3f, want %.3f", r, i+1, got[event.CreativeID(i+1)], share)
			}
		}
	}
}

// Two nodes that know the same give the same answer; a snapshot that is in use
// does not change when more is known.
func TestTheSameRequestGivesTheSameCreative(t *testing.T) {
	a, b := rotating(t, campaign.RotateOptimised, 3), rotating(t, campaign.RotateOptimised, 3)
	seen := map[event.CreativeID]campaign.Performance{1: {Impressions: 5000, Clicks: 10}, 2: {Impressions: 5000, Clicks: 4}}
	old := a.Load()
	a.SetPerformance(seen)
	b.SetPerformance(seen)
	moved := false
	for seed := range uint64(1000) {
		if shown(a.Load(), seed) != shown(b.Load(), seed) {
			t.Fatal("two nodes disagree")
		}
		moved = moved || shown(a.Load(), seed) != shown(old, seed)
	}
	if !moved {
		t.Error("what is known changes nothing, or changed the old snapshot too")
	}
}

// Played against two click rates, the better creative gets most, and the other
// is not forgotten.
func TestOptimisedRotationFindsTheBetterCreative(t *testing.T) {
	c := rotating(t, campaign.RotateOptimised, 2)
	rates := map[event.CreativeID]float64{1: 0.002, 2: 0.008}
	seen := map[event.CreativeID]campaign.Performance{}
	world := draws(1)
	const rounds, each = 60, 1000
	for round := range uint64(rounds) {
		for i := range uint64(each) {
			id := shown(c.Load(), Mix(round*each+i))
			p := seen[id]
			p.Impressions++
			if world.uniform() < rates[id] {
				p.Clicks++
			}
			seen[id] = p
		}
		c.SetPerformance(seen)
	}
	if share := float64(seen[2].Impressions) / (rounds * each); share < 0.9 {
		t.Errorf("the better creative has %.2f of the impressions: %v", share, seen)
	}
	if seen[1].Impressions < 100 {
		t.Errorf("the other creative was hardly tried: %v", seen)
	}
}

func TestDrawDoesNotAllocate(t *testing.T) {
	c := rotating(t, campaign.RotateOptimised, 3)
	c.SetPerformance(map[event.CreativeID]campaign.Performance{1: {Impressions: 100_000, Clicks: 90}})
	s := c.Load()
	if n := testing.AllocsPerRun(200, func() { shown(s, 7) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDrawOptimised(b *testing.B) {
	ch, _ := one()
	ch.LineItems[0].Rotation = campaign.RotateOptimised
	c := newCatalog(b, 0)
	apply(b, c, ch)
	s := c.Load()
	li, _ := s.LineItem(1)
	for i := range b.N {
		s.Draw(li, &li.Creatives[0], uint64(i))
	}
}
