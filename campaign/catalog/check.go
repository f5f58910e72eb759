package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// rules is a line item's targeting, ready to compare. Empty lists do not
// restrict.
type rules struct {
	exchanges       []event.ExchangeID
	notExchanges    []event.ExchangeID
	countries       []countryCode // included
	notCountries    []countryCode
	deviceTypes     uint64 // bit n is type n; 0 does not restrict
	notDeviceTypes  uint64
	sites, apps     nameSet
	notSites        nameSet
	notApps         nameSet
	segments        []event.SegmentID // any of these, ascending
	notSegments     []event.SegmentID // none of these, ascending
	dayparts        *weekHours        // nil does not restrict
	restrictedPlace bool              // sites or apps is given
}

// weekHours is a set of hours of the week, from Sunday midnight on.
type weekHours [(hoursPerWeek + 63) / 64]uint64

func (w *weekHours) has(h uint) bool { return w[h/64]&(1<<(h%64)) != 0 }

// countryCode is three letters in one word.
type countryCode uint32

func codeOf(c [3]byte) countryCode {
	return countryCode(c[0])<<16 | countryCode(c[1])<<8 | countryCode(c[2])
}

// Check says why the line item may not bid on the query, or None: then it is
// eligible, whatever the index says. It does not allocate. The order is that
// of the reasons' table, but for the size, which needs no user and so comes
// before what does.
func (li *LineItem) Check(q *Query) openrtb.Reason {
	r := &li.rules
	now := q.Now.Unix()
	switch {
	case li.Paused():
		return openrtb.NotActive
	case now < li.start || now >= li.end:
		return openrtb.OutsideFlight
	case len(r.exchanges) > 0 && !slices.Contains(r.exchanges, q.Exchange), slices.Contains(r.notExchanges, q.Exchange):
		return openrtb.WrongExchange
	case q.Currencies != nil && q.currencyOf(li) == nil:
		return openrtb.NoRate
	case !r.country(codeOf(q.Country)):
		return openrtb.WrongCountry
	case r.deviceTypes != 0 && r.deviceTypes&deviceBit(q.DeviceType) == 0, r.notDeviceTypes&deviceBit(q.DeviceType) != 0:
		return openrtb.WrongDevice
	case !r.inventory(q.Site, q.App):
		return openrtb.WrongInventory
	case r.dayparts != nil && !r.dayparts.has(li.zone.hourOfWeek(now)):
		return openrtb.OutsideDaypart
	case !li.serves(q.Sizes):
		return openrtb.WrongSize
	case !li.NeedsUser:
		return openrtb.None
	case !q.UserKnown, q.NoSegments && len(r.segments)+len(r.notSegments) > 0, q.NoExposures && len(li.Caps) > 0:
		return openrtb.UserUnknown
	case len(r.segments) > 0 && !meet(r.segments, q.Segments), meet(r.notSegments, q.Segments):
		return openrtb.WrongSegments
	case campaign.CapsReached(li.Caps, q.Exposures, q.Now, li.owners()):
		return openrtb.FrequencyCapped
	}
	return openrtb.None
}

func (r *rules) country(c countryCode) bool {
	if len(r.countries) > 0 && !slices.Contains(r.countries, c) {
		return false
	}
	return len(r.notCountries) == 0 || !slices.Contains(r.notCountries, c)
}

// inventory takes a request that is on an included site or in an included
// app, or any when neither list is given, unless it is excluded.
func (r *rules) inventory(site, app []byte) bool {
	if r.restrictedPlace && !r.sites.hasDomain(site) && !r.apps.has(app) {
		return false
	}
	return !r.notSites.hasDomain(site) && !r.notApps.has(app)
}

func (li *LineItem) serves(sizes []openrtb.Size) bool {
	for i := range li.Creatives {
		if li.Creatives[i].serves(sizes) {
			return true
		}
	}
	return false
}

// deviceBit returns the bit of a device type, 0 for one that cannot be
// targeted.
func deviceBit(deviceType int) uint64 {
	if deviceType <= 0 || deviceType > maxDeviceType {
		return 0
	}
	return 1 << deviceType
}

const maxDeviceType = 63

// meet says whether two ascending lists have an element in common. It steps
// through the shorter and searches the longer.
func meet(a, b []event.SegmentID) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, s := range a {
		i, found := slices.BinarySearch(b, s)
		if found {
			return true
		}
		b = b[i:]
	}
	return false
}
