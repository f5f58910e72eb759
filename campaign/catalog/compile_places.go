package catalog

import (
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// alikeRules is what line items that were compiled lately say as others do: they
// are of the same countries and hours, and leave out the same sites.
type alikeRules struct {
	exchanges recent[[]event.ExchangeID]
	countries recent[[]countryCode]
	hours     recent[*weekHours]
	places    recent[*places]
}

// shared returns a list that others have, too, kept once.
func shared[T any](known *recent[[]T], list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return known.get(fmt.Append(nil, list), func() []T { return list })
}

// placesOf returns nil where nothing restricts.
func (b *book) placesOf(t *campaign.Targeting) (*places, error) {
	if !t.InventoryLists.IsZero() { // what is in one may change
		return b.newPlaces(t)
	}
	if t.Sites.IsZero() && t.Apps.IsZero() {
		return nil, nil
	}
	return b.rules.places.get(fmt.Appendf(nil, "%q %q", t.Sites, t.Apps), func() *places {
		p, _ := b.newPlaces(t) // no list is missing
		return p
	}), nil
}

func (b *book) newPlaces(t *campaign.Targeting) (p *places, err error) {
	p = &places{
		sites: newNameSet(t.Sites.Include, b.text), notSites: newNameSet(t.Sites.Exclude, b.text),
		apps: newNameSet(t.Apps.Include, b.text), notApps: newNameSet(t.Apps.Exclude, b.text),
		restricted: len(t.Sites.Include)+len(t.Apps.Include)+len(t.InventoryLists.Include) > 0,
	}
	if p.lists, err = b.inventories(t.InventoryLists.Include); err != nil {
		return nil, err
	}
	p.notLists, err = b.inventories(t.InventoryLists.Exclude)
	return p, err
}

func (b *book) inventories(ids []campaign.InventoryListID) (all []*inventory, err error) {
	for _, id := range ids {
		v := b.lists[id]
		if v == nil {
			return nil, fmt.Errorf("inventory list %d is not known", id)
		}
		all = append(all, v)
	}
	return all, nil
}
