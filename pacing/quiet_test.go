package pacing

import (
	"fmt"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// second is a second in which a bidder bids n times, one after the other, and
// returns how many found no money.
func (f *fleet) second(i, n int, price money.Nanos) (censored int) {
	f.t.Helper()
	for range n {
		if !f.bid(i, price) {
			censored++
		}
	}
	f.step()
	return censored
}

// TestQuietCostsNoBids: traffic that comes back finds the money that it had,
// however long it was away, and whether a bid came now and then or none.
func TestQuietCostsNoBids(t *testing.T) {
	const price, rate = 1000, 100
	for _, quiet := range []int{5, 15, 60, 600, 3600} {
		for _, every := range []int{0, 1, 30} {
			if every > 0 && quiet/every > rate {
				continue // so many tell that traffic has changed
			}
			t.Run(fmt.Sprintf("%d s, a bid every %d", quiet, every), func(t *testing.T) {
				f := newFleet(t, 1, 100_000_000*price, price)
				f.step()
				for range 30 {
					f.second(0, rate, price)
				}
				for at := range quiet {
					n := 0
					if every > 0 && at%every == 0 {
						n = 1
					}
					f.second(0, n, price)
				}
				if got := f.second(0, rate, price); got > 0 {
					t.Errorf("%d of the first %d bids found no money", got, rate)
				}
			})
		}
	}
}

// TestQuietStrandsNoMoney: sixteen bidders had traffic, and one has all of it
// from then on: what the others keep for theirs goes back before it is missed
// for long.
func TestQuietStrandsNoMoney(t *testing.T) {
	const price, rate, bidders = 1000, 40, 16
	for _, left := range []int{5, 20, 60, 200, 600} { // seconds of all traffic
		t.Run(fmt.Sprint(left, " s left"), func(t *testing.T) {
			limit := money.Nanos(20+left) * rate * bidders * price
			f := newFleet(t, bidders, limit, price)
			f.step()
			for range 20 {
				for i := range bidders {
					for range rate {
						f.bid(i, price)
					}
				}
				f.step()
			}
			seconds, lost := 0, 0
			var most money.Nanos
			for ; seconds < 3*left+120 && f.ledger.booked[life] < limit; seconds++ {
				if n := f.second(bidders-1, rate*bidders, price); n > 0 {
					lost += n
					mine := f.bidders[bidders-1].Holds().Account(life)
					most = max(most, f.ledger.outstanding(life)-mine.Available)
				}
			}
			t.Logf("it took %d s; %d bids found no money, while others had up to %d at hand", seconds, lost, most/price)
			if got := f.ledger.booked[life]; got != limit || seconds > left+12 {
				t.Errorf("%d of %d were spent in %d s", got, limit, seconds)
			}
		})
	}
}

// TestMidnightCostsNoBids: the first second of a day finds money for as many bids
// as came in the last of the day before.
func TestMidnightCostsNoBids(t *testing.T) {
	const price, rate = 1e6, 100
	item := LineItem{ID: 1, MaxBid: price, Budgets: []Budget{{Node: 1, Daily: true, Amount: 1e8 * price}}}
	s := newStage(t, item.Budgets[0].Amount, item)
	midnight := noon.Add(12 * time.Hour)
	s.clock.Set(midnight.Add(-20 * time.Second))
	s.step()
	seq := uint64(0)
	for at := s.clock.Now(); !at.After(midnight); at = s.clock.Now() {
		np := item.Budgets[0].NodePeriod(at)
		censored := 0
		for range rate {
			if seq++; !s.hold(seq, price, np) {
				censored++
			}
			s.ledger.book(event.NewBidID(s.Incarnation(), seq), 1, np)
		}
		if censored > 0 && at == midnight {
			t.Errorf("%d of the first %d bids of the day found no money", censored, rate)
		}
		s.clock.Advance(time.Second)
		s.step()
	}
}
