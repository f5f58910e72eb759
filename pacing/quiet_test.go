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

// TestMidnightIsSharedByAllBidders: where demand is large against the budget, the
// first second of a day finds money for as many bids of each bidder as one has that
// knows of no bids yet, at least; and before it nobody sits on tomorrow's money.
func TestMidnightIsSharedByAllBidders(t *testing.T) {
	const price, rate = 1e6, 1000
	midnight := noon.Add(12 * time.Hour)
	for _, c := range []struct {
		pace    Pace
		bidders int
		bids    money.Nanos // what the budget of a day buys
		least   int         // bids of each bidder
	}{
		{PaceASAP, 1, 2_000, firstBids},
		{PaceASAP, 4, 10_000, firstBids},
		{PaceTraffic, 16, 20_000, firstBids},
		{PaceTraffic, 16, 200_000, firstBids},
		{PaceTraffic, 16, 10_000_000, rate},
		{PaceTraffic, 4, 40, firstBids}, // a scarce one
	} {
		// Seconds of bids before midnight, and the part of tomorrow that may be granted
		// by then. Bidders that all just started do not know of each other yet; after 20 s
		// all but the largest budget of today are spent.
		for before, part := range map[int]money.Nanos{5: 4, 8: 8, 20: 8} {
			t.Run(fmt.Sprintf("pace %d, %d bidders, %d bids, %d s", c.pace, c.bidders, int64(c.bids), before), func(t *testing.T) {
				f := newFleet(t, c.bidders, c.bids*price, price)
				b := Budget{Node: 1, Daily: true, Amount: c.bids * price, Pace: c.pace}
				f.items[0].Budgets, f.ledger.limits[1] = []Budget{b}, b.Amount
				f.clock.Set(midnight.Add(-time.Duration(before+1) * time.Second))
				for f.clock.Now().Before(midnight) {
					f.step()
					at := f.clock.Now()
					most := max(b.Amount/part, money.Nanos(firstBids*c.bidders)*price)
					if got := f.ledger.outstanding(b.NodePeriod(midnight)); got > most && at.Before(midnight) {
						t.Errorf("%v before midnight bidders have %d of tomorrow's %d bids in their hands", midnight.Sub(at), got/price, int64(c.bids))
					}
					for i := range f.bidders {
						if found := f.burst(i, rate, price, b.NodePeriod(at)); at.Equal(midnight) && found < c.least {
							t.Errorf("%d bids of a bidder's first second found money, want at least %d", found, c.least)
						}
					}
				}
			})
		}
	}
}

// burst bids up to n times at once, is billed the bids at once, and returns how many
// found money.
func (f *fleet) burst(i, n int, price money.Nanos, np event.NodePeriod) (found int) {
	b := f.bidders[i]
	for range n {
		f.seq++
		id := event.NewBidID(b.Incarnation(), f.seq)
		if b.Holds().Hold(id, []event.NodePeriod{np}, price, terms, f.clock.Now()) {
			f.ledger.book(id, price, np)
			found++
		}
	}
	return found
}

// TestQuietIsNotKeptWhereMoneyIsShort: what bids wanted outlives a pause as long as
// the ledger has eight times as much left as all bidders have, and no longer.
func TestQuietIsNotKeptWhereMoneyIsShort(t *testing.T) {
	const price, rate = 1000, 100
	for left, kept := range map[money.Nanos]bool{7: false, 9: true} {
		t.Run(fmt.Sprintf("%d times as much left", int64(left)), func(t *testing.T) {
			f := newFleet(t, 1, 100_000_000*price, price)
			f.step()
			for range 30 {
				f.second(0, rate, price)
			}
			have := f.ledger.outstanding(life)
			f.set(f.ledger.booked[life]+have+left*have, price)
			for range 60 {
				f.second(0, 0, price)
			}
			if got := f.ledger.outstanding(life) == have; got != kept {
				t.Errorf("%d of %d are at hand after a minute", f.ledger.outstanding(life), have)
			}
			if lost := f.second(0, rate, price); (lost == 0) != kept {
				t.Errorf("%d of the first %d bids found no money", lost, rate)
			}
		})
	}
}

// TestDemandIsForgottenByBids: four seconds' worth of bids are forgotten by as many
// bids, half of it by half of them, however slowly these come.
func TestDemandIsForgottenByBids(t *testing.T) {
	const price, rate = 1000, 100
	for _, slow := range []int{1, 2, 5, 10} {
		f := newFleet(t, 1, 100_000_000*price, price)
		f.step()
		for range 30 {
			f.second(0, rate, price)
		}
		remembers := func() float64 { // bids a second
			return f.bidders[0].budgets.periods[life].rate * float64(time.Second) / price
		}
		for _, want := range [][2]float64{{0.45, 0.65}, {0, 0.25}} {
			for range 2 * rate / slow {
				f.second(0, slow, price)
			}
			if got := remembers() / rate; got < want[0] || got > want[1] {
				t.Errorf("%d bids a second: %.2f of the rate are remembered, want %v", slow, got, want)
			}
		}
	}
}
