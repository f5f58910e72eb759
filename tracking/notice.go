package tracking

import (
	"bytes"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/pricecipher"
	"github.com/tangent-dsp/tangent/pacing"
)

// maxQuery is how many bytes of query are read. Prices and codes take a few
// dozen; in a longer one nothing can be trusted.
const maxQuery = 1024

// notice is the memory of one request.
type notice struct {
	token  openrtb.Token
	args   fasthttp.Args
	events []event.Event // always one
	heard  pacing.Heard  // of the auction: per impression, whatever a showing counts for
}

func (n *notice) reset() {
	n.token = openrtb.Token{}
	n.args.Reset()
	n.events[0] = event.Event{}
	n.heard = pacing.Heard{}
}

// purposeOf is what the token of a kind of notice must have been sealed for.
// Each route but win and loss, which tell of the same auction, has its own: so
// no other URL of a bid can be made into its billing URL. Where the exchange
// bills by win notice or by the pixel, the token itself says so.
func purposeOf(kind event.Kind) openrtb.Purpose {
	switch kind {
	case event.KindWin, event.KindLoss:
		return openrtb.ForAuction
	case event.KindBilling:
		return openrtb.ForBilling
	case event.KindImpression:
		return openrtb.ForView
	case event.KindClick:
		return openrtb.ForClick
	case event.KindConversion:
		return openrtb.ForConversion
	}
	return 0 // which opens nothing
}

// open reads the token that a kind of notice must carry.
func (n *notice) open(keys *openrtb.Keyring, kind event.Kind, token []byte) bool {
	return keys.Open(purposeOf(kind), token, &n.token) == nil
}

// read makes the event of token and query, whose prices the cipher reads.
func (n *notice) read(kind event.Kind, query []byte, prices pricecipher.Cipher, now time.Time) {
	t := &n.token
	age := now.Sub(t.Issued)
	n.events[0] = event.Event{
		Kind:       kind,
		Bid:        t.Bid,
		OccurredAt: now, // notices do not say
		ReceivedAt: now,
		IssuedAt:   t.Issued,

		Exchange:   t.Exchange,
		Advertiser: t.Advertiser,
		Campaign:   t.Campaign,
		LineItem:   t.LineItem,
		Creative:   t.Creative,
		ImpIndex:   t.Imp,
		Nodes:      t.NodePeriods(),

		Currency: string(t.Currency[:]),
		BidPrice: t.Price,
		RateID:   t.RateID,
		CostHeld: t.CostHeld,
		Test:     t.Test,
		Late:     age > t.Horizon && age <= event.MaxBillAge,
		Expired:  age > event.MaxBillAge,
		Horizon:  t.Horizon,
		UserKey:  t.UserKey,

		CatalogVersion:    t.CatalogVersion,
		MultiplierVersion: t.MultiplierVersion,
		PredictedValue:    t.PredictedValue,
		Arm:               t.Arm,
		Landscape:         t.Landscape,
	}
	e := &n.events[0]
	n.readQuery(e, query, prices)
	e.Billable = kind == t.BillingEvent && !t.Test && e.PriceState != event.PriceAudit
}

// readQuery reads p (price), c (currency), m (minimum to win), l (loss reason)
// and q (impressions that a showing counts for). Macros are substituted raw (OpenRTB 2.6, section 4.4), so a value
// may be missing, empty, the macro itself, or anything.
func (n *notice) readQuery(e *event.Event, query []byte, prices pricecipher.Cipher) {
	if e.Kind == event.KindClick {
		return // a browser's; it says nothing
	}
	if len(query) > maxQuery {
		e.PriceState = event.PriceInvalid
		return
	}
	n.args.ParseBytes(query)
	e.Price, e.PriceState = prices.Decode(n.args.Peek("p"))
	minToWin, state := openrtb.ParsePriceMacro(n.args.Peek("m"))
	if state == event.PriceOK {
		e.MinToWin = minToWin
	}
	if !n.inCurrency(n.args.Peek("c")) {
		// An amount in another currency is no amount: it is never converted
		// at a rate that nobody agreed to.
		e.MinToWin = 0
		if e.PriceState == event.PriceOK {
			e.Price, e.PriceState = 0, event.PriceInvalid
		}
	}
	n.heard.Price, n.heard.MinToWin = e.Price, e.MinToWin
	quantity := n.token.Quantity
	if told, ok := openrtb.ParseMultiplierMacro(n.args.Peek("q")); ok && quantity != 0 {
		quantity = openrtb.QuantityOf(told)
	}
	e.Price, e.MinToWin = quantity.Of(e.Price), quantity.Of(e.MinToWin)
	if sold := n.token.Quantity; sold != 0 { // fees are for what was bid for, at most
		e.Impressions = min(sold.Impressions(), quantity.Impressions())
	}
	if code, err := strconv.ParseInt(string(n.args.Peek("l")), 10, 32); err == nil && code > 0 {
		e.LossReason = int32(code)
		n.heard.Unpriced = !openrtb.LossReason(code).Priced()
	}
}

// inCurrency says whether the query's currency is the bid's. None, or the
// macro itself, means the bid's.
func (n *notice) inCurrency(c []byte) bool {
	c = bytes.TrimSpace(c)
	return len(c) == 0 || bytes.Contains(c, []byte("AUCTION_")) || bytes.EqualFold(c, n.token.Currency[:])
}

// outcome says what became of the notice.
func (n *notice) outcome(err error) outcome {
	e := &n.events[0]
	switch {
	case err != nil:
		return outcomeLost
	case e.Expired:
		return outcomeExpired
	case e.Late:
		return outcomeLate
	}
	return outcomeKept
}
