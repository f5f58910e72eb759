package reconcile

import (
	"context"
	"errors"
	"fmt"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// accounts finds what ids of a report belong to, each asked for once.
type accounts struct {
	store     *store.Store
	lineItems map[event.LineItemID]ledger.Account // a zero account: we have none of this id
	creatives map[event.CreativeID]event.LineItemID
	campaigns map[event.CampaignID]ledger.Account
	unknown   int
}

func newAccounts(s *store.Store) *accounts {
	return &accounts{
		store:     s,
		lineItems: make(map[event.LineItemID]ledger.Account),
		creatives: make(map[event.CreativeID]event.LineItemID),
		campaigns: make(map[event.CampaignID]ledger.Account),
	}
}

// of returns the account of a line, by the narrowest id that it has.
func (a *accounts) of(ctx context.Context, line *Line) (account ledger.Account, known bool, err error) {
	lineItem := line.LineItem
	if lineItem == 0 && line.Creative != 0 {
		lineItem, err = find(a, a.creatives, line.Creative, func() (event.LineItemID, error) {
			c, err := a.store.GetCreative(ctx, line.Creative)
			return c.LineItemID, err
		})
		if err != nil || lineItem == 0 {
			return account, false, err
		}
	}
	switch {
	case lineItem != 0:
		account, err = find(a, a.lineItems, lineItem, func() (ledger.Account, error) {
			li, err := a.store.GetLineItem(ctx, lineItem)
			return ledger.Account{Advertiser: li.AdvertiserID, Campaign: li.CampaignID, LineItem: li.ID}, err
		})
	case line.Campaign != 0:
		account, err = find(a, a.campaigns, line.Campaign, func() (ledger.Account, error) {
			c, err := a.store.GetCampaign(ctx, line.Campaign)
			return ledger.Account{Advertiser: c.AdvertiserID, Campaign: c.ID}, err
		})
	}
	return account, account != ledger.Account{}, err
}

// find returns what get says of an id, the zero value for what is not there.
func find[K comparable, V comparable](a *accounts, known map[K]V, id K, get func() (V, error)) (v V, err error) {
	v, ok := known[id]
	if ok {
		return v, nil
	}
	var none V
	switch v, err = get(); {
	case errors.Is(err, store.ErrNotFound):
		v = none
		if a.unknown++; a.unknown > maxUnknown {
			return none, fmt.Errorf("cannot use the report: it is about more than %d ids that we do not know: is it of this exchange, and of us?", maxUnknown)
		}
	case err != nil:
		return none, err
	}
	known[id] = v
	return v, nil
}
