package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// MaxBatch is how many things one call creates at most.
const MaxBatch = 10_000

// CreateLineItem adds a line item and returns it with its id, its advertiser
// and its budget nodes.
func (s *Store) CreateLineItem(ctx context.Context, li campaign.LineItem) (campaign.LineItem, error) {
	return single(s.createLineItems(ctx, []campaign.LineItem{li}))
}

// CreateLineItems adds many line items, or none of them. The field of a
// problem begins with the index: "[3].name".
func (s *Store) CreateLineItems(ctx context.Context, items []campaign.LineItem) ([]campaign.LineItem, error) {
	return s.createLineItems(ctx, slices.Clone(items))
}

// CreateCreative adds a creative and returns it with its id.
func (s *Store) CreateCreative(ctx context.Context, c campaign.Creative) (campaign.Creative, error) {
	return single(s.createCreatives(ctx, []campaign.Creative{c}))
}

// CreateCreatives adds many creatives, or none of them, as CreateLineItems
// does.
func (s *Store) CreateCreatives(ctx context.Context, cs []campaign.Creative) ([]campaign.Creative, error) {
	return s.createCreatives(ctx, slices.Clone(cs))
}

// createLineItems sets what the store assigns in items.
func (s *Store) createLineItems(ctx context.Context, items []campaign.LineItem) ([]campaign.LineItem, error) {
	return write(ctx, s, "create line items", func(w *writing) ([]campaign.LineItem, error) {
		known, err := w.exchangeIDs(ctx)
		if err != nil {
			return nil, err
		}
		parents := map[event.CampaignID]owner{}
		rows, err := w.prepare(ctx, "line_item", len(items), func(i int, id int64) ([]any, error) {
			li := &items[i]
			fresh(&li.ID, &li.Status)
			if err := li.Validate(); err != nil {
				return nil, err
			}
			if err := knownExchanges(*li, known); err != nil {
				return nil, err
			}
			if err := w.knownLists(ctx, li); err != nil {
				return nil, err
			}
			parent, ok := parents[li.CampaignID]
			if !ok {
				if parent, err = w.parentCampaign(ctx, li.CampaignID); err != nil {
					return nil, err
				}
				parents[li.CampaignID] = parent
			}
			li.ID, li.AdvertiserID = event.LineItemID(id), parent.advertiser.ID
			rules, err := lineItemJSON(*li)
			return []any{li.ID, li.CampaignID, li.AdvertiserID, li.Name, li.Status, li.Flight.Start.String(), li.Flight.End.String(),
				li.Goal.Kind, int64(li.Goal.Amount), int64(li.MaxBidCPM), li.ClickRate, rules[0], rules[1], rules[2], rules[3], li.Rotation, w.revision,
				li.Goal.Return, li.ConversionRate, li.ConversionRatePer, int64(li.OrderValue), rules[4], li.MinDelivery, li.Budget.Pacing}, err
		})
		if err != nil {
			return nil, err
		}
		const into = `line_items (id, campaign_id, advertiser_id, name, status, flight_start, flight_end,
			goal, goal_amount, max_bid_nanos, click_rate, targeting, frequency_caps, frequency_curve, bid_modifiers, rotation, revision,
			goal_return, conversion_rate, conversion_rate_per, order_value, limits, min_delivery, pacing)`
		if err := w.insert(ctx, into, rows); err != nil {
			return nil, err
		}
		var nodes []newNode
		for i := range items {
			li := &items[i]
			nodes = append(nodes, parents[li.CampaignID].lineItem(li.ID, li.Flight).newNodes(&li.Budget)...)
		}
		if err := w.insertNodes(ctx, nodes); err != nil {
			return nil, err
		}
		checked := map[event.CampaignID]bool{}
		for i := range items {
			if li := &items[i]; promises(li) && !checked[li.CampaignID] {
				checked[li.CampaignID] = true
				if err := w.roomToDeliver(ctx, li.CampaignID); err != nil {
					return nil, atIndex(i, err)
				}
			}
		}
		return items, nil
	})
}

// createCreatives sets what the store assigns in cs.
func (s *Store) createCreatives(ctx context.Context, cs []campaign.Creative) ([]campaign.Creative, error) {
	return write(ctx, s, "create creatives", func(w *writing) ([]campaign.Creative, error) {
		known, err := w.exchangeIDs(ctx)
		if err != nil {
			return nil, err
		}
		rows, err := w.prepare(ctx, "creative", len(cs), func(i int, id int64) ([]any, error) {
			c := &cs[i]
			fresh(&c.ID, &c.Status)
			c.Format = c.Kind()
			if err := c.Validate(); err != nil {
				return nil, err
			}
			if err := knownApprovals(c, known); err != nil {
				return nil, err
			}
			status, err := lineItems.status(ctx, w, int64(c.LineItemID))
			if err := asParent(err, status, "line_item_id", "line item"); err != nil {
				return nil, err
			}
			c.ID = event.CreativeID(id)
			lists, err := creativeJSON(c)
			return []any{c.ID, c.LineItemID, c.Name, c.Status, c.Size.W, c.Size.H, c.Markup, c.LandingURL,
				lists[0], lists[1], lists[2], c.Secure, c.Kind(), lists[3], w.revision}, err
		})
		if err != nil {
			return nil, err
		}
		return cs, w.insert(ctx, `creatives (id, line_item_id, name, status, width, height, markup, landing_url,
			domains, categories, attributes, secure, format, content, revision)`, rows)
	})
}

// prepare takes n ids of a kind and returns the rows that row makes of them.
func (w *writing) prepare(ctx context.Context, kind string, n int, row func(i int, id int64) ([]any, error)) ([][]any, error) {
	if n > MaxBatch {
		return nil, problem("", fmt.Sprintf("must have at most %d elements", MaxBatch))
	}
	first, err := w.take(ctx, kind, n)
	if err != nil {
		return nil, err
	}
	rows := make([][]any, n)
	for i := range rows {
		if rows[i], err = row(i, first+int64(i)); err != nil {
			return nil, atIndex(i, err)
		}
	}
	return rows, nil
}

// parentCampaign returns the campaign that a new line item names.
func (w *writing) parentCampaign(ctx context.Context, id event.CampaignID) (owner, error) {
	status, err := campaigns.status(ctx, w, int64(id))
	if err := asParent(err, status, "campaign_id", "campaign"); err != nil {
		return owner{}, err
	}
	return w.owner(ctx, id)
}

// atIndex puts the index of an element before the fields of its problems.
func atIndex(i int, err error) error {
	var p campaign.Problems
	if !errors.As(err, &p) {
		return err
	}
	p = slices.Clone(p)
	for j := range p {
		p[j].Field = fmt.Sprintf("[%d].%s", i, p[j].Field)
	}
	return p
}

// single returns the only element of a batch.
func single[T any](all []T, err error) (one T, _ error) {
	var p campaign.Problems
	switch {
	case errors.As(err, &p):
		for j := range p {
			p[j].Field = strings.TrimPrefix(p[j].Field, "[0].")
		}
		return one, p
	case err != nil:
		return one, err
	}
	return all[0], nil
}
