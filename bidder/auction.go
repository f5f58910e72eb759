package bidder

import (
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

// auction is one request on its way through the bidder. It is pooled; nothing
// in it outlives the request. What it needs only while it computes is in its
// scratch.
type auction struct {
	b *Bidder
	*scratch

	start, now, deadline time.Time // real, market, real
	lapped               time.Time
	snap                 *catalog.Snapshot
	multipliers          *pacing.Multipliers
	landscape            *landscape.Model
	ex                   *catalog.Exchange
	req                  *openrtb.Request
	currency             string // that we bid in
	unrated              bool   // some advertisers' currencies cannot be converted to it
	badEncoding          bool   // the body is packed in a way that we do not read
	seed                 uint64 // of every tie-break: a hash of the request's id

	place      geo.Place // where the device is, coarse unless a permit allows more
	authorised bool      // by the publisher's ads.txt or app-ads.txt

	where    uint64 // hash of the site or app, once it was asked for
	hasWhere bool

	ids     audience.IDs     // of the user, the best first
	kept    audience.KeptKey // for what comes after the auction
	keeps   bool
	profile audience.Profile
	query   catalog.Query

	why      openrtb.Reason   // nothing was found for the imp at hand
	heldBack bool             // a line item, since it bids on another imp
	value    float64          // of an impression to the line item that was priced last
	reached  [2]float64       // the bounds that walks for the imp at hand came down to, in the open auction and for deals
	cut      [2]float64       // likewise the bounds at which want of time ended them; -1 where it did not
	worked   int              // in all walks, in units of maxWork
	mostWork int              // up to the imp at hand
	rest     adBreak          // of the imp at hand
	quantity openrtb.Quantity // of impressions that it counts for: prices are of one, costs of all
	free     bool             // of money: nothing is held
}

// begin takes when the request arrived, when work on it began, and market time.
func (a *auction) begin(start, begun, now time.Time) {
	a.start, a.lapped, a.now = start, begun, now
	a.takeScratch()
}

// end gives back what belongs to others and forgets the request.
func (a *auction) end() {
	if a.req != nil {
		a.req.Release()
	}
	a.query.Reset()
	a.dropScratch()
	a.profile.Reset()
	*a = auction{b: a.b, profile: a.profile}
}

// run returns None when there are bids, else why there are none. One set of
// catalog and multipliers serves the whole request.
func (a *auction) run(ctx *fasthttp.RequestCtx) openrtb.Reason {
	if why := a.admit(ctx); why != openrtb.None {
		return why
	}
	a.multipliers, a.landscape = a.b.Multipliers(), a.b.Landscape()
	a.seed = hash(a.req.ID)
	a.meet()
	a.prepareQuery()

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
	switch {
	case len(a.bids) == 0:
		return why
	case a.ex.DryRun:
		a.b.metrics.of(a.ex).dryRun.Add(float64(len(a.bids)))
		return openrtb.DryRun
	}
	return openrtb.None
}

// prepareQuery adds what the request says to what is known of its user.
func (a *auction) prepareQuery() {
	a.rates, a.unrated = a.snap.AppendCurrencies(a.rates[:0], a.currency, a.now)
	q := &a.query
	q.Lend(&a.facts)
	q.Now, q.Exchange, q.Currencies = a.now, a.ex.ID, a.rates
	q.FromRequest(a.req, &a.place)
	q.ApprovedOnly = a.ex.RequiresApproval
	q.Authorised = a.authorised
}
