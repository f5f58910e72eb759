package store

import (
	"context"
	"database/sql"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// node is a row of budget_nodes, as the ledger reads it.
type node struct {
	kind, window, currency, zone string
	owner                        int64
	amount                       money.Nanos
	start, end                   sql.NullInt64
}

func (w *world) node(t *testing.T, id event.NodeID) (n node) {
	t.Helper()
	err := w.DB().QueryRow(`SELECT owner_kind, owner_id, "window", amount_nanos, currency, time_zone, starts_at, ends_at FROM budget_nodes WHERE id = $1`, id).
		Scan(&n.kind, &n.owner, &n.window, &n.amount, &n.currency, &n.zone, &n.start, &n.end)
	if err != nil {
		t.Fatalf("node %d: %v", id, err)
	}
	return n
}

func testNodes(t *testing.T, w *world) {
	ctx := context.Background()
	lifetime := w.campaign.Budget.LifetimeNode
	if lifetime == 0 || w.campaign.Budget.DailyNode != 0 || w.lineItem.Budget.DailyNode == 0 || w.lineItem.Budget.DailyNode == lifetime {
		t.Fatalf("nodes: %+v, %+v", w.campaign.Budget, w.lineItem.Budget)
	}
	got := w.node(t, w.lineItem.Budget.DailyNode)
	if got.kind != "line_item" || got.owner != int64(w.lineItem.ID) || got.window != "daily" || got.amount != 20*money.Unit || got.currency != "EUR" || got.zone != "Europe/Berlin" {
		t.Errorf("the line item's node is %+v", got)
	}
	set := func(b campaign.Budget) campaign.Budget {
		t.Helper()
		w.campaign.Budget = b
		w.campaign = must(w.UpdateCampaign(ctx, w.campaign.ID, To(w.campaign)))(t)
		wantStored(t, w)
		return w.campaign.Budget
	}
	// Given an edit, the node stays and its amount follows.
	if b := set(campaign.Budget{Lifetime: 5 * money.Unit, Daily: money.Unit, LifetimeNode: 77}); b.LifetimeNode != lifetime || b.DailyNode == 0 {
		t.Errorf("after an edit: %+v", b)
	}
	if n := w.node(t, lifetime); n.amount != 5*money.Unit {
		t.Errorf("after an edit: %+v", n)
	}
	daily := w.campaign.Budget.DailyNode
	// When the budget is taken away, the node grants nothing.
	if b := set(campaign.Budget{Daily: money.Unit}); b.LifetimeNode != 0 || b.DailyNode != daily {
		t.Errorf("without a lifetime budget: %+v", b)
	}
	if n := w.node(t, lifetime); n.amount != 0 {
		t.Errorf("a budget taken away leaves %v", n.amount)
	}
	// Then it comes back as itself.
	if b := set(campaign.Budget{Lifetime: 7 * money.Unit, Daily: money.Unit}); b.LifetimeNode != lifetime || b.DailyNode != daily {
		t.Errorf("with it again: %+v", b)
	}
	var n int
	if err := w.DB().QueryRow(`SELECT COUNT(*) FROM budget_nodes`).Scan(&n); err != nil || n != 3 {
		t.Errorf("%d nodes, %v; want 3", n, err)
	}
}

func testNodeFlights(t *testing.T, w *world) {
	ctx := context.Background()
	wantFlight := func(id event.NodeID, start, end int64) {
		t.Helper()
		if n := w.node(t, id); n.start.Int64 != start || n.start.Valid != (start != 0) || n.end.Int64 != end || n.end.Valid != (end != 0) {
			t.Errorf("node %d runs %v to %v, want %d to %d", id, n.start, n.end, start, end)
		}
	}
	const ( // in Berlin
		march1 = 1772319600_000 // winter
		march9 = 1773010800_000
		april1 = 1774994400_000 // summer
	)
	wantFlight(w.campaign.Budget.LifetimeNode, march1, april1)
	wantFlight(w.lineItem.Budget.DailyNode, march1, april1)

	w.lineItem.Flight.Start = local(t, "2026-03-09")
	w.lineItem = must(w.UpdateLineItem(ctx, w.lineItem.ID, To(w.lineItem)))(t)
	wantFlight(w.lineItem.Budget.DailyNode, march9, april1)

	w.campaign.Flight.End = campaign.LocalTime{}
	w.campaign = must(w.UpdateCampaign(ctx, w.campaign.ID, To(w.campaign)))(t)
	wantFlight(w.campaign.Budget.LifetimeNode, march1, 0)
	wantFlight(w.lineItem.Budget.DailyNode, march9, 0)

	w.lineItem.Flight.Start = local(t, "2026-01-01") // before its campaign
	w.lineItem = must(w.UpdateLineItem(ctx, w.lineItem.ID, To(w.lineItem)))(t)
	wantFlight(w.lineItem.Budget.DailyNode, march1, 0)
	wantStored(t, w)
}
