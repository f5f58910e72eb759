package central

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// However many bidders share the traffic, their multipliers are those of one
// bidder that has it all: to the bit, as long as every message arrives.
func TestAsManyBiddersAsOne(t *testing.T) {
	for _, bidders := range []int{1, 4, 16} {
		t.Run(fmt.Sprint(bidders), func(t *testing.T) {
			market, bus := clock.NewManual(midnight), new(Direct)
			var all []*Remote
			central := newController(t, bus, market, 1, newDual(t))
			for id := range bidders {
				all = append(all, newRemote(t, bus, uint64(id+1), newDual(t)))
			}
			one := newDual(t)
			one.Plan(items())
			random := rand.New(rand.NewPCG(1, 2))
			var booked money.Nanos
			var want *pacing.Multipliers
			for range 600 {
				booked += money.Nanos(random.Int64N(8e6))
				sums := met(0, booked)
				for _, r := range all {
					mine := met(random.Int64N(10), booked)
					for i := range mine.LineItems {
						s := &mine.LineItems[i]
						s.Offered = money.FromFloat(float64(s.Offered) * want.Of(s.LineItem) / 3 / float64(bidders))
					}
					got := r.Step(market.Now(), mine)
					sums = together(sums, mine)
					if want == nil {
						continue
					}
					if got.Of(1) != want.Of(1) || got.Of(2) != want.Of(2) {
						t.Fatalf("multipliers %v and %v, of one bidder %v and %v", got.Of(1), got.Of(2), want.Of(1), want.Of(2))
					}
				}
				if err := central.Step(); err != nil {
					t.Fatal(err)
				}
				want = one.Step(market.Now(), sums)
				market.Advance(tick)
			}
			if want.Of(1) > 0.9 || want.Of(1) == want.Of(2) {
				t.Errorf("the multipliers are %v and %v: they did not move apart", want.Of(1), want.Of(2))
			}
		})
	}
}

// lossy is a Bus that loses, doubles and delays while it is bad.
type lossy struct {
	Direct
	bad   bool
	draw  func(n int) int
	later []struct {
		subject string
		message []byte
	}
}

func (l *lossy) Publish(subject string, message []byte) error {
	if !l.bad {
		return l.Direct.Publish(subject, message)
	}
	switch l.draw(4) {
	case 0: // lost
	case 1:
		l.Direct.Publish(subject, message)
		fallthrough
	case 2:
		l.later = append(l.later, struct {
			subject string
			message []byte
		}{subject, append([]byte(nil), message...)})
	default:
		l.Direct.Publish(subject, message)
	}
	if len(l.later) > 0 && l.draw(3) == 0 {
		i := l.draw(len(l.later))
		l.Direct.Publish(l.later[i].subject, l.later[i].message)
		l.later[i] = l.later[len(l.later)-1]
		l.later = l.later[:len(l.later)-1]
	}
	return nil
}

// Whatever the bus lost, doubled and mixed up: once it works again, the
// controller has been given exactly what was counted, and bidders have exactly
// its multipliers.
func TestWhatIsLostHeals(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		random := rand.New(rand.NewPCG(seed, seed))
		market := clock.NewManual(midnight)
		bus := &lossy{draw: random.IntN}
		steps := newRecorder()
		central := newController(t, bus, market, 1, steps)
		all := []*Remote{newRemote(t, bus, 1, newRecorder()), newRemote(t, bus, 2, newRecorder())}
		defer func() { central.stop(); all[0].stop(); all[1].stop() }()
		want := met(0, 0)
		var booked money.Nanos
		for range 30 + rotation + 1 {
			bus.bad = rapid.IntRange(0, 30).Draw(rt, "") > 0 && len(want.LineItems) > 0 && market.Now().Sub(midnight) < 30*tick
			steps.log[1], steps.log[9] = random.Float64(), random.Float64()
			booked += 1e6
			for _, r := range all {
				mine := met(random.Int64N(10), booked)
				if random.IntN(3) == 0 {
					mine.LineItems = nil // what met nothing is left out
				}
				r.Step(market.Now(), mine)
				for _, s := range mine.LineItems {
					addSum(&want.LineItems[s.LineItem-1], s)
				}
				for i, n := range mine.Nodes {
					want.Nodes[i].Matured += n.Matured
					want.Nodes[i].Worth += n.Worth
					want.Nodes[i].Booked = n.Booked
				}
			}
			if err := central.Step(); err != nil {
				rt.Fatal(err)
			}
			market.Advance(tick)
		}
		for _, w := range want.LineItems {
			if got := steps.sums[w.LineItem]; got == nil || *got != w {
				rt.Fatalf("the controller was given %+v of %+v", got, w)
			}
		}
		for _, w := range want.Nodes {
			got := steps.nodes[w.NodePeriod]
			if got.Matured != w.Matured || got.Worth != w.Worth || got.Booked != w.Booked {
				rt.Fatalf("the controller was given %+v of %+v", got, w)
			}
		}
		for i, r := range all {
			m := r.Step(market.Now(), met(0, booked))
			if m.Of(1) != math.Exp(-steps.log[1]) || m.Of(2) != math.Exp(-steps.log[9]) {
				rt.Fatalf("bidder %d has %v and %v", i, m.Of(1), m.Of(2))
			}
		}
	})
}

// A controller that takes over counts from where it comes, and goes on with
// the prices that bidders use.
func TestTakeOver(t *testing.T) {
	market, bus := clock.NewManual(midnight), new(Direct)
	first := newRecorder()
	first.log[1], first.log[9] = 3, 2
	old := newController(t, bus, market, 1, first)
	all := []*Remote{newRemote(t, bus, 1, newRecorder()), newRemote(t, bus, 2, newRecorder())}
	var last *pacing.Multipliers
	run := func(ticks int, central *Controller) {
		for range ticks {
			for _, r := range all {
				m := r.Step(market.Now(), met(5, 1e6))
				if last != nil && r == all[0] && m.Version() < last.Version() {
					t.Fatalf("version %d came after %d", m.Version(), last.Version())
				}
				if r == all[0] {
					last = m
				}
			}
			if err := central.Step(); err != nil {
				t.Fatal(err)
			}
			market.Advance(tick)
		}
	}
	run(100, old)
	old.Close()
	second := newRecorder()
	taken := newController(t, bus, market, 2, second)
	run(20, taken)
	if second.log[1] != 3 || second.log[9] != 2 {
		t.Errorf("the new controller began at the prices %v", second.log)
	}
	if got, most := second.sums[1].Opportunities, int64(20*10); got > most || got < most-2*10 {
		t.Errorf("it was given %d opportunities, of %d in its time", got, most)
	}
	if last.Of(1) != math.Exp(-3) || last.Version()>>tickBits != 2 {
		t.Errorf("the bidder has multiplier %v of version %x", last.Of(1), last.Version())
	}
	// The old one lives after all: nobody listens.
	first.log[1] = 50
	again, err := New(Config{Controller: first, Bus: bus, Clock: market, LineItems: lineItems, Epoch: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	for range 5 {
		run(1, taken)
		if err := again.Step(); err != nil {
			t.Fatal(err)
		}
	}
	if last.Of(1) != math.Exp(-3) {
		t.Errorf("the bidder listens to the old controller")
	}
}

// A bidder that is gone leaves what its open bids may cost, for a while. One
// that comes is counted from its start.
func TestComeAndGo(t *testing.T) {
	market, bus := clock.NewManual(midnight), new(Direct)
	steps := newRecorder()
	central := newController(t, bus, market, 1, steps)
	a, b := newRemote(t, bus, 1, newRecorder()), newRemote(t, bus, 2, newRecorder())
	run := func(ticks int, all ...*Remote) {
		for range ticks {
			for _, r := range all {
				r.Step(market.Now(), met(8, 1e6))
			}
			if err := central.Step(); err != nil {
				t.Fatal(err)
			}
			market.Advance(tick)
		}
	}
	pending := func() money.Nanos { return steps.nodes[flight].Pending }
	run(10, a, b)
	both := pending()
	if both != 2*16e6 {
		t.Fatalf("open bids of two bidders: %d", both)
	}
	run(5, a)
	if pending() != both {
		t.Errorf("a bidder that was silent for a moment: %d of %d", pending(), both)
	}
	run(60, a)
	if p := pending(); p <= both/2 || p >= both*3/4 {
		t.Errorf("a bidder that is gone for a minute: %d of %d", p, both)
	}
	run(900, a)
	if pending() != both/2 {
		t.Errorf("a bidder that is gone for long: %d of %d", pending(), both)
	}
	before := steps.sums[1].Opportunities
	c := newRemote(t, bus, 3, newRecorder())
	run(10, a, c)
	if got := steps.sums[1].Opportunities - before; got != 10*16 {
		t.Errorf("with a new bidder %d opportunities came, want %d", got, 10*16)
	}
	// The one that was forgotten had only lost its way to us.
	before = steps.sums[1].Opportunities
	run(10, a, b, c)
	if got := steps.sums[1].Opportunities - before; got > 10*24 || got < 10*24-2*8 {
		t.Errorf("with a bidder that is back %d opportunities came, want %d but for its first ticks", got, 10*24)
	}
}

// Garbage, of whatever kind, changes nothing.
func TestGarbageChangesNothing(t *testing.T) {
	market, bus := clock.NewManual(midnight), new(Direct)
	steps := newRecorder()
	central := newController(t, bus, market, 1, steps)
	r := newRemote(t, bus, 1, newRecorder())
	r.Step(market.Now(), met(8, 1e6))
	if err := central.Step(); err != nil {
		t.Fatal(err)
	}
	word := (&message{kind: kindWord, from: 9, seq: 9, parts: 1, set: []multiplier{{1, 0.5}}}).encode(nil)
	zero := (&message{kind: kindWord, flags: flagLeads, from: 9, seq: 9, parts: 1, set: []multiplier{{1, 2}}}).encode(nil)
	for _, b := range [][]byte{nil, []byte("hello"), word[:len(word)-1], zero, make([]byte, 2*maxMessage)} {
		bus.Publish(Reports, b)
		bus.Publish(Words, b)
	}
	bus.Publish(Reports, word) // a word is no report
	market.Advance(tick)
	if m := r.Step(market.Now(), met(0, 1e6)); m.Of(1) != 1 || m.Version()>>tickBits != 1 {
		t.Errorf("the multiplier is %v of version %x", m.Of(1), m.Version())
	}
	if refused := value(t, r.metrics.refused); refused != 5 {
		t.Errorf("the bidder refused %v messages, want 5", refused)
	}
	if refused := value(t, central.metrics.refused); refused != 6 {
		t.Errorf("the controller refused %v messages, want 6", refused)
	}
	if len(central.bidders) != 1 || steps.sums[event.LineItemID(1)].Opportunities != 8 {
		t.Errorf("the controller hears %d bidders", len(central.bidders))
	}
}
