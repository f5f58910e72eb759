package store

import (
	"context"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// roomToDeliver refuses line items that share a campaign's budget and are
// together to spend at least more than all of it.
func (w *writing) roomToDeliver(ctx context.Context, id event.CampaignID) error {
	var promised float64
	err := w.QueryRowContext(ctx, `SELECT COALESCE(SUM(li.min_delivery), 0) FROM line_items li
		WHERE li.campaign_id = $1 AND li.status <> 'archived' AND li.min_delivery > 0 AND NOT EXISTS
			(SELECT 1 FROM budget_nodes n WHERE n.owner_kind = 'line_item' AND n.owner_id = li.id AND n.amount_nanos > 0)`, id).Scan(&promised)
	const rounding = 1e-9
	if err == nil && promised > 1+rounding {
		err = problem("min_delivery", "must leave the campaign's budget enough for its other line items: those without a budget of their own may state 1 together")
	}
	return err
}

// promises says whether a line item counts on a part of its campaign's budget.
func promises(li *campaign.LineItem) bool {
	return li.MinDelivery > 0 && li.Budget.Lifetime == 0 && li.Budget.Daily == 0
}
