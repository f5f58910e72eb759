package catalog

import (
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
)

// alikeRules is what line items that were compiled lately say as others do: they
// are of the same countries and hours, and leave out the same sites.
type alikeRules struct {
	scopes    recent[*scope]
	countries recent[[]countryCode]
	places    recent[*places]
}

func (b *book) scopeOf(t *campaign.Targeting) (*scope, error) {
	devices, err := deviceBits(t.DeviceTypes.Include)
	if err != nil {
		return nil, err
	}
	countries, err := countryCodes(t.Countries.Include)
	if err != nil {
		return nil, err
	}
	exchanges, hours := sorted(t.Exchanges.Include), weekHours{}
	if len(t.Dayparts) > 0 {
		hours = *hoursOf(t.Dayparts)
	}
	key := fmt.Append(nil, exchanges, countries, devices, len(t.Dayparts) > 0, hours)
	return b.rules.scopes.get(key, func() *scope {
		s := &scope{exchanges: exchanges, deviceTypes: devices}
		s.countries = b.rules.countries.get(fmt.Append(nil, countries), func() []countryCode { return countries })
		if len(t.Dayparts) > 0 {
			s.dayparts = &hours
		}
		return s
	}), nil
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
