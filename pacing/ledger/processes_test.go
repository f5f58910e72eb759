package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// processes returns worlds with connections of their own on the database of w.
func (w *world) processes(t *testing.T, n int) []*world {
	t.Helper()
	all := make([]*world, n)
	for i := range all {
		all[i] = join(t, w)
	}
	return all
}

// all runs do for each world at the same time.
func all(worlds []*world, do func(i int, w *world)) {
	var wg sync.WaitGroup
	for i, w := range worlds {
		wg.Go(func() { do(i, w) })
	}
	wg.Wait()
}

// testProcessesGrantNoMoreThanTheBudget has several processes fight over the
// same budgets, which they name in different orders. Some give back.
func testProcessesGrantNoMoreThanTheBudget(t *testing.T, w *world) {
	const limit, rounds = 500, 12
	day := event.NodePeriod{Node: 2, Period: today}
	w.budget(life, limit)
	w.budget(day, limit/2)
	have := make([]map[event.NodePeriod]money.Nanos, 4)
	all(w.processes(t, len(have)), func(i int, p *world) {
		have[i] = make(map[event.NodePeriod]money.Nanos)
		a := p.open(fmt.Sprint("bidder", i))
		for round := range rounds {
			wants := []pacing.Want{{NodePeriod: life, Amount: money.Nanos(7 + i)}, {NodePeriod: day, Amount: money.Nanos(5 + i)}}
			if round%2 == 1 {
				wants[0], wants[1] = wants[1], wants[0]
			}
			grants, err := p.Grant(context.Background(), a, wants)
			if err != nil {
				t.Error(err)
				return
			}
			for _, g := range grants {
				have[i][g.NodePeriod] += g.Amount
				if g.Booked+g.Outstanding > g.Limit {
					t.Errorf("booked %d and outstanding %d of %d", g.Booked, g.Outstanding, g.Limit)
				}
			}
			if round%4 == 3 {
				back := []pacing.Want{{NodePeriod: wants[0].NodePeriod, Amount: 3}}
				if err := p.Return(context.Background(), a, back); err != nil {
					t.Error(err)
				}
				have[i][wants[0].NodePeriod] -= 3
			}
		}
	})
	for n, limit := range map[event.NodePeriod]money.Nanos{life: limit, day: limit / 2} {
		var sum money.Nanos
		for _, h := range have {
			sum += h[n]
		}
		if r := w.report(n); sum != r.Outstanding || sum > limit {
			t.Errorf("bidders have %d of %v, the ledger says %d of %d", sum, n, r.Outstanding, limit)
		}
	}
	if r := w.report(day); r.Limit-r.Outstanding > 3*4 {
		t.Errorf("%d of the day's budget were granted to nobody", r.Limit-r.Outstanding)
	}
}

// testProcessesBookOnce has several bookers book the same events, in batches
// and orders of their own, while a reader follows the feed.
func testProcessesBookOnce(t *testing.T, w *world) {
	const bids, bookers = 120, 3
	w.budget(life, 10_000)
	day := event.NodePeriod{Node: 2, Period: today}
	w.budget(day, 100)
	a := w.open("a")
	w.grant(a, life, 500)
	w.grant(a, day, 50)
	events := make([]event.Event, bids)
	for i := range events {
		events[i] = w.billing(a, uint64(i+1), money.Nanos(1+i%7), 10, life, day)
	}
	strides := [bookers]int{1, 7, 11} // each reaches every bid
	var booked, duplicates [bookers]int
	done := make(chan struct{})
	go func() {
		defer close(done)
		all(w.processes(t, bookers), func(i int, p *world) {
			for k := 0; k < bids; k += 10 * (i + 1) {
				batch := make([]event.Event, 0, 10*(i+1))
				for j := k; j < min(k+10*(i+1), bids); j++ {
					batch = append(batch, events[(j*strides[i]+i*31)%bids])
				}
				r, err := p.Book(context.Background(), batch)
				if err != nil {
					t.Error(err)
				}
				booked[i] += r.Booked
				duplicates[i] += r.Duplicates
			}
		})
	}()
	fed := make(map[event.BidID]money.Nanos)
	var cursor int64
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		feed, err := w.Settled(context.Background(), a, cursor)
		if err != nil {
			t.Error(err)
		}
		for _, b := range feed {
			if _, twice := fed[b.Bid]; twice {
				t.Errorf("bid %v was fed twice", b.Bid)
			}
			fed[b.Bid], cursor = b.Amount, b.Cursor
		}
	}
	var want, got money.Nanos
	for i := range events {
		want += events[i].Price
	}
	for _, amount := range fed {
		got += amount
	}
	if n := booked[0] + booked[1] + booked[2]; n != bids || len(fed) != bids || got != want {
		t.Errorf("booked %d, fed %d bids of %d together; want %d and %d", n, len(fed), got, bids, want)
	}
	if duplicates[0]+duplicates[1]+duplicates[2] != (bookers-1)*bids {
		t.Errorf("duplicates: %v", duplicates)
	}
	w.expect(life, want, 500-want, 0)
	w.expect(day, want, 0, want-100)
	w.expectBalanced()
}

// testProcessesAtOnce has processes do everything at the same time. At the end
// the books balance.
func testProcessesAtOnce(t *testing.T, w *world) {
	const rounds = 6
	nodes := []event.NodePeriod{life, {Node: 2, Period: today}, {Node: 3}}
	for _, n := range nodes {
		w.budget(n, 400)
	}
	all(w.processes(t, 4), func(i int, p *world) {
		for round := range rounds {
			a := p.open(fmt.Sprint("bidder", i%2)) // two processes under one name fence each other
			for k, n := range nodes {
				_, err := p.Grant(context.Background(), a, []pacing.Want{{NodePeriod: n, Amount: 9}, {NodePeriod: nodes[(k+i)%3], Amount: 4}})
				if err != nil && !errors.Is(err, pacing.ErrFenced) {
					t.Error(err)
				}
			}
			p.book(p.billing(a, 1, 5, 5, nodes[i%3], nodes[(i+1)%3]), p.billing(uint64(round), 1, 2, 2, nodes[2], nodes[0]))
			if round == rounds/2 && i == 0 {
				p.clock.Advance(lease + horizon + 1)
			}
			if _, err := p.Reclaim(context.Background()); err != nil {
				t.Error(err)
			}
			p.budget(nodes[round%3], money.Nanos(300+round*20))
		}
	})
	w.expectBalanced()
}

// expectBalanced wants what is written down twice to agree: balances with
// their slices, with their bookings, and totals with bookings.
func (w *world) expectBalanced() {
	w.t.Helper()
	for what, query := range map[string]string{
		"balances that differ from their slices": `SELECT COUNT(*) FROM balances b WHERE b.outstanding <> COALESCE(
			(SELECT SUM(granted - booked - returned) FROM slices s WHERE s.node = b.node AND s.period = b.period), 0)`,
		"balances that differ from their bookings": `SELECT COUNT(*) FROM balances b WHERE b.bookings <> (SELECT COUNT(*) FROM booking_nodes n
			WHERE n.node = b.node AND n.period = b.period) OR b.overrun <> COALESCE((SELECT SUM(overrun) FROM booking_nodes n
			WHERE n.node = b.node AND n.period = b.period), 0) OR b.booked <> COALESCE((SELECT SUM(k.amount) FROM booking_nodes n
			JOIN bookings k ON k.cursor = n.cursor WHERE n.node = b.node AND n.period = b.period), 0) + COALESCE((SELECT SUM(amount)
			FROM correction_nodes c WHERE c.node = b.node AND c.period = b.period), 0)`,
		"slices that differ from their bookings": `SELECT COUNT(*) FROM slices s WHERE s.booked <> COALESCE((SELECT SUM(n.from_slice)
			FROM booking_nodes n JOIN bookings k ON k.cursor = n.cursor WHERE n.node = s.node AND n.period = s.period AND k.incarnation = s.incarnation), 0)`,
		"totals that differ from the bookings": `SELECT COUNT(*) FROM ledger_totals t WHERE t.bookings <> (SELECT COUNT(*) FROM bookings k
			WHERE k.currency = t.currency) OR t.amount <> (SELECT COALESCE(SUM(amount), 0) FROM bookings k WHERE k.currency = t.currency)
			OR t.overrun <> (SELECT COALESCE(SUM(overrun), 0) FROM bookings k WHERE k.currency = t.currency)`,
		"cursors that were left out": `SELECT COALESCE(MAX(cursor), 0) - COUNT(*) FROM bookings`,
		"bookings that are not covered": `SELECT COUNT(*) FROM booking_nodes n JOIN bookings k ON k.cursor = n.cursor
			WHERE n.from_slice + n.from_free + n.overrun <> k.amount`,
	} {
		var n int
		if err := w.store.DB().QueryRow(query).Scan(&n); err != nil || n != 0 {
			w.t.Errorf("%d %s, %v", n, what, err)
		}
	}
}
