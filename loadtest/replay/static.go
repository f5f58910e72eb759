package replay

import (
	"math"
	"slices"
	"sort"

	"github.com/tangent-dsp/tangent/money"
)

// static answers what the best multiplier that never moves would have been
// worth in a first-price auction, for who knows in hindsight how all of the
// day's prices were distributed. Of what an impression is worth at the
// multiplier it bids the price that gains the most. No bidder can know more
// than that before an auction, so this is the optimum where the winner pays
// its bid.
type static struct {
	auctions []Auction
	maxBid   float64
	prices   []float64 // what to bid: a line of the upper envelope each
	from     []float64 // the worth from which on each is best
	memo     map[float64][2]float64
}

func newStatic(auctions []Auction, maxBid money.Nanos) *static {
	s := &static{auctions: auctions, maxBid: float64(maxBid), memo: map[float64][2]float64{}}
	all := make([]float64, len(auctions))
	for i, a := range auctions {
		all[i] = float64(a.Price)
	}
	slices.Sort(all)
	// The gain of bidding p, F(p) (worth - p), is a line in worth; the best bids
	// are those on the upper envelope of the lines.
	var slopes []float64
	for i, p := range all {
		if i+1 < len(all) && all[i+1] == p || p > s.maxBid {
			continue
		}
		won := float64(i+1) / float64(len(all))
		for n := len(s.prices); ; n-- {
			at := p // where it begins to gain
			if n > 0 {
				at = (won*p - slopes[n-1]*s.prices[n-1]) / (won - slopes[n-1])
			}
			if n > 0 && at <= s.from[n-1] {
				continue // the one before is never the best
			}
			s.prices, s.from, slopes = append(s.prices[:n], p), append(s.from[:n], at), append(slopes[:n], won)
			break
		}
	}
	return s
}

// bid returns the best bid for what is worth so much; -1 is none. What is
// worth more than the most one may bid is worth that all the same: it is bid
// for up to the most, as long as that gains.
func (s *static) bid(worth float64) float64 {
	i := sort.Search(len(s.from), func(i int) bool { return s.from[i] > worth }) - 1
	if i < 0 {
		return -1
	}
	return s.prices[i]
}

// play returns what a multiplier of 1/lambda would have won and paid.
func (s *static) play(lambda float64) (value, cost float64) {
	for i := range s.auctions {
		a := &s.auctions[i]
		if bid := s.bid(a.Value / lambda); bid >= float64(a.Price) {
			value += a.Value
			cost += bid
		}
	}
	return value, cost
}

// at returns the most value that a budget buys, and its lambda. Between two
// multipliers, one of which costs too much, it takes the mean that costs the
// budget.
func (s *static) at(budget float64) (value, lambda float64) {
	if got, ok := s.memo[budget]; ok {
		return got[0], got[1]
	}
	low, high := 0., math.Log(1e15) // ln lambda: too cheap, dear enough
	more, moreCost := s.play(1)
	if moreCost <= budget {
		return more, 1
	}
	cost := 0.
	for range 45 {
		mid := (low + high) / 2
		if v, c := s.play(math.Exp(mid)); c > budget {
			low, more, moreCost = mid, v, c
		} else {
			high, value, cost = mid, v, c
		}
	}
	value += (more - value) * (budget - cost) / (moreCost - cost)
	lambda = math.Exp(high)
	s.memo[budget] = [2]float64{value, lambda}
	return value, lambda
}
