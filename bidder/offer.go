package bidder

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

// offer holds what the best bid of a way costs at every budget of the line
// item and adds the bid to the response, or returns false: then nothing is
// held and nothing is bid.
func (a *auction) offer(impIndex int, w *way) bool {
	imp, c := &a.req.Imps[impIndex], &w.best
	id := a.b.Bids.Next()
	counter := a.b.Counters.Of(c.item.ID)
	a.nodes = c.item.AppendNodePeriods(a.nodes[:0], a.now)
	expiry := a.expiry(imp, c.creative)
	horizon := a.horizon(expiry)
	if !a.free {
		terms := pacing.Terms{Exchange: a.ex.ID, Format: pacedAs(c.creative.Wire.Type()), WinDeadline: a.ex.WinDeadline, Horizon: horizon,
			Cost: c.paid, WinRate: c.quote.WinRate, LossesTold: a.ex.LossNotices, Context: c.context, Offered: c.quote.Bid, Lowered: c.lowered}
		held := a.b.Holds.Hold(id, a.nodes, c.cost, terms, a.now)
		switch {
		case held && c.lowered: // its demand was counted
			counter.Bid(0, 0)
		case held:
			counter.Bid(c.cost, c.expected)
			c.brings(counter)
		case !c.lowered:
			c.censored(counter)
		}
		if !held {
			return false
		}
		a.b.metrics.of(a.ex).shade(c)
		c.item.Tally().Bid()
		a.b.Tally.Add(landscape.Tallied{LineItem: c.item.ID, Exchange: a.ex.ID, Arm: c.quote.Arm})
	}

	t := &a.token
	*t = openrtb.Token{
		Bid: id, Issued: a.now, Exchange: a.ex.ID, Imp: uint8(impIndex),
		AuctionType: w.kind, Test: a.req.Test,
		Advertiser: c.item.Advertiser, Campaign: c.item.Campaign, LineItem: c.item.ID, Creative: c.creative.ID,
		Price: a.quantity.Of(c.quote.Bid), Quantity: a.quantity, RateID: c.table, CostHeld: c.cost, Horizon: horizon,
		CatalogVersion: a.snap.Version(), MultiplierVersion: a.multipliers.Version(), PredictedValue: c.value * a.quantity.Float(),
		Landscape: uint64(c.context), Arm: uint16(c.quote.Arm),
	}
	copy(t.Currency[:], a.currency)
	t.SetNodePeriods(a.nodes)

	bid := openrtb.Bid{
		ID: id, ImpID: imp.ID, Seat: a.ex.SeatOf(c.item.Advertiser), Price: c.quote.Bid, Creative: &c.creative.Wire,
		Exp: int(expiry / time.Second), Slot: a.rest.slotOf(imp, c.creative),
	}
	if w.deal != nil {
		bid.DealID = w.deal.ID
		t.Deal = max(hash(w.deal.ID), 1) // 0 is the open auction
	}
	a.addURLs(&bid, t)
	bid.Signals, bid.Shown = a.passOn(), openrtb.Shown{Campaign: c.item.Campaign, LineItem: c.item.ID, Creative: c.creative.ID}
	a.fill(&bid, c.creative, imp)
	a.bids = append(a.bids, bid)
	a.see(impIndex, c.item, c.creative)
	return true
}

// passOn returns what markup tells third parties of the request. It is for the
// response alone: nothing of it is kept or logged.
func (a *auction) passOn() *openrtb.Signals {
	a.signals = openrtb.Signals{Consent: &a.req.Consent}
	if p := a.req.Site; p != nil {
		a.signals.Site = p.Domain
	}
	if p := a.req.App; p != nil {
		a.signals.App = p.Bundle
	}
	return &a.signals
}

// pacedAs is the format whose delays of notices a bid's are learned with.
func pacedAs(t openrtb.MarkupType) pacing.Format {
	switch t {
	case openrtb.MarkupVideo:
		return pacing.Video
	case openrtb.MarkupAudio:
		return pacing.Audio
	case openrtb.MarkupNative:
		return pacing.Native
	}
	return pacing.Banner
}

// billingKind is the event by which an exchange bills, as notices name it.
func billingKind(e campaign.BillingEvent) event.Kind {
	switch e {
	case campaign.BillOnImpression:
		return event.KindImpression
	case campaign.BillOnWin:
		return event.KindWin
	}
	return event.KindBilling
}

// addURLs seals the bid's tokens into its URLs, each under the keys of what
// the URL is for: the billing URL's token is the only one that opens where
// billing notices go. Where an exchange bills by win notice or by our pixel,
// the token of that says so.
func (a *auction) addURLs(bid *openrtb.Bid, t *openrtb.Token) {
	bills := a.ex.BilledBy(bid.Creative.Type())
	t.BillingEvent = billingKind(bills)
	if a.ex.WinNotices || a.ex.LossNotices {
		from := len(a.urls)
		a.urls = a.b.Tokens.Seal(a.urls, openrtb.ForAuction, t)
		auction := a.urls[from:]
		if a.ex.WinNotices {
			bid.NURL = a.url(a.b.winURL, auction, a.ex.Queries.Win)
		}
		if a.ex.LossNotices {
			bid.LURL = a.url(a.b.lossURL, auction, a.ex.Queries.Loss)
		}
	}
	if bills == campaign.BillOnBilling {
		bid.BURL = a.sealedURL(a.b.billURL, openrtb.ForBilling, t, a.ex.Queries.Billing)
	}
	if a.keeps && !a.req.Test { // nobody sees a test
		// Only what the user does needs the user. Auctions and bills do not.
		t.UserKey = a.kept[:]
	}
	bid.Pixel = a.sealedURL(a.b.viewURL, openrtb.ForView, t, a.ex.Queries.View)
	bid.Click = a.sealedURL(a.b.clickURL, openrtb.ForClick, t, "")
}

// url joins a URL in the auction's memory. Where that memory has to grow,
// earlier URLs stay where they are.
func (a *auction) url(base string, token []byte, query string) []byte {
	from := len(a.urls)
	a.urls = append(append(append(a.urls, base...), token...), query...)
	a.askQuantity(query)
	return a.urls[from:len(a.urls):len(a.urls)]
}

func (a *auction) sealedURL(base string, p openrtb.Purpose, t *openrtb.Token, query string) []byte {
	from := len(a.urls)
	a.urls = append(a.b.Tokens.Seal(append(a.urls, base...), p, t), query...)
	a.askQuantity(query)
	return a.urls[from:len(a.urls):len(a.urls)]
}

// askQuantity adds to a URL that tells prices how many impressions they are of.
func (a *auction) askQuantity(query string) {
	if a.quantity != 0 && query != "" {
		a.urls = append(a.urls, openrtb.QuantityQuery...)
	}
}
