package pacing

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func bid(seq uint64) event.BidID { return event.NewBidID(7, seq) }

func settled(seq uint64, amount money.Nanos, nodes ...event.NodePeriod) Booked {
	b := Booked{Bid: bid(seq), Kind: event.KindBilling, Amount: amount, Nodes: nodes}
	for range nodes {
		b.FromSlice = append(b.FromSlice, amount)
	}
	return b
}

func newHolds(t testing.TB, grants ...Want) *Holds {
	t.Helper()
	h, err := NewHolds(HoldsConfig{})
	if err != nil {
		t.Fatal(err)
	}
	h.Extend(noon.Add(100 * 24 * time.Hour))
	for _, g := range grants {
		h.Grant(g.NodePeriod, g.Amount)
	}
	return h
}

func expectAvailable(t testing.TB, h *Holds, n event.NodePeriod, want money.Nanos) {
	t.Helper()
	if got := h.Account(n).Available; got != want {
		t.Errorf("available %d, want %d", got, want)
	}
}

func TestHoldTakesAllNodesOrNone(t *testing.T) {
	day := event.NodePeriod{Node: 2, Period: 20260310}
	h := newHolds(t, Want{life, 100}, Want{day, 50})
	nodes := []event.NodePeriod{life, day}
	if !h.Hold(bid(1), nodes, 40, terms, noon) {
		t.Fatal("there is money for the first bid")
	}
	if h.Hold(bid(2), nodes, 40, terms, noon) {
		t.Error("the day has 10 left, not 40")
	}
	expectAvailable(t, h, life, 60)
	expectAvailable(t, h, day, 10)
	if a := h.Account(day); a.Refused != 40 || a.Opened != 40 {
		t.Errorf("refused %d, opened %d, want 40 and 40", a.Refused, a.Opened)
	}
	if h.Hold(bid(1), nodes, 1, terms, noon) {
		t.Error("the same id was held twice")
	}
	if h.Hold(bid(3), []event.NodePeriod{life, {Node: 9}}, 1, terms, noon) || h.Hold(bid(4), nil, 1, terms, noon) {
		t.Error("a budget that nothing was granted of was spent")
	}
	expectAvailable(t, h, life, 60)
}

func TestLeaseEndsSpending(t *testing.T) {
	h := newHolds(t, Want{life, 100})
	h.Extend(noon.Add(time.Second))
	for after, want := range map[time.Duration]bool{0: true, time.Second - 1: true, time.Second: false, time.Hour: false} {
		if got := h.Hold(bid(uint64(after)), []event.NodePeriod{life}, 1, terms, noon.Add(after)); got != want {
			t.Errorf("%v after: held %v, want %v", after, got, want)
		}
	}
	h.Extend(time.Time{})
	if h.Leased(noon) {
		t.Error("the lease goes on after it was ended")
	}
}

func TestReleaseHappensOnceAndTheBillMayFollow(t *testing.T) {
	n := []event.NodePeriod{life}
	for name, c := range map[string]struct {
		do   func(*Holds)
		want money.Nanos
	}{
		"billed":                    {func(h *Holds) { h.Settle(settled(1, 30, life)) }, 70},
		"lost":                      {func(h *Holds) { h.Lost(bid(1), noon) }, 100},
		"lost twice":                {func(h *Holds) { h.Lost(bid(1), noon); h.Lost(bid(1), noon) }, 100},
		"lost, then billed":         {func(h *Holds) { h.Lost(bid(1), noon); h.Settle(settled(1, 30, life)) }, 70},
		"cancelled":                 {func(h *Holds) { h.Cancel(bid(1)) }, 100},
		"won at a price":            {func(h *Holds) { believe(h); h.Won(bid(1), 25, noon) }, 75},
		"won, price not told":       {func(h *Holds) { h.Won(bid(1), -1, noon) }, 60},
		"won above the bid":         {func(h *Holds) { h.Won(bid(1), 900, noon) }, 60},
		"won twice":                 {func(h *Holds) { believe(h); h.Won(bid(1), 25, noon); h.Won(bid(1), 5, noon) }, 75},
		"won, then billed":          {func(h *Holds) { h.Won(bid(1), 25, noon); h.Settle(settled(1, 30, life)) }, 70},
		"horizon":                   {func(h *Holds) { h.Tick(noon.Add(terms.Horizon)) }, 100},
		"horizon in steps":          {func(h *Holds) { everySecond(h, terms.Horizon) }, 100},
		"horizon, then billed":      {func(h *Holds) { h.Tick(noon.Add(terms.Horizon)); h.Settle(settled(1, 30, life)) }, 70},
		"won late, then horizon":    {wonLate, 100},
		"before the win deadline":   {func(h *Holds) { h.Tick(noon.Add(terms.WinDeadline - 1)) }, 60},
		"strict until the horizon":  {strictUntil(terms.Horizon - 1), 60},
		"strict, after the horizon": {strictUntil(terms.Horizon), 100},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHolds(t, Want{life, 100})
			if !h.Hold(bid(1), n, 40, terms, noon) {
				t.Fatal("not held")
			}
			c.do(h)
			expectAvailable(t, h, life, c.want)
		})
	}
}

func everySecond(h *Holds, until time.Duration) {
	for d := time.Duration(0); d <= until; d += time.Second {
		h.Tick(noon.Add(d))
	}
}

func wonLate(h *Holds) {
	h.Tick(noon.Add(5 * time.Minute))
	h.Won(bid(1), 25, noon.Add(9*time.Minute+59*time.Second))
	h.Tick(noon.Add(terms.Horizon))
}

func strictUntil(age time.Duration) func(*Holds) {
	return func(h *Holds) {
		h.SetStrict(life, true)
		everySecond(h, time.Minute)
		h.Tick(noon.Add(age))
	}
}

func TestBecomingStrictHoldsInFullAgain(t *testing.T) {
	h := newHolds(t, Want{life, 1000})
	teach(h, 1000, 0)
	at := noon.Add(time.Hour)
	h.Hold(bid(1), []event.NodePeriod{life}, 100, terms, at)
	h.Tick(at.Add(time.Minute))
	if got := h.Account(life).Available; got < 930 {
		t.Fatalf("%d available: a bid that hardly ever bills should hold little", got)
	}
	h.SetStrict(life, true)
	h.Tick(at.Add(time.Minute))
	expectAvailable(t, h, life, 900)
	h.SetStrict(life, false)
	h.Tick(at.Add(time.Minute))
	if got := h.Account(life).Available; got < 930 {
		t.Errorf("%d available after it stopped being strict", got)
	}
}

// teach lets n bids of next to nothing pass, of which every k-th is billed after a minute.
func teach(h *Holds, n, k int) {
	for i := range n {
		h.Hold(bid(uint64(1_000_000+i)), []event.NodePeriod{life}, 1, terms, noon)
	}
	for d := time.Duration(0); d <= terms.Horizon; d += time.Second {
		h.Tick(noon.Add(d))
		for i := 0; d == time.Minute && k > 0 && i < n; i += k {
			h.Settle(settled(uint64(1_000_000+i), 1, life))
		}
	}
}

func TestExpectedLiabilityIsLearned(t *testing.T) {
	h := newHolds(t, Want{life, 100_000_000})
	teach(h, 4000, 4) // a quarter is billed, after a minute
	const price, n = 10_000, 1000
	for i := range uint64(n) {
		h.Hold(bid(i), []event.NodePeriod{life}, price, terms, noon)
	}
	held := func(age time.Duration) float64 {
		h.Tick(noon.Add(age))
		return float64(h.Account(life).Held) / (price * n)
	}
	for _, c := range []struct {
		age      time.Duration
		from, to float64
	}{
		{5 * time.Second, 1, 1},         // full until the win deadline
		{11 * time.Second, 0.25, 0.32},  // a quarter, and the margin of 3 sd: 0.041
		{50 * time.Second, 0.25, 0.32},  // no bill has come yet
		{3 * time.Minute, 0.0, 0.02},    // what was to be billed would be
		{11 * time.Minute, 0.0, 0.0001}, // horizon
	} {
		if got := held(c.age); got < c.from || got > c.to {
			t.Errorf("at %v %.4f of the prices are held, want within [%v, %v]", c.age, got, c.from, c.to)
		}
	}
}

func TestBeforeAnythingIsLearnedHoldsAreNearlyFull(t *testing.T) {
	h := newHolds(t, Want{life, 1000})
	h.Hold(bid(1), []event.NodePeriod{life}, 1000, terms, noon)
	h.Tick(noon.Add(time.Minute))
	if got := h.Account(life).Held; got < 900 {
		t.Errorf("%d of 1000 held by an exchange that nothing is known of", got)
	}
}

// TestHoldsLaw plays random histories: at every step granted = available +
// held + spent, and when all is over only what was billed is gone.
func TestHoldsLaw(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h := newHolds(t)
		nodes := []event.NodePeriod{{Node: 1}, {Node: 2}, {Node: 3, Period: 20260310}}
		granted, spent := map[event.NodePeriod]money.Nanos{}, map[event.NodePeriod]money.Nanos{}
		on := map[uint64][]event.NodePeriod{}
		billed := map[uint64]bool{}
		now, seq := noon, uint64(0)
		any := func(rt *rapid.T) uint64 { return rapid.Uint64Range(1, max(1, seq)).Draw(rt, "bid") }
		rt.Repeat(map[string]func(*rapid.T){
			"grant": func(rt *rapid.T) {
				n := rapid.SampledFrom(nodes).Draw(rt, "node")
				amount := money.Nanos(rapid.Int64Range(0, 1000).Draw(rt, "amount"))
				h.Grant(n, amount)
				granted[n] += amount
			},
			"take back": func(rt *rapid.T) {
				n := rapid.SampledFrom(nodes).Draw(rt, "node")
				granted[n] -= h.TakeBack(n, money.Nanos(rapid.Int64Range(0, 100).Draw(rt, "keep")))
			},
			"hold": func(rt *rapid.T) {
				seq++
				on[seq] = nodes[rapid.IntRange(0, 2).Draw(rt, "first"):]
				before := h.Account(on[seq][0]).Available
				price := money.Nanos(rapid.Int64Range(0, 200).Draw(rt, "price"))
				if h.Hold(bid(seq), on[seq], price, terms, now) && before < price {
					rt.Fatalf("held %d of %d", price, before)
				}
			},
			"won":    func(rt *rapid.T) { h.Won(bid(any(rt)), money.Nanos(rapid.Int64Range(-1, 200).Draw(rt, "price")), now) },
			"lost":   func(rt *rapid.T) { h.Lost(bid(any(rt)), now) },
			"strict": func(rt *rapid.T) { h.SetStrict(nodes[0], rapid.Bool().Draw(rt, "strict")) },
			"bill": func(rt *rapid.T) {
				i := any(rt)
				if billed[i] || on[i] == nil {
					return // not now
				}
				billed[i] = true
				b := settled(i, money.Nanos(rapid.Int64Range(0, 200).Draw(rt, "amount")), on[i]...)
				for j, n := range b.Nodes {
					b.FromSlice[j] = min(b.FromSlice[j], max(0, granted[n]-spent[n]))
					if h.Account(n).Granted > 0 {
						spent[n] += b.FromSlice[j]
					} else {
						b.FromSlice[j] = 0
					}
				}
				h.Settle(b)
			},
			"tick": func(rt *rapid.T) {
				now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(rt, "time")))
				h.Tick(now)
			},
			"": func(rt *rapid.T) {
				for _, n := range nodes {
					a := h.Account(n)
					if a.Granted != granted[n] || a.Spent != spent[n] || a.Held < 0 {
						rt.Fatalf("account %+v, want granted %d, spent %d", a, granted[n], spent[n])
					}
				}
			},
		})
		h.Tick(now.Add(terms.Horizon))
		if h.Open() != 0 {
			rt.Fatalf("%d holds after the horizon", h.Open())
		}
		for _, n := range nodes {
			if a := h.Account(n); a.Held != 0 {
				rt.Fatalf("after everything is over %+v is held", a)
			}
		}
	})
}

func TestConcurrentHoldsSpendNoMoreThanThereIs(t *testing.T) {
	h := newHolds(t, Want{life, 5000}, Want{event.NodePeriod{Node: 2}, 1_000_000})
	nodes := []event.NodePeriod{{Node: 2}, life}
	var wg sync.WaitGroup
	held := make([]int, 4)
	for g := range held {
		wg.Go(func() {
			for i := range 2000 {
				id := bid(uint64(g*2000 + i))
				if h.Hold(id, nodes, 1, terms, noon) {
					held[g]++
					if i%2 == 0 {
						h.Lost(id, noon)
						held[g]--
					}
				}
				if i%500 == 0 {
					h.Tick(noon)
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range held {
		sum += n
	}
	expectAvailable(t, h, life, money.Nanos(5000-sum))
	expectAvailable(t, h, nodes[0], money.Nanos(1_000_000-sum))
	if h.Open() != sum {
		t.Errorf("%d holds, want %d", h.Open(), sum)
	}
}

func TestResyncTakesTheLedgersWord(t *testing.T) {
	day := event.NodePeriod{Node: 2, Period: 20260310}
	h := newHolds(t, Want{life, 100}, Want{day, 50})
	h.Hold(bid(1), []event.NodePeriod{life}, 30, terms, noon)
	h.Resync([]Slice{{NodePeriod: life, Granted: 150, Returned: 10}, {NodePeriod: event.NodePeriod{Node: 3}, Granted: 5}})
	expectAvailable(t, h, life, 110)
	expectAvailable(t, h, day, 0)
	expectAvailable(t, h, event.NodePeriod{Node: 3}, 5)
}

func TestForgottenAccountsComeBackWithoutInventingMoney(t *testing.T) {
	h := newHolds(t, Want{life, 100})
	h.Hold(bid(1), []event.NodePeriod{life}, 100, terms, noon)
	if h.Forget(life) {
		t.Fatal("an account that holds money was forgotten")
	}
	h.Settle(settled(1, 100, life))
	if !h.Forget(life) {
		t.Fatal("an account that is done was kept")
	}
	h.Resync(nil) // nothing is left
	expectAvailable(t, h, life, 0)
	h.Grant(life, 20)
	expectAvailable(t, h, life, 20)
	h.Resync([]Slice{{NodePeriod: life, Granted: 120, Booked: 100}})
	expectAvailable(t, h, life, 20)
	// when it is forgotten again, and a grant is made of which nobody heard
	h.TakeBack(life, 0)
	if !h.Forget(life) {
		t.Fatal("an account that is done was kept")
	}
	h.Resync([]Slice{{NodePeriod: life, Granted: 150, Booked: 100, Returned: 20}})
	expectAvailable(t, h, life, 30)
}

func TestHoldAllocatesOnlyRoom(t *testing.T) {
	h := newHolds(t, Want{life, money.Cap})
	nodes := []event.NodePeriod{life}
	seq := uint64(0)
	for range 100_000 { // grow the maps, then empty them
		seq++
		h.Hold(bid(seq), nodes, 1, terms, noon)
	}
	h.Tick(noon.Add(terms.Horizon))
	if n := testing.AllocsPerRun(10_000, func() {
		seq++
		h.Hold(bid(seq), nodes, 1, terms, noon)
		h.Lost(bid(seq), noon)
	}); n > 0 {
		t.Errorf("a hold and its release allocate %v times", n)
	}
}
