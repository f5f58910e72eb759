package catalog

import (
	"net/netip"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Query is what targeting may depend on, for one imp. FromRequest and ForImp
// fill what a request says; the rest is the caller's. Byte slices are only
// read, and only until the request is released. A query belongs to one
// goroutine: what few line items ask for is worked out when one does, and
// remembered here.
type Query struct {
	Now      time.Time        // market time, read once per request
	Exchange event.ExchangeID // who asks
	// Currencies are those that line items may pay in, see
	// [Snapshot.AppendCurrencies]; none if the list is empty, any if it is nil.
	// Bounds of two currencies do not compare, so a walk without it is in an
	// order that means nothing where a catalog holds several.
	Currencies []Currency
	Sizes      []openrtb.Size // of banners, that the imp takes
	Size       openrtb.Size   // of the banner that a bid is for; zero where it is not chosen
	Formats    Formats        // that the imp takes beside banners of Sizes
	Deals      DealWalk       // who a walk is for
	Country    [3]byte        // ISO 3166-1 alpha-3, upper case; zero when unknown
	DeviceType int            // OpenRTB list "Device Types"; 0 when unknown
	Site       []byte         // the site's domain, any case; empty when there is none
	App        []byte         // the app's bundle, any case; empty when there is none

	// Authorised says that the publisher's ads.txt or app-ads.txt lists the
	// seller; false when that is not known.
	Authorised bool
	// Addresses of the client, IPv4 and IPv6, or what may be known of them: the
	// whole, or the network that it is in. Not valid when unknown.
	Addresses [2]netip.Prefix
	// ApprovedOnly says that the exchange takes only creatives that it
	// approved.
	ApprovedOnly bool

	// What a Permit allows to know of the user.
	//
	// UserKnown says that Segments and Exposures are the whole truth, but for
	// what the user's consent does not open: a line item that asks for either
	// does not bid without.
	UserKnown   bool
	NoSegments  bool // Segments may not be read
	NoExposures bool // Exposures may not be read

	Segments  []event.SegmentID   // ascending
	Since     []uint32            // when the user was last put into each of Segments, Unix seconds; 0 or absent when unknown
	Exposures []campaign.Exposure // in any order
	Age       int                 // years; 0 when unknown
	Gender    byte                // 'M', 'F', 'O'; 0 when unknown
	// What the request says that the user is interested in.
	UserKeywords [][]byte
	UserData     []openrtb.DataSegment

	request *openrtb.Request
	imp     *openrtb.Imp
	place   *geo.Place

	facts *Facts
}

// Facts is memory for what is worked out of a request: hashes and numbers. It
// is some 40 KB, and serves one query at a time.
type Facts struct {
	views    views
	facets   [2 + maxViews]facetValues // of the request, of the imp, of each of its formats
	software softwareFacts
	clock    userClock
	words    wordSet // of where the ad would be
	user     wordSet // of the user's keywords
}

// Lend gives a query the memory that it works in, until it is Reset or given
// another. Queries that nobody lends any make their own.
func (q *Query) Lend(f *Facts) { q.facts = f }

// Reset forgets the request and the user, and keeps the memory.
func (q *Query) Reset() {
	if q.facts != nil {
		q.facts.views.see(&noImp)
	}
	*q = Query{facts: q.facts}
}

var noImp openrtb.Imp

func (q *Query) known() *Facts {
	if q.facts == nil {
		q.facts = new(Facts)
	}
	return q.facts
}

// FromRequest takes over what a request says, and where it comes from. Both
// must stay as they are while the query is used. What the caller set that is
// not of the request stays. It does not allocate.
func (q *Query) FromRequest(r *openrtb.Request, place *geo.Place) {
	q.request, q.place, q.imp, q.Sizes, q.Formats = r, place, nil, nil, 0
	q.Country, q.DeviceType, q.Site, q.App = place.Country, r.Device.Type, nil, nil
	switch {
	case r.Site != nil:
		q.Site = r.Site.Domain
	case r.App != nil:
		q.App = r.App.Bundle
	}
	f := q.known()
	f.facets[0].reset()
	f.facets[1].reset()
	f.views.see(&noImp)
	f.software.known, f.words.known, f.user.known, f.clock.known = false, false, false, false
}

// ForImp turns the query to an imp of the request, with all its formats: for
// walks. Look turns it to one of them.
func (q *Query) ForImp(imp *openrtb.Imp) {
	q.imp, q.Size = imp, openrtb.Size{}
	q.Sizes, q.Formats = formatsOf(imp)
	f := q.known()
	f.views.see(imp)
	for i := range 1 + f.views.n {
		f.facets[1+i].reset()
	}
}

// publication is the site, app or screen that the request is for, or nil.
func (q *Query) publication() *openrtb.Publication {
	switch r := q.request; {
	case r == nil:
		return nil
	case r.Site != nil:
		return r.Site
	case r.App != nil:
		return r.App
	default:
		return r.DOOH
	}
}

// softwareFacts is what runs on the device, once somebody asked.
type softwareFacts struct {
	openrtb.Software
	known bool
}

func (q *Query) runs() *openrtb.Software {
	s := &q.known().software
	if !s.known {
		s.Software, s.known = openrtb.Software{}, true
		if q.request != nil {
			s.Software = q.request.Device.Software()
		}
	}
	return &s.Software
}
