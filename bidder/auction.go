package bidder

import (
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

// auction is one request on its way through the bidder, and the memory for
// it. It is pooled; nothing in it outlives the request.
type auction struct {
	b *Bidder

	start, now, deadline time.Time // real, market, real
	lapped               time.Time
	snap                 *catalog.Snapshot
	multipliers          *pacing.Multipliers
	ex                   *catalog.Exchange
	req                  *openrtb.Request
	currency             string // that we bid in
	unrated              bool   // some advertisers' currencies cannot be converted to it
	badEncoding          bool   // the body is packed in a way that we do not read
	seed                 uint64 // of every tie-break: a hash of the request's id

	place      geo.Place // where the device is, coarse unless a permit allows more
	authorised bool      // by the publisher's ads.txt or app-ads.txt

	kept    audience.KeptKey // for what comes after the auction
	keeps   bool
	profile audience.Profile
	query   catalog.Query
	walk    catalog.Walk
	floor   money.Nanos // of the imp at hand, in the auction's currency

	bids     []openrtb.Bid
	token    openrtb.Token
	nodes    []event.NodePeriod
	rates    []catalog.Currency
	urls     []byte // what the bids' URLs point into
	unpacked []byte
	packed   []byte
	out      []byte
}

func newAuction(b *Bidder) *auction {
	return &auction{b: b, rates: []catalog.Currency{}, urls: make([]byte, 0, 4096), out: make([]byte, 0, 4096)}
}

func (a *auction) begin(start, now time.Time) {
	a.start, a.lapped, a.now = start, start, now
}

// end gives back what belongs to others and forgets the request.
func (a *auction) end() {
	if a.req != nil {
		a.req.Release()
	}
	clear(a.bids)
	a.profile.Reset()
	a.query.Reset()
	*a = auction{
		b: a.b, profile: a.profile, query: a.query, walk: a.walk, bids: a.bids[:0], nodes: a.nodes[:0], rates: a.rates[:0],
		urls: a.urls[:0], unpacked: a.unpacked[:0], packed: a.packed[:0], out: a.out[:0],
	}
}

// run returns None when there are bids, else why there are none. One set of
// catalog and multipliers serves the whole request.
func (a *auction) run(ctx *fasthttp.RequestCtx) openrtb.Reason {
	if why := a.admit(ctx); why != openrtb.None {
		return why
	}
	a.multipliers = a.b.Multipliers()
	a.seed = hash(a.req.ID)
	a.prepareQuery()
	a.meet()

	why := openrtb.None
	for i := range a.req.Imps {
		if r := a.auctionImp(i); r != openrtb.None {
			a.b.metrics.of(a.ex).refuse(r)
			if rank(r) > rank(why) {
				why = r
			}
		}
	}
	a.lap(stageSelect)
	if len(a.bids) > 0 {
		return openrtb.None
	}
	return why
}

func (a *auction) prepareQuery() {
	a.rates, a.unrated = a.snap.AppendCurrencies(a.rates[:0], a.currency, a.now)
	q := &a.query
	q.Reset()
	q.Now, q.Exchange, q.Currencies = a.now, a.ex.ID, a.rates
	q.FromRequest(a.req, &a.place)
	q.Address, q.Authorised = a.req.ClientIP(), a.authorised
}

// auctionImp bids on one imp, or says why not.
func (a *auction) auctionImp(i int) openrtb.Reason {
	imp := &a.req.Imps[i]
	if why := a.admitImp(imp); why != openrtb.None {
		return why
	}
	a.query.ForImp(imp)
	var passed [maxHoldTries]event.LineItemID // best bids that found no money
	for try := range maxHoldTries {
		best, why := a.pick(imp, passed[:try], try > 0)
		if best.item == nil {
			if try > 0 {
				return openrtb.NoMoney
			}
			return why
		}
		if time.Now().After(a.deadline) {
			return openrtb.NoTime
		}
		if a.offer(i, best) {
			return openrtb.None
		}
		a.b.metrics.of(a.ex).refuse(openrtb.NoMoney)
		passed[try] = best.item.ID
	}
	return openrtb.NoMoney
}

// maxHoldTries bounds how often an imp is tried when the best bid finds no
// money. From the second time on, line items without money are passed over
// whatever their number: more than two tries take bids of other requests that
// were faster.
const maxHoldTries = 4

// admitImp says whether an imp is one that we can bid on, and sets its floor.
func (a *auction) admitImp(imp *openrtb.Imp) openrtb.Reason {
	switch {
	case imp.Banner == nil:
		return openrtb.NoFormat
	case imp.FloorBad:
		return openrtb.FloorUnreadable
	case imp.BlocksBad:
		return openrtb.BlocksUnreadable
	case imp.PrivateAuction:
		return openrtb.DealsOnly
	}
	var ok bool
	if a.floor, ok = a.floorOf(imp.Floor, imp.FloorCurrency); !ok {
		return openrtb.FloorCurrencyUnknown
	}
	return openrtb.None
}

// see makes a bid of this request count as an exposure for the imps that
// follow: two imps of one page must not both use up a user's last impression.
func (a *auction) see(li *catalog.LineItem) {
	if a.query.UserKnown && li.NeedsUser {
		a.profile.Exposures = append(a.profile.Exposures, campaign.Exposure{At: a.now, LineItem: li.ID, Campaign: li.Campaign, Advertiser: li.Advertiser})
		a.query.Exposures = a.profile.Exposures
	}
}
