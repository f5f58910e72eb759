package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func testBatch(t *testing.T, w *world) {
	ctx := context.Background()
	const n = 2*rowsPerInsert + 7
	items := make([]campaign.LineItem, n)
	for i := range items {
		items[i] = w.newLineItem(fmt.Sprint("batch ", i))
		if i%3 == 0 {
			items[i].Budget = campaign.Budget{Lifetime: money.Nanos(i+1) * money.Unit}
		}
	}
	before := must(w.Changes(ctx, 0))(t)
	items[n-1].MaxBidCPM = 0
	_, err := w.CreateLineItems(ctx, items)
	wantProblem(t, err, fmt.Sprintf("[%d].max_bid_cpm", n-1))
	if after := must(w.Changes(ctx, 0))(t); after.Revision != before.Revision || len(after.LineItems) != 1 {
		t.Errorf("a batch that was refused left %d line items", len(after.LineItems)-1)
	}
	items[n-1].MaxBidCPM = money.Unit
	created := must(w.CreateLineItems(ctx, items))(t)
	if items[0].ID != 0 {
		t.Error("the caller's line items were changed")
	}
	nodes := map[event.NodeID]bool{}
	for i, li := range created {
		if got := must(w.GetLineItem(ctx, li.ID))(t); got.Name != items[i].Name || got.Budget != li.Budget {
			t.Errorf("line item %d is %+v", i, got)
		}
		nodes[li.Budget.LifetimeNode+li.Budget.DailyNode] = true // one of them is 0
	}
	if len(nodes) != n || nodes[0] {
		t.Errorf("%d line items have %d nodes", n, len(nodes))
	}
	cs := []campaign.Creative{w.newCreative("a"), w.newCreative("b")}
	cs[1].LineItemID = created[5].ID
	made := must(w.CreateCreatives(ctx, cs))(t)
	if got := must(w.ListCreatives(ctx, Filter{ParentID: int64(created[5].ID)}))(t); len(got) != 1 || got[0].ID != made[1].ID {
		t.Errorf("the line item's creatives are %+v", got)
	}
	if none := must(w.CreateLineItems(ctx, nil))(t); len(none) != 0 {
		t.Errorf("an empty batch made %d line items", len(none))
	}
	var p campaign.Problems
	if _, err := w.CreateLineItems(ctx, make([]campaign.LineItem, MaxBatch+1)); !errors.As(err, &p) {
		t.Errorf("a batch too large: %v", err)
	}
}

// testParallelWriters wants all writers to get their turn, each id and
// revision once, and nobody to be told that the database is busy.
func testParallelWriters(t *testing.T, w *world) {
	const writers, each = 12, 4
	before := must(w.Changes(context.Background(), 0))(t)
	var wg sync.WaitGroup
	ids := make([][]event.LineItemID, writers)
	for i := range writers {
		wg.Go(func() {
			ctx := context.Background()
			for range each {
				li, err := w.CreateLineItem(ctx, w.newLineItem("parallel"))
				if err != nil {
					t.Error(err)
					return
				}
				// Reading first and writing later is what fails when the
				// write lock is taken late.
				li.Name = "renamed"
				if _, err := w.UpdateLineItem(ctx, li.ID, To(li)); err != nil {
					t.Error(err)
				}
				if _, err := w.GetLineItem(ctx, li.ID); err != nil {
					t.Error(err)
				}
				ids[i] = append(ids[i], li.ID)
			}
		})
	}
	wg.Wait()
	seen := map[event.LineItemID]bool{}
	for _, some := range ids {
		for _, id := range some {
			seen[id] = true
		}
	}
	after := must(w.Changes(context.Background(), before.Revision))(t)
	if len(seen) != writers*each || len(after.LineItems) != writers*each || after.Revision != before.Revision+2*writers*each {
		t.Errorf("%d ids, %d line items, %d revisions; want %d, %d, %d", len(seen), len(after.LineItems), after.Revision-before.Revision,
			writers*each, writers*each, 2*writers*each)
	}
}
