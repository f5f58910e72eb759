package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// manySlices grants slices of many budgets in two periods, each another amount.
func manySlices(w *world) (incarnation uint64, left map[event.NodePeriod]money.Nanos) {
	incarnation, left = w.open("a"), make(map[event.NodePeriod]money.Nanos)
	var wants []pacing.Want
	for i := range rowsPerStatement + 5 {
		n := event.NodePeriod{Node: event.NodeID(i + 1), Period: today}
		w.budget(n, 1000)
		for range 2 {
			left[n] = money.Nanos(len(left) + 1)
			wants = append(wants, pacing.Want{NodePeriod: n, Amount: left[n]})
			n.Period++
		}
	}
	if _, err := w.Grant(context.Background(), incarnation, wants); err != nil {
		w.t.Fatal(err)
	}
	return incarnation, left
}

func testSlicesAreReadByNodeAndPeriod(t *testing.T, w *world) {
	a, left := manySlices(w)
	b := w.open("b")
	w.grant(b, event.NodePeriod{Node: 1, Period: today}, 7)
	var keys []sliceKey
	for n := range left {
		if n.Node%3 == 0 && n.Period == today || n.Node%3 == 1 && n.Period == today+1 { // never both of a node
			keys = append(keys, sliceKey{int64(a), n})
		}
	}
	keys = append(keys, sliceKey{int64(b), event.NodePeriod{Node: 1, Period: today}})
	err := w.inTx(context.Background(), func(tx *sql.Tx) error {
		got, err := readSlices(context.Background(), tx, keys)
		for _, k := range keys {
			want := left[k.NodePeriod]
			if k.incarnation == int64(b) {
				want = 7
			}
			if got[k] != want {
				t.Errorf("of %+v %d is left, want %d", k, got[k], want)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// However many slices a bidder has, booking looks at those of its bids alone.
func TestSlicesAreFoundByTheirIndex(t *testing.T) {
	w := newWorld(t, newFile)
	var nodes []event.NodePeriod
	for i := range rowsPerStatement {
		nodes = append(nodes, event.NodePeriod{Node: event.NodeID(i + 1), Period: today + event.Period(i%2)})
	}
	where, args := whereNodes(nodes, []any{int64(1)})
	var plan strings.Builder
	r, err := w.db.Query("EXPLAIN QUERY PLAN "+selectSlices+where, args...)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var id, parent, unused int
		var step string
		err := r.Scan(&id, &parent, &unused, &step)
		fmt.Fprintln(&plan, step)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plan.String(), "(incarnation=? AND node=? AND period=?)") {
		t.Errorf("the plan is\n%s", &plan)
	}
}
