package pacing

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// fleet is some bidders on one ledger that share a budget.
type fleet struct {
	t       *testing.T
	clock   *clock.Manual
	ledger  *memLedger
	bidders []*Pacer
	seq     uint64
	items   []LineItem
	version uint64
}

func newFleet(t *testing.T, bidders int, limit, maxBid money.Nanos) *fleet {
	f := &fleet{t: t, clock: clock.NewManual(noon), ledger: newMemLedger()}
	f.ledger.fleet = true
	f.set(limit, maxBid)
	for range bidders {
		p, err := New(context.Background(), Config{
			Name: "any", Ledger: f.ledger, Clock: f.clock, LineItems: func() (uint64, []LineItem) { return f.version, f.items },
		})
		if err != nil {
			t.Fatal(err)
		}
		f.bidders = append(f.bidders, p)
	}
	return f
}

func (f *fleet) set(limit, maxBid money.Nanos) {
	f.ledger.limits[life.Node] = limit
	f.items = []LineItem{{ID: 1, MaxBid: maxBid, Budgets: []Budget{{Node: life.Node, Amount: limit}}}}
	f.version++
}

// step is a second of everybody.
func (f *fleet) step() {
	f.t.Helper()
	f.clock.Advance(time.Second)
	for _, b := range f.bidders {
		if err := b.Step(context.Background()); err != nil {
			f.t.Fatal(err)
		}
	}
}

// bid bids once and is billed the bid at once.
func (f *fleet) bid(i int, price money.Nanos) bool {
	f.seq++
	b := f.bidders[i]
	id := event.NewBidID(b.Incarnation(), f.seq)
	if !b.Holds().Hold(id, []event.NodePeriod{life}, price, terms, f.clock.Now()) {
		return false
	}
	if over := f.ledger.book(id, price, life); over != 0 {
		f.t.Errorf("%d were booked beyond the budget", over)
	}
	return true
}

// TestBudgetsOfAnySizeAreSpentByAnyFleet: whoever has the traffic gets the
// money within seconds, however little there is of it.
func TestBudgetsOfAnySizeAreSpentByAnyFleet(t *testing.T) {
	const price = 1000
	for _, impressions := range []money.Nanos{1, 2, 7, 40, 1000, 20_000} {
		for _, n := range []int{1, 2, 16} {
			for _, busy := range []int{1, n} {
				t.Run(fmt.Sprint(impressions, " impressions, ", busy, " of ", n, " busy"), func(t *testing.T) {
					// given bidders that all started, and bids at half of the maximum
					limit := impressions * price
					f := newFleet(t, n, limit, 2*price)
					f.step()
					// when the last ones have traffic: a hundredth of the budget a second
					perTick := max(1, int(impressions)/100/busy)
					seconds := 0
					for ; seconds < 150 && f.ledger.booked[life] < limit; seconds++ {
						for i := n - busy; i < n; i++ {
							for range perTick {
								f.bid(i, price)
							}
						}
						f.step()
					}
					// then it is all spent soon after the traffic could have spent it
					if got := f.ledger.booked[life]; got != limit {
						t.Errorf("%d of %d were spent in %d s", got, limit, seconds)
					}
					if most := min(int(impressions), 100) + 30; seconds > most {
						t.Errorf("it took %d s, want at most %d", seconds, most)
					}
				})
			}
		}
	}
}

// TestRareBidsFindMoney: a bid now and then on a budget of a few impressions
// must not come each time just after the money went back.
func TestRareBidsFindMoney(t *testing.T) {
	for _, every := range []int{2, 5, 30, 120} {
		f := newFleet(t, 2, 3000, 2000)
		f.step()
		for range 20 {
			f.bid(0, 1000)
			for range every {
				f.step()
			}
		}
		if got := f.ledger.booked[life]; got != 3000 {
			t.Errorf("a bid every %d s: %d of 3000 were spent", every, got)
		}
	}
}

func TestIdleBiddersGiveBackWithinSeconds(t *testing.T) {
	f := newFleet(t, 16, 100_000, 1000)
	f.step()
	if got := f.ledger.outstanding(life); got < 16*4000 {
		t.Fatalf("%d are in hands after the start, want a handful of bids for each", got)
	}
	for range 10 {
		f.step()
	}
	if got := f.ledger.outstanding(life); got > 0 {
		t.Errorf("%d are still in the hands of idle bidders", got)
	}
	grants := f.ledger.wanted
	for range 100 {
		f.step()
	}
	if f.ledger.wanted != grants {
		t.Errorf("idle bidders asked for money %d times", f.ledger.wanted-grants)
	}
}

func TestSlicesFollowTheRate(t *testing.T) {
	f := newFleet(t, 2, 1_000_000_000, 1000)
	f.step()
	for range 20 {
		for range 50 {
			f.bid(1, 1000)
		}
		f.step()
	}
	idle, busy := f.bidders[0].Holds().Account(life), f.bidders[1].Holds().Account(life)
	if busy.Available < 100_000 || busy.Available > 1_000_000 {
		t.Errorf("50 bids a second have %d at hand, want about three seconds' worth", busy.Available)
	}
	if idle.Available < 1000 || idle.Available > 8000 {
		t.Errorf("the idle bidder has %d at hand, want a few bids", idle.Available)
	}
	if busy.Refused > 200_000 {
		t.Errorf("%d were refused before the slice was right", busy.Refused)
	}
}

func TestCrumbsAreMadeWhole(t *testing.T) {
	// given 16 bidders that each want 1000 of a budget of 16 times 700
	f := newFleet(t, 16, 16*700, 1000)
	for i, b := range f.bidders {
		g, err := f.ledger.Grant(context.Background(), b.Incarnation(), []Want{{life, 700}})
		if err != nil {
			t.Fatal(err)
		}
		b.Holds().Grant(life, g[0].Amount)
		b.Holds().Extend(noon.Add(time.Hour))
		f.bid(i, 1000)
	}
	for range 20 {
		for i := range f.bidders {
			f.bid(i, 1000)
		}
		f.step()
	}
	if got := f.ledger.booked[life]; got != 11_000 {
		t.Errorf("%d were spent, want 11 bids", got)
	}
}

func TestACutGoesBackAndARaiseComesAtOnce(t *testing.T) {
	f := newFleet(t, 2, 1_000_000, 1000)
	for range 5 {
		for range 50 {
			f.bid(0, 1000)
		}
		f.step()
	}
	spent := f.ledger.booked[life]
	f.set(spent/2, 1000)
	f.step()
	if got := f.ledger.outstanding(life); got != 0 {
		t.Errorf("%d are in hands a second after the cut below what is spent", got)
	}
	if f.bid(0, 1000) {
		t.Error("a bid left after the cut")
	}
	f.step()
	f.set(1_000_000, 1000)
	f.step()
	if !f.bid(0, 1000) {
		t.Error("no bid left a second after the raise")
	}
	// A cut to a little above what is spent leaves that little.
	f.set(f.ledger.booked[life]+1500, 1000)
	f.step()
	f.step()
	if got := f.ledger.booked[life] + f.ledger.outstanding(life); got > f.ledger.limits[life.Node] {
		t.Errorf("%d are booked or in hands of %d", got, f.ledger.limits[life.Node])
	}
}

func TestTwoTicksInARowAreNoRate(t *testing.T) {
	f := newFleet(t, 1, 1_000_000_000, 1000)
	f.step()
	f.bid(0, 1000)
	f.clock.Advance(time.Nanosecond)
	if err := f.bidders[0].Step(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := f.ledger.outstanding(life); got > 8000 {
		t.Errorf("%d are in hands after one bid of 1000", got)
	}
}

// A bidder that has little at hand of a budget with much to spend goes on by
// what its bids are expected to cost.
func TestABudgetIsStrictByWhatIsLeftOfIt(t *testing.T) {
	n := &budget{Budget: Budget{Node: life.Node}, maxBid: 1000}
	for booked, strict := range map[money.Nanos]bool{0: false, 90_000: false, 90_001: true, 100_000: true} {
		// given that all that is not booked is in the hands of others
		s := &standing{known: true, last: Grant{NodePeriod: life, Limit: 100_000, Booked: booked, Outstanding: 100_000 - booked}}
		if got := n.strict(s, 10); got != strict {
			t.Errorf("with %d of 100 bids booked it is strict: %v", booked/1000, got)
		}
	}
}

// sharing is a controller that knows its part.
type sharing struct {
	Controller
	part float64
}

func (s sharing) Share(event.NodeID) float64 { return s.part }

// The last of a budget lies with bidders as the traffic does: who has more
// than its part gives it to who has less.
func TestTheLastOfABudgetIsShared(t *testing.T) {
	const price = 1000
	// given that the first bidder has taken all that there is
	f := newFleet(t, 4, 6*price, price)
	for _, b := range f.bidders {
		b.cfg.Controller = sharing{b.cfg.Controller, .25}
	}
	for range 4 {
		// when everybody bids, and wins nothing
		for i, b := range f.bidders {
			f.seq++
			id := event.NewBidID(b.Incarnation(), f.seq)
			if b.Holds().Hold(id, []event.NodePeriod{life}, price, terms, f.clock.Now()) {
				b.Holds().Lost(id, f.clock.Now())
			} else if i == 0 && f.seq > 4 {
				t.Error("the first bidder has nothing left")
			}
		}
		f.step()
	}
	// then each has its part
	for i, b := range f.bidders {
		if got := b.Holds().Account(life).Available; got < 1200 || got > 1900 {
			t.Errorf("bidder %d has %d at hand, want about 1500", i, got)
		}
	}
}

// Given showings that count for a hundred impressions each, as on a screen in a
// station, then a budget of one of them buys it, as one of a single impression
// does, and one of few holds them in full, as it does those.
func TestAShowingMayCostMoreThanTheHighestBid(t *testing.T) {
	const showing = 100 * 20e6 // 20e6 is the most for an impression
	s := newStage(t, showing, dailyItem(1, showing))
	s.step()
	held := false
	for seq := uint64(1); seq <= 3 && !held; seq++ {
		held = s.hold(seq, showing, today)
		s.clock.Advance(time.Second)
		s.step()
	}
	if !held {
		t.Errorf("a budget of one showing cannot buy it: %+v", s.Holds().Account(today))
	}

	s = newStage(t, 9*showing, dailyItem(1, 9*showing))
	s.step()
	for seq := uint64(1); seq <= 3; seq++ {
		s.hold(seq, showing, today)
		s.clock.Advance(time.Second)
		s.step()
	}
	open := s.Holds().Open()
	s.clock.Advance(terms.Horizon / 2)
	s.step()
	s.step()
	if a := s.Holds().Account(today); open == 0 || a.Held != money.Nanos(open)*showing {
		t.Errorf("of nine showings %d are open after the win deadline, and %v is held", open, a.Held)
	}
}

// A budget that has far more at hand than it should gives what is too much back; a
// little more is kept, as it will be wanted again.
func TestFarTooMuchGoesBack(t *testing.T) {
	b := newBudgets()
	s := b.of(life)
	s.running, s.target = true, 100
	for have, want := range map[money.Nanos]int{400: 0, 401: 1} {
		s.account.Available = have
		if keep := b.surplus(); len(keep) != want || want > 0 && keep[0].Amount != 100 {
			t.Errorf("of %d at hand where 100 should be %v is kept", have, keep)
		}
	}
}

// Young bids are expected to cost half of their price until bids have matured, and
// then what those came to.
func TestYoungBidsCostWhatMaturedOnesDid(t *testing.T) {
	for _, c := range []struct{ matured, worth, want money.Nanos }{{0, 0, 10 + 500}, {800_000, 80_000, 10 + 144}} {
		a := Account{Pending: 10, Young: 1000, Matured: c.matured, Worth: c.worth}
		if got := a.expected(); got != c.want {
			t.Errorf("%d of %d matured: %d are expected, want %d", c.worth, c.matured, got, c.want)
		}
	}
}
