package store

import (
	"context"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

var lineItems = kind[campaign.LineItem]{
	name: "line item", table: "line_items", alias: "li", parent: "campaign_id",
	selectFrom: `SELECT li.id, li.campaign_id, li.advertiser_id, li.name, li.status, li.flight_start, li.flight_end,
		li.goal, li.goal_amount, li.goal_return, li.max_bid_nanos, li.click_rate, li.targeting, li.frequency_caps,
		li.frequency_curve, li.bid_modifiers, li.rotation, li.pacing,
		li.conversion_rate, li.conversion_rate_per, li.order_value, li.limits, li.min_delivery, ` + budgetColumns +
		` FROM line_items li` + budgetJoins("line_item", "li.id"),
	scan: func(r row) (li campaign.LineItem, err error) {
		b := &li.Budget
		err = r.Scan(&li.ID, &li.CampaignID, &li.AdvertiserID, &li.Name, &li.Status, localTime{&li.Flight.Start}, localTime{&li.Flight.End},
			&li.Goal.Kind, &li.Goal.Amount, &li.Goal.Return, &li.MaxBidCPM, &li.ClickRate, fromJSON{&li.Targeting}, fromJSON{&li.FrequencyCaps},
			fromJSON{&li.Curve}, fromJSON{&li.Modifiers}, &li.Rotation, &b.Pacing,
			&li.ConversionRate, &li.ConversionRatePer, &li.OrderValue, fromJSON{&li.Limits}, &li.MinDelivery,
			&b.Lifetime, &b.LifetimeNode, &b.Daily, &b.DailyNode)
		return li, err
	},
}

// GetLineItem returns a line item, or ErrNotFound.
func (s *Store) GetLineItem(ctx context.Context, id event.LineItemID) (campaign.LineItem, error) {
	return lineItems.get(ctx, s.db, int64(id))
}

// ListLineItems returns a page of line items, of one campaign or all.
func (s *Store) ListLineItems(ctx context.Context, f Filter) ([]campaign.LineItem, error) {
	return lineItems.list(ctx, s.db, f)
}

// UpdateLineItem changes a line item. Its budget nodes keep their ids. A
// zero CampaignID stands for the one it has; another is refused.
func (s *Store) UpdateLineItem(ctx context.Context, id event.LineItemID, change func(campaign.LineItem) (campaign.LineItem, error)) (campaign.LineItem, error) {
	return write(ctx, s, "update a line item", func(w *writing) (campaign.LineItem, error) {
		was, li, err := lineItems.change(ctx, w, int64(id), change)
		if err != nil {
			return li, err
		}
		li.ID = id
		if err := keepParent("campaign_id", was.CampaignID, &li.CampaignID); err != nil {
			return li, err
		}
		li.AdvertiserID = was.AdvertiserID
		if err := li.Validate(); err != nil {
			return li, err
		}
		known, err := w.exchangeIDs(ctx)
		if err != nil {
			return li, err
		}
		if err := knownExchanges(li, known); err != nil {
			return li, err
		}
		if err := w.knownLists(ctx, &li); err != nil {
			return li, err
		}
		if err := w.updateLineItem(ctx, li); err != nil {
			return li, err
		}
		parent, err := w.owner(ctx, li.CampaignID)
		if err != nil {
			return li, err
		}
		if err := w.setBudget(ctx, parent.lineItem(li.ID, li.Flight), &li.Budget); err != nil || !promises(&li) {
			return li, err
		}
		return li, w.roomToDeliver(ctx, li.CampaignID)
	})
}

// SetLineItemStatus pauses, resumes or archives a line item.
func (s *Store) SetLineItemStatus(ctx context.Context, id event.LineItemID, to campaign.Status) (campaign.LineItem, error) {
	return lineItems.setStatus(ctx, s, int64(id), to)
}

func (w *writing) updateLineItem(ctx context.Context, li campaign.LineItem) error {
	rules, err := lineItemJSON(li)
	if err != nil {
		return err
	}
	const update = `UPDATE line_items SET name = $1, status = $2, flight_start = $3, flight_end = $4, goal = $5, goal_amount = $6,
		max_bid_nanos = $7, click_rate = $8, targeting = $9, frequency_caps = $10, frequency_curve = $11, bid_modifiers = $12,
		rotation = $13, revision = $14, goal_return = $16, conversion_rate = $17, conversion_rate_per = $18, order_value = $19,
		limits = $20, min_delivery = $21, pacing = $22 WHERE id = $15`
	_, err = w.ExecContext(ctx, update, li.Name, li.Status, li.Flight.Start.String(), li.Flight.End.String(), li.Goal.Kind, int64(li.Goal.Amount),
		int64(li.MaxBidCPM), li.ClickRate, rules[0], rules[1], rules[2], rules[3], li.Rotation, w.revision, li.ID,
		li.Goal.Return, li.ConversionRate, li.ConversionRatePer, int64(li.OrderValue), rules[4], li.MinDelivery, li.Budget.Pacing)
	return err
}

// owner returns a campaign as the owner of its budget.
func (w *writing) owner(ctx context.Context, id event.CampaignID) (owner, error) {
	c, err := campaigns.get(ctx, w, int64(id))
	if err != nil {
		return owner{}, err
	}
	a, err := advertisers.get(ctx, w, int64(c.AdvertiserID))
	if err != nil {
		return owner{}, err
	}
	return campaignOwner(a, c)
}

// lineItemJSON returns the columns of JSON: targeting, caps, curve, modifiers,
// limits.
func lineItemJSON(li campaign.LineItem) (columns [5]string, err error) {
	for i, v := range []any{li.Targeting, li.FrequencyCaps, li.Curve, li.Modifiers, li.Limits} {
		if columns[i], err = toJSON(v); err != nil {
			return columns, err
		}
	}
	return columns, nil
}
