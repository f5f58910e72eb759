package ledger

import (
	"context"
	"database/sql"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
)

// setCosts fills in what advertisers pay for bookings: by the rules that were
// in effect when the bids left, whenever the bills came. Rules are never
// changed and begin after they are made, so it is the same whenever it is
// asked, and the same that the bidder held.
//
// Fees are in the advertiser's currency, so they come after the conversion.
func setCosts(ctx context.Context, tx *sql.Tx, bills []booking) error {
	if err := setPaid(ctx, tx, bills); err != nil {
		return err
	}
	var ids []event.AdvertiserID
	asked := make(map[event.AdvertiserID]bool)
	for i := range bills {
		if id := bills[i].Advertiser; !asked[id] {
			asked[id] = true
			ids = append(ids, id)
		}
	}
	rules, err := store.FeeRulesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range bills {
		b := &bills[i]
		if b.unrated {
			b.cost = b.media // fees are in it
			continue
		}
		b.cost = rules[b.Advertiser].Cost(b.media, b.Sold(), b.IssuedAt)
	}
	return nil
}

// setCorrectionCosts fills in what corrections add to what advertisers pay.
// Credits and conversions are of what the advertiser paid. What an exchange's
// report adds or takes away is media cost, which the fees of its day go with:
// the markup, and those per impression for as many as it is known to be. Money
// that is moved to another day bears none: its booking did.
func setCorrectionCosts(ctx context.Context, tx *sql.Tx, entries []entry) error {
	if err := setCorrected(ctx, tx, entries); err != nil {
		return err
	}
	var ids []event.AdvertiserID
	asked := make(map[event.AdvertiserID]bool)
	for i := range entries {
		if id := entries[i].Advertiser; !asked[id] {
			asked[id] = true
			ids = append(ids, id)
		}
	}
	rules, err := store.FeeRulesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		if e.cost = e.media; e.Kind == Reconciled && !e.Redated {
			e.cost = rules[e.Advertiser].CostOfSum(e.media, e.Impressions, e.at())
		}
	}
	return nil
}
