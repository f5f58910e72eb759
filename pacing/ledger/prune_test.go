package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// left lists the slices that there are.
func (w *world) left() string {
	w.t.Helper()
	r, err := w.store.DB().Query(`SELECT incarnation, node, period, granted, booked, returned FROM slices ORDER BY incarnation, node, period`)
	var all []string
	err = scanAll(r, err, func(r *sql.Rows) error {
		var n [6]int64
		err := r.Scan(&n[0], &n[1], &n[2], &n[3], &n[4], &n[5])
		all = append(all, fmt.Sprint(n))
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

// testOldSlicesArePruned: what nothing is left of goes once no bill of it is
// booked any more, some at a time; the books stay what they are.
func testOldSlicesArePruned(t *testing.T, w *world) {
	w.look = 3
	ctx := context.Background()
	first := event.NodePeriod{Node: 2, Period: today}
	w.budget(life, 1_000_000)
	w.budget(first, 1000)
	dead, live := w.open("dead"), w.open("live")
	w.grant(dead, life, 500)
	w.grant(live, life, 100)
	w.book(w.billing(live, 1, 100, 100, life)) // nothing is left of it: it is for the whole flight
	var days []event.NodePeriod
	for d := range 40 {
		n := event.NodePeriod{Node: 2, Period: event.PeriodOf(w.clock.Now())}
		days = append(days, n)
		w.grant(live, n, 100)
		w.book(w.billing(live, uint64(10+d), 100, 100, n))
		w.clock.Advance(24 * time.Hour)
	}
	kept := days[3] // of which something is left: somebody has it in hand
	w.grant(live, kept, 7)
	w.reclaim() // dead: what it had of life goes back
	prune := func() (n int64) {
		t.Helper()
		for range 30 { // more than once around
			k, err := w.Prune(ctx)
			if err != nil || k > int64(w.look) {
				t.Fatalf("%d slices were pruned at once: %v", k, err)
			}
			n += k
		}
		return n
	}
	nodes := append(days, life)
	books, feed := w.reports(nodes), settledOf(t, w, live)
	// The days that are over for 30 days, a horizon and a day for time zones are the
	// first nine; one of them is kept. And the dead one's.
	if n := prune(); n != 9-1+1 {
		t.Errorf("%d slices were pruned:\n%s", n, w.left())
	}
	if got := w.left(); strings.Contains(got, fmt.Sprint(days[8].Period)) || !strings.Contains(got, fmt.Sprint(kept.Period)) ||
		!strings.Contains(got, fmt.Sprint(days[9].Period)) || !strings.Contains(got, fmt.Sprint(live, 1, 0)) || strings.Contains(got, fmt.Sprint(dead, 1, 0)) {
		t.Errorf("there are left\n%s", got)
	}
	if n := prune(); n != 0 {
		t.Errorf("%d more were pruned", n)
	}
	if got := w.reports(nodes); fmt.Sprint(got) != fmt.Sprint(books) {
		t.Errorf("budgets stand at\n%v, and stood at\n%v", got, books)
	}
	if got := settledOf(t, w, live); got != feed {
		t.Errorf("the feed has\n%s, it had\n%s", got, feed)
	}
	// A bill of such a day is booked as where the slice had nothing left, and a grant is a slice again.
	w.book(w.billing(live, 90, 10, 10, days[0]), w.billing(dead, 91, 10, 10, life))
	w.expect(days[0], 110, 0, 0)
	w.expect(life, 110, 0, 0)
	if got := w.grant(live, days[0], 30); got != 30 {
		t.Errorf("granted %v", got)
	}
	w.expect(days[0], 110, 30, 0)
	if n := prune(); n != 0 {
		t.Errorf("%d slices were pruned that somebody has in hand", n)
	}
}

func settledOf(t *testing.T, w *world, incarnation uint64) string {
	t.Helper()
	all, err := w.Settled(context.Background(), incarnation, 0)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(all)
}
