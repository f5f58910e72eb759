package pacing

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// stage is a pacer on a ledger in memory.
type stage struct {
	*Pacer
	t      *testing.T
	clock  *clock.Manual
	ledger *memLedger
	items  []LineItem
	turn   uint64
}

func newStage(t *testing.T, amount money.Nanos, items ...LineItem) *stage {
	s := &stage{t: t, clock: clock.NewManual(noon), ledger: newMemLedger(), items: items}
	for _, li := range items {
		for _, b := range li.Budgets {
			s.ledger.limits[b.Node] = amount
		}
	}
	var err error
	s.Pacer, err = New(context.Background(), Config{
		Name: "a", Ledger: s.ledger, Clock: s.clock, Registerer: prometheus.NewRegistry(),
		LineItems: func() (uint64, []LineItem) { return s.turn, s.items },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *stage) step() {
	s.t.Helper()
	if err := s.Step(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) hold(seq uint64, price money.Nanos, n event.NodePeriod) bool {
	return s.Holds().Hold(event.NewBidID(s.Incarnation(), seq), []event.NodePeriod{n}, price, terms, s.clock.Now())
}

// today is the budget that dailyItem(1, ...) bids hold against at noon.
var today = event.NodePeriod{Node: 1, Period: day}

func TestNothingIsSpentBeforeTheLedgerAnswers(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	if s.Ready() || s.hold(1, 1, today) {
		t.Error("money was spent before the first grant")
	}
	s.step()
	if !s.Ready() || !s.hold(1, 20e6, today) {
		t.Error("nothing can be spent after the first grant")
	}
}

func TestAnOutageEndsSpendingWithTheLease(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	s.step()
	s.ledger.down = true
	s.clock.Advance(29 * time.Second)
	if err := s.Step(context.Background()); !errors.Is(err, errDown) {
		t.Fatalf("step during the outage: %v", err)
	}
	if !s.Ready() || !s.hold(1, 1e6, today) {
		t.Error("spending stopped within the lease")
	}
	s.clock.Advance(time.Second)
	if s.Ready() || s.hold(2, 1e6, today) {
		t.Error("spending went on after the lease")
	}
	s.ledger.down = false
	s.step()
	if !s.Ready() || !s.hold(3, 1e6, today) {
		t.Error("spending did not come back")
	}
}

// TestAmbiguousAnswersInventNoMoney: a grant or return that was done although
// its answer was an error is found out before anything else is asked.
func TestAmbiguousAnswersInventNoMoney(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	check := func(when string) {
		t.Helper()
		a := s.Holds().Account(today)
		if got, want := a.Available+a.Held, s.ledger.outstanding(today); got != want {
			t.Errorf("%s: memory has %d, the ledger %d", when, got, want)
		}
	}
	s.step()
	for seq := range uint64(20) {
		s.hold(seq+1, 10e6, today)
		s.ledger.halfDown = seq%3 == 0
		s.clock.Advance(time.Second)
		if err := s.Step(context.Background()); (err != nil) != s.ledger.halfDown {
			t.Fatalf("step: %v", err)
		}
		if !s.ledger.halfDown {
			check("after a grant")
		}
	}
	s.items = nil // everything goes back, in doubt
	s.turn++
	s.ledger.halfDown = true
	_ = s.Step(context.Background())
	s.ledger.halfDown = false
	s.step()
	check("after a return")
}

func TestAFencedBidderStopsForGood(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	s.step()
	if _, err := s.ledger.Open(context.Background(), "a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Run(context.Background()); !errors.Is(err, ErrFenced) {
		t.Errorf("run: %v, want ErrFenced", err)
	}
	if s.Ready() || s.hold(1, 1, today) {
		t.Error("a fenced bidder spends")
	}
}

func TestAClockThatGoesBackStopsSpending(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	s.step()
	s.clock.Advance(-time.Hour)
	if err := s.Step(context.Background()); err == nil || s.Ready() {
		t.Errorf("an hour back: %v, ready %v", err, s.Ready())
	}
	s.clock.Advance(time.Hour)
	s.step()
	if !s.Ready() {
		t.Error("not ready when time is right again")
	}
}

func TestMidnightFindsMoneyReady(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	s.step()
	midnight := noon.Add(12 * time.Hour)
	tomorrow := event.NodePeriod{Node: 1, Period: day + 1}
	s.clock.Set(midnight.Add(-2 * time.Second))
	s.step()
	s.clock.Set(midnight)
	if !s.hold(1, 20e6, tomorrow) {
		t.Error("the first bid of the day found no money")
	}
	s.hold(2, 10e6, today) // a straggler
	s.step()
	if got := s.ledger.outstanding(today); got != 10e6 {
		t.Errorf("yesterday keeps %d, want what is held: 10e6", got)
	}
	for range 130 {
		s.clock.Advance(5 * time.Second)
		s.step()
	}
	if got := s.ledger.outstanding(today); got != 0 {
		t.Errorf("after the horizon yesterday keeps %d", got)
	}
}

func TestShutdownReturnsWhatIsNotHeld(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	s.step()
	s.hold(1, 15e6, today)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if got := s.ledger.outstanding(today); got != 15e6 || !s.ledger.closed {
		t.Errorf("%d outstanding, closed %v; want the 15e6 that are held, and closed", got, s.ledger.closed)
	}
	if s.hold(2, 1, today) {
		t.Error("money was spent after the shutdown")
	}
}

func TestTinyBudgets(t *testing.T) {
	for _, amount := range []money.Nanos{1, 5e6, 20e6, 21e6} {
		s := newStage(t, amount, dailyItem(1, amount))
		s.step()
		price := min(amount, 20e6)
		if !s.hold(1, price, today) {
			t.Errorf("a budget of %d cannot buy for %d", amount, price)
		}
		if s.hold(2, price, today) && 2*price > amount {
			t.Errorf("a budget of %d bought twice for %d", amount, price)
		}
	}
}

func TestCatalogChangesKeepBudgets(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6), dailyItem(2, 1000e6))
	s.step()
	s.hold(1, 5e6, today)
	s.items = []LineItem{dailyItem(2, 1000e6), dailyItem(3, 1000e6)}
	s.ledger.limits[3] = 1000e6
	s.turn++
	s.step()
	if got := s.ledger.outstanding(today); got != 5e6 {
		t.Errorf("the removed line item keeps %d, want what is held: 5e6", got)
	}
	if a := s.Holds().Account(event.NodePeriod{Node: 3, Period: day}); a.Available == 0 {
		t.Error("the new line item has no slice")
	}
}

// Series are of line items that do not bid all of their value.
func TestOnlyPacedLineItemsHaveSeries(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	reg := prometheus.NewRegistry()
	if err := reg.Register(multipliersShown{s.Pacer}); err != nil {
		t.Fatal(err)
	}
	s.multipliers.Store(NewMultipliers(1, map[event.LineItemID]float64{1: .5, 2: 1, 3: .25, 4: 1}))
	families, err := reg.Gather()
	if err != nil || len(families) != 1 {
		t.Fatalf("%d families, %v", len(families), err)
	}
	got := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		got[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
	}
	if want := map[string]float64{"1": .5, "3": .25}; !maps.Equal(got, want) {
		t.Errorf("multipliers %v, want %v", got, want)
	}
}

func TestSpendingStopsFarAheadOfThePlan(t *testing.T) {
	s := newStage(t, 1000e6, LineItem{ID: 1, MaxBid: 1e6, Budgets: []Budget{{Node: 1, Daily: true, Amount: 1000e6}}})
	s.step()
	seq, spent := uint64(0), money.Nanos(0)
	for range 600 { // ten minutes; everything is won and billed at the bid
		for s.hold(seq+1, 1e6, today) {
			seq++
			s.ledger.book(event.NewBidID(s.Incarnation(), seq), 1e6, today)
			spent += 1e6
		}
		s.clock.Advance(time.Second)
		s.step()
	}
	// Noon is half of the day: 500e6 are planned by then, an eighth ahead allowed.
	if spent < 600e6 || spent > 650e6 {
		t.Errorf("%d were spent by ten past noon, want about 625e6", spent)
	}
}

func TestConfigIsChecked(t *testing.T) {
	good := Config{Name: "a", Ledger: newMemLedger(), Clock: clock.NewManual(noon), LineItems: func() (uint64, []LineItem) { return 0, nil }}
	for name, spoil := range map[string]func(*Config){
		"no name":        func(c *Config) { c.Name = "" },
		"no ledger":      func(c *Config) { c.Ledger = nil },
		"no clock":       func(c *Config) { c.Clock = nil },
		"no line items":  func(c *Config) { c.LineItems = nil },
		"negative lease": func(c *Config) { c.Lease = -1 },
		"negative sd":    func(c *Config) { c.Holds.Deviations = -1 },
	} {
		c := good
		spoil(&c)
		if _, err := New(context.Background(), c); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

// A process that ends while the ledger grants gives that back too, though it
// never had the answer.
func TestTheEndGivesBackWhatNobodyHeardOf(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	s.ledger.halfDown = true
	if err := s.Step(t.Context()); err == nil {
		t.Fatal("the ledger answered")
	}
	s.ledger.halfDown = false
	granted := false
	if err := s.stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n, slice := range s.ledger.slices[s.Incarnation()] {
		granted = granted || slice.Granted > 0
		if left := slice.Granted - slice.Returned; left != 0 {
			t.Errorf("%d of %v were kept", left, n)
		}
	}
	if !granted {
		t.Error("nothing was granted")
	}
}
