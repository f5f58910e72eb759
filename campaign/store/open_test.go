package store

import (
	"context"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// Processes that start together, a server and a command, all find the tables.
func TestOpenTogether(t *testing.T) {
	for name, empty := range map[string]func(testing.TB) string{"SQLite": newFile, "PostgreSQL": newSchema} {
		t.Run(name, func(t *testing.T) {
			dsn := empty(t)
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() {
					s, err := Open(context.Background(), Config{DSN: dsn, Clock: clock.Real()})
					if err != nil {
						t.Error(err)
						return
					}
					s.Close()
				})
			}
			wg.Wait()
		})
	}
}

func testOpenAgain(t *testing.T, w *world) {
	before := must(w.Changes(context.Background(), 0))(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Store = open(t, w.dsn)
	wantStored(t, w)
	// Ids and revisions go on where they were.
	next := must(w.CreateLineItem(context.Background(), w.newLineItem("Next")))(t)
	after := must(w.Changes(context.Background(), before.Revision))(t)
	if next.ID != w.lineItem.ID+1 || after.Revision != before.Revision+1 || len(after.LineItems) != 1 {
		t.Errorf("line item %d, revision %d", next.ID, after.Revision)
	}
}

// The database itself holds what the code relies on, should the code fail to.
func testConstraints(t *testing.T, w *world) {
	for _, stmt := range []string{
		`INSERT INTO campaigns (id, advertiser_id, name, status, flight_start, flight_end, revision) VALUES (99, 99, 'a', 'active', '', '', 1)`,
		`DELETE FROM advertisers`,
		`UPDATE line_items SET status = 'deleted'`,
		`UPDATE budget_nodes SET amount_nanos = -1`,
		`INSERT INTO budget_nodes SELECT id + 100, owner_kind, owner_id, "window", amount_nanos, currency, time_zone, starts_at, ends_at FROM budget_nodes`,
	} {
		if _, err := w.DB().Exec(stmt); err == nil {
			t.Errorf("%s succeeds", stmt)
		}
	}
	wantStored(t, w)
}

// testProcesses wants several processes that write at once, each with
// connections of its own, to give every id and revision once, and whoever
// follows the changes meanwhile to miss none.
func testProcesses(t *testing.T, w *world) {
	const processes, each = 3, 8
	ctx := context.Background()
	before := must(w.Changes(ctx, 0))(t).Revision
	var writers sync.WaitGroup
	for range processes {
		s := open(t, w.dsn)
		writers.Go(func() {
			for range each {
				if _, err := s.CreateLineItem(ctx, w.newLineItem("parallel")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	seen, at := map[event.LineItemID]bool{}, before
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		c := must(w.Changes(ctx, at))(t)
		for _, li := range c.LineItems {
			seen[li.ID] = true
		}
		if at = c.Revision; at-before != Revision(len(seen)) {
			t.Fatalf("at revision %d, %d line items were seen", at-before, len(seen))
		}
	}
	if len(seen) != processes*each {
		t.Errorf("%d line items, want %d", len(seen), processes*each)
	}
}
