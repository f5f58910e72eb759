//go:build !race

package replay

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/tangent-dsp/tangent/money"
)

// honest are the policies that may not know what comes.
var honest = []Policy{Tangent, Dual, PID, Throttle, Fixed, Constant}

// lambdas plays a case whose today and notices were changed, and returns what
// the policy published and bid.
func lambdas(t *testing.T, p Policy, change func(*flight)) outcome {
	t.Helper()
	return lambdasOf(t, Second, p, change)
}

func lambdasOf(t *testing.T, m Mechanism, p Policy, change func(*flight)) outcome {
	t.Helper()
	j := small(t, "heavy", p, func(c *Config) { c.Mechanisms = []Mechanism{m} })
	f := j.flight()
	k := j.known(f)
	s, err := j.tune(context.Background(), k)
	if err != nil {
		t.Fatal(err)
	}
	f.days[1].auctions = slices.Clone(f.days[1].auctions)
	change(f)
	f.strategy = func(n int) (strategy, error) { return j.strategy(f, k, s, n) }
	out, err := f.play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return out[1]
}

// Nobody knows what comes, nor how much: a day that is another from noon on is
// the same before.
func TestNoPolicySeesTheFuture(t *testing.T) {
	for _, p := range honest {
		t.Run(string(p), func(t *testing.T) {
			same := lambdas(t, p, func(*flight) {})
			other := lambdas(t, p, func(f *flight) {
				a := f.days[1].auctions
				noon := slices.IndexFunc(a, func(a Auction) bool { return a.At >= halfTime })
				for i := range a[noon:] {
					a[noon+i].Price *= 3
					a[noon+i].Value /= 7
				}
				f.days[1].auctions = a[:len(a)-noon/2]
			})
			n := len(same.lambda) / 2
			if !alike(same.lambda[:n], other.lambda[:n]) {
				t.Error("what happens in the afternoon changed the morning")
			}
			if p == Tangent && slices.Equal(same.lambda[n:], other.lambda[n:]) {
				t.Error("the afternoon changed, and nobody noticed: the test sees nothing")
			}
		})
	}
}

// Prices of lost auctions stay hidden where no exchange tells them.
func TestNoPolicySeesPricesThatItDidNotWin(t *testing.T) {
	for _, p := range honest {
		t.Run(string(p), func(t *testing.T) {
			const high = 7 * money.Unit
			a := lambdas(t, p, func(f *flight) { raise(f, f.maxBid+1) })
			b := lambdas(t, p, func(f *flight) { raise(f, high) })
			if !alike(a.lambda, b.lambda) || a.value != b.value || a.bids != b.bids {
				t.Error("the height of prices that nobody won changed the day")
			}
		})
	}
}

// Who bids at first price and is told nothing but its wins knows neither what
// would have won nor by how much it did.
func TestNoPolicyIsToldPricesOfFirstPrice(t *testing.T) {
	for _, p := range honest {
		t.Run(string(p), func(t *testing.T) {
			play := func(lost, won money.Nanos) outcome {
				return lambdasOf(t, FirstCensored, p, func(f *flight) {
					raise(f, lost)
					for i := 1; i < len(f.days[1].auctions); i += 2 {
						f.days[1].auctions[i].Price = won
					}
				})
			}
			a, b := play(money.Unit, 1), play(7*money.Unit, 200_000)
			if !alike(a.lambda, b.lambda) || math.Abs(a.cost-b.cost) > 1e-3*a.cost || a.wins == 0 {
				t.Errorf("prices that nobody was told changed the day: %v and %v spent on %d and %d wins", a.cost, b.cost, a.wins, b.wins)
			}
		})
	}
}

// alike says whether they are the same to a part in ten thousand: the order in which what is
// learned is added up is not fixed, and the controller carries its rounding on.
func alike(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= 1e-4*math.Abs(x) })
}

// raise puts every second price out of reach.
func raise(f *flight, to money.Nanos) {
	for i := range f.days[1].auctions {
		if i%2 == 0 {
			f.days[1].auctions[i].Price = to
		}
	}
}

// What was won is known by its notices alone: while they are under way, a day
// on which all is won is the same as one on which nothing is.
func TestNoPolicySeesMoneyBeforeItsNotice(t *testing.T) {
	for _, p := range honest {
		t.Run(string(p), func(t *testing.T) {
			today := func(price money.Nanos) outcome {
				return lambdas(t, p, func(f *flight) {
					for i := range f.days[1].auctions {
						f.days[1].auctions[i].Price = price
					}
					f.notices = Notices{Deadline: 50, NoWin: true, Bill: 1e12} // also yesterday's: nobody knows anything
				})
			}
			won, lost := today(0), today(money.Unit)
			if won.wins == 0 || lost.wins != 0 {
				t.Fatalf("%d and %d auctions were won; want some and none", won.wins, lost.wins)
			}
			if !alike(won.lambda, lost.lambda) || won.bids != lost.bids || won.censored != lost.censored {
				t.Error("what was won showed before any notice came")
			}
		})
	}
}

// The guard is the same for all: nobody overspends, whatever it wants.
func TestEveryPolicyBidsBehindTheGuard(t *testing.T) {
	for _, p := range append(honest, Hindsight) {
		o := lambdas(t, p, func(f *flight) { f.notices.Bill = 0 })
		if o.overrun != 0 {
			t.Errorf("%s overspent %v", p, o.overrun)
		}
	}
	j := small(t, "steady", Constant, nil)
	f := j.flight()
	f.notices.Bill = 0
	greedy := Constant.strategy(j.known(f), setting{x: float64(f.maxBid)})
	f.strategy = func(int) (strategy, error) { return greedy, nil }
	out, err := f.play(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if out[1].overrun != 0 || out[1].censored == 0 {
		t.Errorf("who bids the most on all overspent %v, and the guard dropped %d bids; want none, and many", out[1].overrun, out[1].censored)
	}
}

// Tuning takes yesterday alone.
func TestBaselinesAreTunedOnYesterday(t *testing.T) {
	for _, p := range []Policy{Dual, PID, Throttle, Constant} {
		j := small(t, "drift", p, nil)
		k := j.known(j.flight())
		one, err := j.tune(context.Background(), k)
		if err != nil || one.name == "" {
			t.Fatalf("%s: chose %q, %v", p, one.name, err)
		}
		j.days[1].auctions = j.days[1].auctions[:10]
		two, err := j.tune(context.Background(), k)
		if err != nil || one != two {
			t.Errorf("%s: %q was chosen, and %q when today was another: %v", p, one.name, two.name, err)
		}
	}
}
