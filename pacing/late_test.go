package pacing

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// lateMarket has an exchange tell nothing of its losses, and bill some bids
// twice their horizon after they left.
type lateMarket struct {
	*Holds
	t   testing.TB
	now time.Time
	seq uint64
}

func newLateMarket(t testing.TB, granted money.Nanos) *lateMarket {
	return &lateMarket{Holds: newHolds(t, Want{life, granted}), t: t, now: noon}
}

// hour bids n times and lets an hour pass, in which every k-th bid is billed
// late; 0 is none.
func (m *lateMarket) hour(n, k int, price money.Nanos) {
	m.t.Helper()
	first := m.seq
	for range n {
		m.seq++
		if !m.Hold(bid(m.seq), []event.NodePeriod{life}, price, terms, m.now) {
			m.t.Fatalf("no money: %+v", m.Account(life))
		}
	}
	for minute := range 60 {
		m.now = m.now.Add(time.Minute)
		m.Tick(m.now)
		for i := first + 1; minute == 19 && k > 0 && i <= m.seq; i += uint64(k) {
			b := settled(i, price, life)
			b.Exchange, b.Age = terms.Exchange, 20*time.Minute
			m.Settle(b)
		}
	}
}

// reserved is what is kept though no bid is open.
func (m *lateMarket) reserved() money.Nanos {
	if n := m.Open(); n > 0 {
		m.t.Fatalf("%d bids are open", n)
	}
	return m.Account(life).Held
}

func TestNothingIsKeptWhereNothingCameLate(t *testing.T) {
	m := newLateMarket(t, 1<<40)
	for range 20 {
		m.hour(200, 0, 1000)
	}
	if got := m.reserved(); got != 0 {
		t.Errorf("%d are kept for late bills, which never came", got)
	}
}

// Given an exchange that bills a part of its bids after the horizon, then
// what is kept when bids end covers the bills that come, the more the more came
// before, and is not much more than those.
func TestReserveCoversLateBills(t *testing.T) {
	const n, price = 400, 1000
	before := money.Nanos(0)
	for _, k := range []int{40, 20, 10, 4} { // a 40th to a quarter is billed late
		m := newLateMarket(t, 1<<40)
		for range 48 {
			m.hour(n, k, price)
		}
		// when the bids of an hour have all ended, and none of their late bills came
		first := m.now
		waiting := m.reserved() // for bids of the hours before
		for range n {
			m.seq++
			m.Hold(bid(m.seq), []event.NodePeriod{life}, price, terms, m.now)
		}
		m.now = first.Add(terms.Horizon)
		m.Tick(m.now)
		kept, comes := m.reserved()-waiting, money.Nanos(n/k*price)
		if kept < comes*3/4 || kept > 3*comes {
			t.Errorf("one in %d is billed late: %d kept for bills of %d", k, kept, comes)
		}
		if kept <= before {
			t.Errorf("one in %d is billed late: %d kept, where fewer came it was %d", k, kept, before)
		}
		before = kept
		// The reserve of a day that is over holds nobody's money.
		m.SetOver(life, true)
		m.Tick(m.now)
		if got := m.reserved(); got != 0 {
			t.Errorf("%d kept of a budget whose day is over", got)
		}
		// 30 days later it is all let go.
		m.SetOver(life, false)
		m.Tick(m.now.Add(60 * 24 * time.Hour))
		m.Tick(m.now.Add(90 * 24 * time.Hour))
		if got := m.reserved(); got > price {
			t.Errorf("%d kept three months later", got)
		}
	}
}

// Given an exchange that bills eight times what bidders foresee, half of that after the
// horizon, when the first half of its late bills came, then what is kept covers
// the second half.
func TestReserveCoversBillsThatNobodyForesaw(t *testing.T) {
	const n, k, price = 400, 5, 1000 // every fifth bid is billed in time, and as many late
	m := newLateMarket(t, 1<<40)
	foreseen := terms
	foreseen.Cost, foreseen.WinRate = price, .05
	bill := func(seq uint64, age time.Duration) {
		b := settled(seq, price, life)
		b.Exchange, b.Age = terms.Exchange, age
		m.Settle(b)
	}
	for hour := range 49 {
		first := m.seq + 1
		for range n {
			m.seq++
			m.Hold(bid(m.seq), []event.NodePeriod{life}, price, foreseen, m.now)
		}
		for minute := range 60 {
			m.now = m.now.Add(time.Minute)
			m.Tick(m.now)
			for i := first; i <= m.seq; i++ {
				switch {
				case minute == 4 && i%k == 0:
					bill(i, 5*time.Minute)
				case minute == 19 && i%k == 1 && (hour < 48 || i%(2*k) == 1):
					bill(i, 20*time.Minute)
				}
			}
			if hour == 48 && minute == 19 {
				break
			}
		}
	}
	m.Tick(m.now)
	if kept, comes := m.reserved(), money.Nanos(n/k/2*price); kept < comes/2 {
		t.Errorf("%d are kept for bills of %d", kept, comes)
	}
}

// Given two advertisers that pay in other currencies, one of which has numbers a
// thousand times higher, then what is kept of both is the same part of what comes.
func TestReserveKeepsCurrenciesApart(t *testing.T) {
	yen := event.NodePeriod{Node: 2}
	m := newLateMarket(t, 1<<50)
	m.Grant(yen, 1<<50)
	for range 48 {
		first := m.seq + 1
		for range 400 {
			m.seq++
			n, price := life, money.Nanos(1000)
			if m.seq%2 == 0 {
				n, price = yen, 1_000_000
			}
			m.Hold(bid(m.seq), []event.NodePeriod{n}, price, terms, m.now)
		}
		for minute := range 60 {
			m.now = m.now.Add(time.Minute)
			m.Tick(m.now)
			for i := first; minute == 19 && i <= m.seq; i += 5 {
				n, price := life, money.Nanos(1000)
				if i%2 == 0 {
					n, price = yen, 1_000_000
				}
				b := settled(i, price, n)
				b.Exchange, b.Age = terms.Exchange, 20*time.Minute
				m.Settle(b)
			}
		}
	}
	a, b := m.Account(life).Held, m.Account(yen).Held/1000
	if a == 0 || a > b+b/4 || b > a+a/4 {
		t.Errorf("%d are kept of one, %d thousand of the other", a, b)
	}
}

// Given a bidder that learned how much is billed late, when it starts again,
// then it keeps a reserve from its first bids on, and less the longer it was away.
func TestLateBillsAreRememberedOverARestart(t *testing.T) {
	const n, k, price = 400, 10, 1000
	learned := newLateMarket(t, 1<<40)
	for range 48 {
		learned.hour(n, k, price)
	}
	memory, err := learned.Memory()
	if err != nil {
		t.Fatal(err)
	}
	kept := func(away time.Duration) money.Nanos {
		m := newLateMarket(t, 1<<40)
		if err := m.Remember(memory, away); err != nil {
			t.Fatal(err)
		}
		if m.reserved() != 0 {
			t.Error("a reserve for bids that were not held")
		}
		m.Tick(m.now)
		for range n {
			m.seq++
			m.Hold(bid(m.seq), []event.NodePeriod{life}, price, terms, m.now)
		}
		m.Tick(m.now.Add(terms.Horizon))
		return m.reserved()
	}
	soon, later, never := kept(time.Minute), kept(14*24*time.Hour), kept(365*24*time.Hour)
	if comes := money.Nanos(n / k * price); soon < comes/2 || soon > 3*comes || later < comes/4 || never > comes/10 {
		t.Errorf("%d, %d, %d are kept a minute, two weeks and a year later, for bills of %d", soon, later, never, comes)
	}
	for _, bad := range [][]byte{nil, memory[:3], memory[:len(memory)-1], append([]byte{9}, memory[1:]...)} {
		if learned.Remember(bad, 0) == nil {
			t.Errorf("%d bytes were taken for a memory", len(bad))
		}
	}
}

func TestPacerKeepsWhatItLearnedOfLateBills(t *testing.T) {
	c, l := clock.NewManual(noon), newMemLedger()
	l.fleet = true
	book := &notebook{clock: c}
	start := func() *Pacer {
		p, err := New(t.Context(), Config{Name: "a", Ledger: l, Clock: c, Memory: book, LineItems: func() (uint64, []LineItem) { return 1, nil }})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := start()
	p.holds.late[3] = newLate(lateCounts{Bids: 9, Bills: 5}, 0)
	c.Advance(keepLate)
	if err := p.Step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if l := start().holds.late[3]; l == nil || l.Bills < 4.9 {
		t.Errorf("after a restart %+v is known of exchange 3", l)
	}
}

// Whatever is billed when, what is kept for late bills is within zero and what
// was bid and not billed.
func TestReserveIsBounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		h, now, unbilled := newHolds(t, Want{life, 1 << 40}), noon, map[uint64]money.Nanos{}
		for seq := uint64(1); seq <= 60; seq++ {
			price := money.Nanos(rapid.Int64Range(1, 1000).Draw(rt, "price"))
			tt := terms
			tt.Cost = money.Nanos(rapid.Int64Range(0, int64(price)).Draw(rt, "cost"))
			tt.WinRate = rapid.Float64Range(0, 1).Draw(rt, "win rate")
			h.Hold(bid(seq), []event.NodePeriod{life}, price, tt, now)
			unbilled[seq] = price
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(rt, "time")))
			if rapid.Bool().Draw(rt, "tick") {
				h.Tick(now)
			}
			if i := rapid.Uint64Range(1, seq).Draw(rt, "billed"); unbilled[i] > 0 && rapid.Bool().Draw(rt, "bill") {
				b := settled(i, money.Nanos(rapid.Int64Range(0, int64(unbilled[i])).Draw(rt, "amount")), life)
				b.Exchange, b.Age = terms.Exchange, time.Duration(rapid.Int64Range(0, int64(90*24*time.Hour)).Draw(rt, "age"))
				h.Settle(b)
				delete(unbilled, i)
			}
		}
		h.Tick(now.Add(terms.Horizon))
		sum := money.Nanos(len(unbilled)) // rounding
		for _, price := range unbilled {
			sum += price
		}
		if a := h.Account(life); h.Open() != 0 || a.Held < 0 || a.Held > sum || a.Pending < 0 || a.Pending > a.Held {
			rt.Fatalf("%+v, of %d that may still be billed", a, sum)
		}
	})
}

// Given an exchange that tells no prices and bills half of every bid that it
// wins, then its wins hold half, and the spread, not the bid. One that bills the
// whole bid, whatever was expected, has them held whole.
func TestUnpricedWinsHoldWhatTheyAreBilled(t *testing.T) {
	const price, n = 10_000, 400
	for _, c := range []struct {
		billed   money.Nanos
		from, to float64
	}{{price / 2, .5, .62}, {price / 4, .25, .37}, {price, 1, 1.16}} {
		h := newHolds(t, Want{life, 1 << 50})
		expected := terms
		expected.Cost, expected.WinRate = price/2, .5
		seq, now := uint64(0), noon
		round := func() (first uint64) {
			first = seq + 1
			for range 2 * n {
				seq++
				h.Hold(bid(seq), []event.NodePeriod{life}, price, expected, now)
				if seq%2 == 0 {
					h.Won(bid(seq), -1, now)
				}
			}
			return first
		}
		for range 20 {
			first := round()
			h.Tick(now.Add(terms.WinDeadline))
			for i := first + 1; i <= seq; i += 2 {
				h.Settle(settled(i, c.billed, life))
			}
			now = now.Add(time.Hour)
			h.Tick(now)
		}
		round()
		h.Tick(now.Add(terms.WinDeadline))
		got := float64(h.Account(life).Held) / (n * price)
		if got < c.from || got > c.to {
			t.Errorf("wins are billed %d of %d: %.3f of it are held, want within [%v, %v]", c.billed, price, got, c.from, c.to)
		}
	}
}

// A bill takes out what was foreseen of it wherever that has passed to: what
// nobody can bill any more is not kept.
func TestABillTakesAllOfWhatWasForeseen(t *testing.T) {
	var waiting tail
	waiting[3] = 1000
	for range 30 {
		waiting.pass(time.Minute, nil)
	}
	if taken := waiting.take(ageOf(34*time.Minute), 1000); taken < 999.9 {
		t.Errorf("%v of 1000 was found", taken)
	}
	for k, x := range waiting {
		if x > 0.1 {
			t.Errorf("%v is left at age %d", x, k)
		}
	}
}

// Given many wins whose price nobody told, when all of their bills are a tenth dearer
// than those before, then what is held covers them: many bids do not even that out.
// Wins whose price was told are not off together.
func TestUnpricedWinsMayAllBeDearer(t *testing.T) {
	const price, n, billed = 10_000, 8000, 5_000
	held := func(told money.Nanos) float64 {
		h := newHolds(t, Want{life, 1 << 50})
		expected := terms
		expected.Cost, expected.WinRate = price/2, .5
		seq, now := uint64(0), noon
		for round := range 4 {
			first := seq + 1
			for range n {
				seq++
				h.Hold(bid(seq), []event.NodePeriod{life}, price, expected, now)
				h.Won(bid(seq), told, now)
			}
			h.Tick(now.Add(terms.WinDeadline))
			if round == 3 {
				break
			}
			for i := first; i <= seq; i++ {
				h.Settle(settled(i, billed, life))
			}
			now = now.Add(time.Hour)
			h.Tick(now)
		}
		return float64(h.Account(life).Held) / (n * billed)
	}
	if got := held(-1); got < 1.1 || got > 1.2 {
		t.Errorf("%.3f of what wins are billed is held where nobody tells their prices, want a tenth more at least", got)
	}
	if got := held(billed); got > 1.03 {
		t.Errorf("%.3f of what wins are billed is held where their prices are told", got)
	}
}
