package catalog

import (
	"iter"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Snapshot is the catalog at one moment. It is immutable, but for what is
// paused; any number of goroutines may read it.
type Snapshot struct {
	version     uint64
	base, delta *index // either may be nil
	gone        []uint64
	byName      map[string]*Exchange
	byID        map[event.ExchangeID]*Exchange
	creatives   *creatives
	advertisers *sync.Map // AdvertiserID to campaign.Advertiser; shared by all snapshots
	rates       rates
	currencies  []string // of line items, ascending
	posteriors  map[event.CreativeID]posterior
}

// Exchange is an exchange and its settings.
type Exchange struct {
	campaign.Exchange
	Wire         openrtb.Dialect // how it speaks
	Queries      openrtb.Queries // of its notices' URLs
	SupplyDomain []byte          // Domain, in ads.txt and supply chains; empty when not known
}

func newExchange(d campaign.Exchange) *Exchange {
	e := &Exchange{Exchange: d.WithDefaults()}
	e.Wire = e.Exchange.Wire()
	e.Queries, e.SupplyDomain = e.Wire.Queries(), []byte(e.Domain)
	return e
}

// Version numbers snapshots: a later one has a higher version. It is the
// store's revision where the source counts revisions, so that bidders agree
// on what a version means.
func (s *Snapshot) Version() uint64 { return s.version }

// Exchange returns the active exchange of a name, as the URL spells it.
func (s *Snapshot) Exchange(name []byte) (*Exchange, bool) {
	e, ok := s.byName[string(name)]
	return e, ok
}

// ExchangeByID returns an exchange, whether or not it is active: notices of
// bids there arrive for as long as they do.
func (s *Snapshot) ExchangeByID(id event.ExchangeID) (*Exchange, bool) {
	e, ok := s.byID[id]
	return e, ok
}

// LongestHorizon returns the longest that a hold lasts on any exchange, active
// or not.
func (s *Snapshot) LongestHorizon() (longest time.Duration) {
	for _, e := range s.byID {
		longest = max(longest, e.Horizon)
	}
	return longest
}

// LineItem returns a line item, paused or not. Archived ones have left.
func (s *Snapshot) LineItem(id event.LineItemID) (*LineItem, bool) {
	if li, _, ok := s.delta.lookup(id); ok {
		return li, true
	}
	li, pos, ok := s.base.lookup(id)
	if !ok || s.superseded(pos) {
		return nil, false
	}
	return li, true
}

// LandingURL returns where a click on a creative leads: its landing page, for
// banners through the click trackers of others. Archived creatives are known
// too: their impressions are clicked for a while.
func (s *Snapshot) LandingURL(id event.CreativeID) (string, bool) { return s.creatives.landing(id) }

// Advertiser returns an advertiser as it is now, whatever its status: orders
// come long after bids.
func (s *Snapshot) Advertiser(id event.AdvertiserID) (campaign.Advertiser, bool) {
	a, ok := s.advertisers.Load(id)
	if !ok {
		return campaign.Advertiser{}, false
	}
	return a.(campaign.Advertiser), true
}

// LineItems yields every line item, paused or not, in descending order of
// Bound within the base and then within the delta. It is for plans and
// reports, not for requests.
func (s *Snapshot) LineItems() iter.Seq[*LineItem] {
	return func(yield func(*LineItem) bool) {
		for pos := range s.base.len() {
			if !s.superseded(uint32(pos)) && !yield(s.base.items[pos]) {
				return
			}
		}
		for pos := range s.delta.len() {
			if !yield(s.delta.items[pos]) {
				return
			}
		}
	}
}

// Places is how many places At knows.
func (s *Snapshot) Places() int { return s.base.len() + s.delta.len() }

// At returns the line item at a place from 0 to Places, in no order that means
// anything, or nil where one was that changed or left. It is for who goes
// round all line items, some at a time.
func (s *Snapshot) At(place int) *LineItem {
	if base := s.base.len(); place >= base {
		return s.delta.items[place-base]
	}
	if s.superseded(uint32(place)) {
		return nil
	}
	return s.base.items[place]
}

// Len returns how many line items there are.
func (s *Snapshot) Len() int {
	n := s.base.len() + s.delta.len()
	for _, w := range s.gone {
		n -= onesIn(w)
	}
	return n
}

func (s *Snapshot) superseded(pos uint32) bool {
	return s.gone != nil && s.gone[pos/64]&(1<<(pos%64)) != 0
}
