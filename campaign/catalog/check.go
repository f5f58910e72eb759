package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// rules is a line item's targeting, ready to compare. Empty lists do not
// restrict. What few line items have is apart: there are many of them.
type rules struct {
	*scope
	segments []event.SegmentID // any of these, ascending
	places   *places           // nil does not restrict
	rare     *rareRules        // noRules when there is none
}

// scope is what many line items restrict in the same way, and share.
type scope struct {
	exchanges   []event.ExchangeID
	countries   []countryCode // included
	deviceTypes uint64        // bit n is type n; 0 does not restrict
	dayparts    *weekHours    // nil does not restrict
}

// places is what targeting says of sites, apps and lists of such.
type places struct {
	sites, apps       nameSet
	notSites, notApps nameSet
	lists, notLists   []*inventory
	restricted        bool // sites, apps or lists is given
}

type rareRules struct {
	free           []rule // what needs no user
	notExchanges   []event.ExchangeID
	notCountries   []countryCode
	notDeviceTypes uint64
	notSegments    []event.SegmentID     // none of these, ascending
	deals          values                // included
	anyDeal        bool                  // that no line item includes
	expression     *campaign.SegmentRule // nil does not restrict
	recency        *recencyRule          // nil does not restrict
}

var noRules rareRules

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
	now := q.Now.Unix()
	switch {
	case li.Paused():
		return openrtb.NotActive
	case now < li.start || now >= li.end:
		return openrtb.OutsideFlight
	case q.Currencies != nil && q.CurrencyOf(li) == nil:
		return openrtb.NoRate
	}
	if why := li.rules.withoutUser(q, li); why != openrtb.None {
		return why
	}
	switch {
	case !li.serves(q):
		return openrtb.WrongSize
	case !li.NeedsUser:
		return openrtb.None
	case li.rules.unknown(q), len(li.Caps)+len(li.curve.Factors) > 0 && (!q.UserKnown || q.NoExposures):
		return openrtb.UserUnknown
	}
	if why := li.rules.ofUser(q, li); why != openrtb.None {
		return why
	}
	if campaign.CapsReached(li.Caps, q.Exposures, q.Now, li.owners()) {
		return openrtb.FrequencyCapped
	}
	return openrtb.None
}

// refuses says which of the rules the query breaks.
func (r *rules) refuses(q *Query, li *LineItem) openrtb.Reason {
	if why := r.withoutUser(q, li); why != openrtb.None {
		return why
	}
	if r.unknown(q) {
		return openrtb.UserUnknown
	}
	return r.ofUser(q, li)
}

func (r *rules) needsSegments() bool {
	return len(r.segments)+len(r.rare.notSegments) > 0 || r.rare.expression != nil
}

func (r *rules) needsUser() bool { return r.needsSegments() || r.rare.recency != nil }

// unknown says whether the rules ask for something of the user that is not
// known.
func (r *rules) unknown(q *Query) bool {
	return r.needsSegments() && (!q.UserKnown || q.NoSegments) || r.rare.recency != nil && (!q.UserKnown || q.NoExposures)
}

func (r *rules) withoutUser(q *Query, li *LineItem) openrtb.Reason {
	switch {
	case len(r.exchanges) > 0 && !slices.Contains(r.exchanges, q.Exchange), slices.Contains(r.rare.notExchanges, q.Exchange):
		return openrtb.WrongExchange
	case !r.country(codeOf(q.Country)):
		return openrtb.WrongCountry
	case r.deviceTypes != 0 && r.deviceTypes&deviceBit(q.DeviceType) == 0, r.rare.notDeviceTypes&deviceBit(q.DeviceType) != 0:
		return openrtb.WrongDevice
	case r.places != nil && !r.places.hold(q):
		return openrtb.WrongInventory
	}
	for _, x := range r.rare.free {
		if !x.holds(q) {
			return x.why()
		}
	}
	if r.dayparts != nil && !r.dayparts.has(li.zone.hourOfWeek(q.Now.Unix())) {
		return openrtb.OutsideDaypart
	}
	return openrtb.None
}

func (r *rules) ofUser(q *Query, li *LineItem) openrtb.Reason {
	if len(r.segments) > 0 && !meet(r.segments, q.Segments) || meet(r.rare.notSegments, q.Segments) {
		return openrtb.WrongSegments
	}
	if x := r.rare.expression; x != nil && !q.inSegments(x) {
		return openrtb.WrongSegments
	}
	if x := r.rare.recency; x != nil && !x.holds(q, li.owners()) {
		return openrtb.WrongRecency
	}
	return openrtb.None
}

func (r *rules) country(c countryCode) bool {
	if len(r.countries) > 0 && !slices.Contains(r.countries, c) {
		return false
	}
	return !slices.Contains(r.rare.notCountries, c)
}

// hold takes a request that is on an included site, in an included app or in
// an included list, or any when there is none of those, unless it is excluded.
func (p *places) hold(q *Query) bool {
	if p.restricted && !p.sites.hasDomain(q.Site) && !p.apps.has(q.App) && !inAnyInventory(p.lists, q) {
		return false
	}
	return !p.notSites.hasDomain(q.Site) && !p.notApps.has(q.App) && !inAnyInventory(p.notLists, q)
}

func (li *LineItem) serves(q *Query) bool {
	for i := range li.Creatives {
		if li.Creatives[i].serves(q) {
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
