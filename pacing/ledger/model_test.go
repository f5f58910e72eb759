package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// model is the ledger as one would explain it: maps and no cleverness.
type model struct {
	limit   map[event.NodePeriod]money.Nanos
	booked  map[event.NodePeriod]money.Nanos
	overrun map[event.NodePeriod]money.Nanos
	slices  map[uint64]map[event.NodePeriod]money.Nanos // outstanding
	seen    map[uint64]time.Time
	live    map[string]uint64
	gone    map[uint64]bool // reclaimed
	bids    map[event.BidID]money.Nanos
	settled map[uint64]int
}

func newModel() *model {
	return &model{
		limit: map[event.NodePeriod]money.Nanos{}, booked: map[event.NodePeriod]money.Nanos{}, overrun: map[event.NodePeriod]money.Nanos{},
		slices: map[uint64]map[event.NodePeriod]money.Nanos{}, seen: map[uint64]time.Time{}, live: map[string]uint64{},
		gone: map[uint64]bool{}, bids: map[event.BidID]money.Nanos{}, settled: map[uint64]int{},
	}
}

func (m *model) outstanding(n event.NodePeriod) (sum money.Nanos) {
	for _, s := range m.slices {
		sum += s[n]
	}
	return sum
}

func (m *model) isLive(incarnation uint64) bool {
	for _, id := range m.live {
		if id == incarnation {
			return !m.gone[id]
		}
	}
	return false
}

// TestLedgerIsTheModel drives ledger and model through the same random
// history and compares them after every step.
func testLedgerIsTheModel(t *testing.T, w *world) {
	round, pruned := int64(0), int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		// Rounds share the file, which is what costs; nodes and names are their own.
		round++
		ctx := context.Background()
		m := newModel()
		nodes := []event.NodePeriod{
			{Node: event.NodeID(round*10 + 1)},
			{Node: event.NodeID(round*10 + 2), Period: today},
			{Node: event.NodeID(round*10 + 2), Period: today + 1},
			{Node: event.NodeID(round*10 + 3)},
			{Node: event.NodeID(round*10 + 4)}, // an advertiser's funding
		}
		root, paid, payments := nodes[4], money.Nanos(0), 0
		setLimit := func(n event.NodePeriod, amount money.Nanos) {
			if n == root { // amount is the credit line
				w.funding(n, amount-1)
				m.limit[n] = amount - 1 + paid
				return
			}
			w.budget(n, amount)
			for _, o := range nodes {
				if o.Node == n.Node {
					m.limit[o] = amount
				}
			}
		}
		for _, n := range nodes {
			setLimit(n, money.Nanos(rapid.Int64Range(1, 300).Draw(rt, "limit")))
		}
		names := []string{fmt.Sprint("a", round), fmt.Sprint("b", round)}
		var incarnations []uint64
		node := rapid.SampledFrom(nodes)
		amount := rapid.Int64Range(0, 120)

		rt.Repeat(map[string]func(*rapid.T){
			"open": func(rt *rapid.T) {
				name := rapid.SampledFrom(names).Draw(rt, "name")
				id := w.open(name)
				m.live[name], m.seen[id], m.slices[id] = id, w.clock.Now(), map[event.NodePeriod]money.Nanos{}
				incarnations = append(incarnations, id)
			},
			"grant": func(rt *rapid.T) {
				if len(incarnations) == 0 {
					return // not now
				}
				id := rapid.SampledFrom(incarnations).Draw(rt, "incarnation")
				var wants []pacing.Want
				for range rapid.IntRange(0, 3).Draw(rt, "wants") {
					wants = append(wants, pacing.Want{NodePeriod: node.Draw(rt, "node"), Amount: money.Nanos(amount.Draw(rt, "amount"))})
				}
				grants, err := w.Grant(ctx, id, wants)
				if !m.isLive(id) {
					if !errors.Is(err, pacing.ErrFenced) {
						rt.Fatalf("dead incarnation %d: %v", id, err)
					}
					return
				}
				if err != nil {
					rt.Fatal(err)
				}
				m.seen[id] = w.clock.Now()
				for i, g := range grants {
					n := wants[i].NodePeriod
					want := min(wants[i].Amount, max(0, m.limit[n]-m.booked[n]-m.outstanding(n)))
					if g.Amount != want {
						rt.Fatalf("granted %d of %v, want %d", g.Amount, n, want)
					}
					if g.Amount > 0 && m.booked[n]+m.outstanding(n)+g.Amount > m.limit[n] {
						rt.Fatalf("the grant breaks the budget of %v", n)
					}
					m.slices[id][n] += g.Amount
				}
			},
			"return": func(rt *rapid.T) {
				if len(incarnations) == 0 {
					return // not now
				}
				id := rapid.SampledFrom(incarnations).Draw(rt, "incarnation")
				n, give := node.Draw(rt, "node"), money.Nanos(amount.Draw(rt, "amount"))
				err := w.Return(ctx, id, []pacing.Want{{NodePeriod: n, Amount: give}})
				if !m.isLive(id) {
					if !errors.Is(err, pacing.ErrFenced) {
						rt.Fatalf("dead incarnation %d: %v", id, err)
					}
					return
				}
				if err != nil {
					rt.Fatal(err)
				}
				m.seen[id] = w.clock.Now()
				m.slices[id][n] -= min(give, m.slices[id][n])
			},
			"book": func(rt *rapid.T) {
				if len(incarnations) == 0 {
					return // not now
				}
				var events []event.Event
				for range rapid.IntRange(1, 6).Draw(rt, "events") {
					id := rapid.SampledFrom(incarnations).Draw(rt, "incarnation")
					hit := []event.NodePeriod{node.Draw(rt, "node")}
					if o := node.Draw(rt, "second node"); o != hit[0] {
						hit = append(hit, o)
					}
					e := w.billing(id, rapid.Uint64Range(1, 12).Draw(rt, "bid"), money.Nanos(amount.Draw(rt, "price")), 60, hit...)
					e.PriceState = rapid.SampledFrom(event.PriceStates()).Draw(rt, "state")
					events = append(events, e)
				}
				w.book(events...)
				for _, e := range events {
					m.book(e)
				}
			},
			"pay": func(rt *rapid.T) {
				p := Payment{Advertiser: event.AdvertiserID(root.Node), Amount: money.Nanos(rapid.Int64Range(-200, 200).Draw(rt, "payment")),
					Currency: "EUR", Reference: fmt.Sprint(payments), Reason: "test", By: "test"}
				payments++
				if p.Amount == 0 {
					return
				}
				_, fresh, err := w.Pay(ctx, p)
				most := min(paid, max(0, m.limit[root]-m.booked[root]-m.outstanding(root)))
				if refused, ok := errors.AsType[*RefundError](err); ok != (-p.Amount > most) || ok && refused.Most != most {
					rt.Fatalf("a payment of %d: %v; at most %d could be refunded", p.Amount, err, most)
				} else if ok {
					return
				}
				if err != nil || !fresh {
					rt.Fatalf("a payment of %d: %t, %v", p.Amount, fresh, err)
				}
				paid += p.Amount
				m.limit[root] += p.Amount
			},
			"pass time": func(rt *rapid.T) {
				w.clock.Advance(time.Duration(rapid.Int64Range(0, int64(2*horizon)).Draw(rt, "time")))
				if rapid.IntRange(0, 3).Draw(rt, "months") == 0 {
					w.clock.Advance(40 * 24 * time.Hour)
				}
			},
			"prune": func(rt *rapid.T) {
				n, err := w.Prune(ctx)
				if err != nil {
					rt.Fatal(err)
				}
				pruned += n
			},
			"reclaim": func(rt *rapid.T) {
				w.reclaim()
				for id, seen := range m.seen {
					if w.clock.Now().Sub(seen) > lease+horizon {
						m.gone[id] = true
						clear(m.slices[id])
					}
				}
			},
			"change the limit": func(rt *rapid.T) {
				setLimit(node.Draw(rt, "node"), money.Nanos(1+amount.Draw(rt, "limit")))
			},
			"": func(rt *rapid.T) {
				reports := w.reports(nodes)
				for _, n := range nodes {
					r := reports[n]
					if r.Booked != m.booked[n] || r.Outstanding != m.outstanding(n) || r.Overrun != m.overrun[n] {
						rt.Fatalf("node %v: ledger has booked %d, outstanding %d, overrun %d; the model %d, %d, %d",
							n, r.Booked, r.Outstanding, r.Overrun, m.booked[n], m.outstanding(n), m.overrun[n])
					}
				}
			},
		})
		checkFeeds(rt, w, m, incarnations)
	})
	t.Logf("%d slices were pruned", pruned)
}

func (m *model) book(e event.Event) {
	if _, done := m.bids[e.Bid]; done || e.PriceState == event.PriceAudit {
		return
	}
	amount := e.BidPrice
	if e.PriceState == event.PriceOK {
		amount = min(e.Price, e.BidPrice)
	}
	m.bids[e.Bid] = amount
	id := e.Bid.Incarnation()
	m.settled[id]++
	for _, n := range e.Nodes {
		free := max(0, m.limit[n]-m.booked[n]-m.outstanding(n))
		slice := min(amount, m.slices[id][n])
		m.slices[id][n] -= slice
		m.booked[n] += amount
		m.overrun[n] += max(0, amount-slice-free)
	}
}

// checkFeeds reads every incarnation's feed and compares it with the bids.
func checkFeeds(rt *rapid.T, w *world, m *model, incarnations []uint64) {
	for _, id := range incarnations {
		feed, err := w.Settled(context.Background(), id, 0)
		if err != nil {
			rt.Fatal(err)
		}
		if len(feed) != m.settled[id] {
			rt.Fatalf("incarnation %d: the feed has %d bookings, want %d", id, len(feed), m.settled[id])
		}
		if !slices.IsSortedFunc(feed, func(a, b pacing.Booked) int { return int(a.Cursor - b.Cursor) }) {
			rt.Fatalf("incarnation %d: the feed is out of order", id)
		}
		for _, b := range feed {
			if b.Amount != m.bids[b.Bid] {
				rt.Fatalf("bid %v was fed as %d, want %d", b.Bid, b.Amount, m.bids[b.Bid])
			}
		}
	}
}
