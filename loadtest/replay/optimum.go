package replay

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// optimum answers what the best choice in hindsight would have been worth for
// any budget: the fractional knapsack over the auctions that the most one may
// bid could win, bought by value per cost until the money is gone.
type optimum struct {
	cost, value []float64 // sums of the best n+1 auctions
	ratio       []float64 // value per cost of each: falls
}

func newOptimum(auctions []Auction, maxBid money.Nanos) *optimum {
	best := make([]Auction, 0, len(auctions))
	for _, a := range auctions {
		if a.Price <= maxBid && a.Value > 0 {
			best = append(best, a)
		}
	}
	// What costs nothing comes first.
	slices.SortFunc(best, func(a, b Auction) int {
		return cmp.Compare(b.Value*float64(a.Price), a.Value*float64(b.Price))
	})
	o := &optimum{cost: make([]float64, len(best)), value: make([]float64, len(best)), ratio: make([]float64, len(best))}
	cost, value := 0., 0.
	for i, a := range best {
		cost += float64(a.Price)
		value += a.Value
		o.cost[i], o.value[i] = cost, value
		o.ratio[i] = a.Value / max(float64(a.Price), 1e-9)
	}
	return o
}

// total returns what all of it costs.
func (o *optimum) total() float64 {
	if len(o.cost) == 0 {
		return 0
	}
	return o.cost[len(o.cost)-1]
}

// at returns the most value that a budget buys, and lambda: the value per
// cost of the last auction, where the budget line touches the curve. With
// more money than there is to buy, lambda is that of the worst auction.
func (o *optimum) at(budget float64) (value, lambda float64) {
	n := sort.Search(len(o.cost), func(i int) bool { return o.cost[i] > budget })
	if n == len(o.cost) {
		if n == 0 {
			return 0, 1
		}
		return o.value[n-1], o.ratio[n-1]
	}
	cost := 0.
	if n > 0 {
		cost, value = o.cost[n-1], o.value[n-1]
	}
	return value + (budget-cost)*o.ratio[n], o.ratio[n]
}

// tied returns how much of what is worth exactly lambda per cost a budget is
// for.
func (o *optimum) tied(budget, lambda float64) float64 {
	first := sort.Search(len(o.ratio), func(i int) bool { return o.ratio[i] <= lambda*(1+1e-12) })
	after := sort.Search(len(o.ratio), func(i int) bool { return o.ratio[i] < lambda*(1-1e-12) })
	if first == after {
		return 1
	}
	before := 0.
	if first > 0 {
		before = o.cost[first-1]
	}
	return min(1, max(0, (budget-before)/max(1, o.cost[after-1]-before)))
}

// planned returns the most value that a budget buys when each hour may spend
// its share only: what keeping to a plan costs.
func planned(auctions []Auction, maxBid money.Nanos, budget float64, shares Shape) (value float64) {
	from := 0
	for h, share := range shares {
		to := from
		for to < len(auctions) && auctions[to].At < time.Duration(h+1)*time.Hour {
			to++
		}
		v, _ := newOptimum(auctions[from:to], maxBid).at(budget * share)
		value += v
		from = to
	}
	return value
}

// hours returns the share of the auctions that each hour has.
func hours(auctions []Auction) (s Shape) {
	for i := range auctions {
		s[hour(auctions[i].At)] += 1 / float64(len(auctions))
	}
	return s
}

func hour(at time.Duration) int { return min(23, int(at/time.Hour)) }
