//go:build !race

package replay

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

// No choice of whole auctions within the budget is worth more than the
// optimum, and the optimum is worth less than the best choice and one auction
// more.
func TestOptimumBoundsEveryChoice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Auction {
			return Auction{Value: float64(rapid.IntRange(0, 50).Draw(t, "value")), Price: money.Nanos(rapid.IntRange(0, 20).Draw(t, "price"))}
		}), 1, 10).Draw(t, "auctions")
		maxBid := money.Nanos(rapid.IntRange(5, 20).Draw(t, "most"))
		budget := rapid.IntRange(0, 80).Draw(t, "budget")
		best, most := 0., 0.
		for set := range 1 << len(all) {
			cost, value := money.Nanos(0), 0.
			for i, a := range all {
				if set>>i&1 == 1 {
					cost, value = cost+a.Price, value+a.Value
					if a.Price > maxBid {
						cost = math.MaxInt32
					}
				}
				most = max(most, a.Value)
			}
			if int(cost) <= budget {
				best = max(best, value)
			}
		}
		got, lambda := newOptimum(all, maxBid).at(float64(budget))
		if got < best-1e-9 || got > best+most+1e-9 {
			t.Errorf("the optimum is %v; the best choice of whole auctions is %v", got, best)
		}
		if lambda < 0 || math.IsNaN(lambda) {
			t.Errorf("lambda is %v", lambda)
		}
	})
}

// In first price the best bid for every worth is found, and lambda spends the
// budget.
func TestStaticBidsTheBestAndSpendsTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Auction {
			return Auction{Value: float64(rapid.IntRange(1, 5000).Draw(t, "value")), Price: money.Nanos(rapid.IntRange(1, 30).Draw(t, "price"))}
		}), 1, 60).Draw(t, "auctions")
		maxBid := money.Nanos(rapid.IntRange(5, 30).Draw(t, "most"))
		s := newStatic(all, maxBid)
		won := func(bid float64) (n float64) {
			for _, a := range all {
				if float64(a.Price) <= bid {
					n++
				}
			}
			return n
		}
		worth := float64(rapid.IntRange(1, 60).Draw(t, "worth"))
		most := 0.
		for bid := range int(maxBid) + 1 {
			most = max(most, (worth-float64(bid))*won(float64(bid)))
		}
		bid := s.bid(worth)
		if gain := (worth - bid) * won(bid); bid >= 0 && gain < most-1e-9 || bid < 0 && most > 0 {
			t.Errorf("%v is bid for %v and gains %v; %v is possible", bid, worth, gain, most)
		}
		budget := float64(rapid.IntRange(1, 500).Draw(t, "budget"))
		value, lambda := s.at(budget)
		v, cost := s.play(lambda * 1.0001)
		if cost > budget+1e-9 || v > value+1e-9 {
			t.Errorf("lambda %v costs %v of %v and is worth %v; said to be %v", lambda, cost, budget, v, value)
		}
	})
}
