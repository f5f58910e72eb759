package tracking

import (
	"bytes"
	"encoding/binary"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/valyala/fasthttp"
	"golang.org/x/crypto/blake2b"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// maxOrderID is how long an order id may be, in bytes.
const maxOrderID = 128

// convert answers /n/convert/{click id}: GET is the pixel in the advertiser's
// page, POST the advertiser's server, which shows a key. The token of n is
// open. What is wrong with the order is said: an advertiser's programmer reads
// it, and it tells nothing of the token.
func (t *Tracker) convert(ctx *fasthttp.RequestCtx, n *notice) {
	advertiser, ok := t.advertiser(n.token.Advertiser)
	if !ok {
		unavailable(ctx) // the catalog does not have it yet
		return
	}
	verified := ctx.IsPost()
	if verified && !advertiser.Conversions.Authentic(bearer(ctx.Request.Header.Peek("Authorization"))) {
		t.metrics.refused[refusedKey].Inc()
		ctx.Response.Header.Set("WWW-Authenticate", "Bearer")
		ctx.SetStatusCode(fasthttp.StatusUnauthorized)
		return
	}
	query := ctx.URI().QueryString()
	if body := ctx.PostBody(); verified && len(body) > 0 {
		query = body
	}
	now := t.Clock.Now()
	if wrong := n.readConversion(query, &advertiser, t.OrderSecret, now); wrong != "" {
		t.metrics.refused[refusedOrder].Inc()
		ctx.SetContentType("text/plain; charset=utf-8")
		ctx.SetStatusCode(fasthttp.StatusBadRequest)
		ctx.SetBodyString(wrong + "\n")
		return
	}
	n.events[0].Verified = verified
	err := t.append(n, t.forNotices)
	t.metrics.age[event.KindConversion].Observe(now.Sub(n.token.Issued).Seconds())
	t.metrics.of(n.token.Exchange).notices[event.KindConversion][n.outcome(err)].Inc()
	switch {
	case err != nil:
		t.complain(err, event.KindConversion)
		unavailable(ctx)
	case !verified:
		pixel(ctx)
	}
}

func (t *Tracker) advertiser(id event.AdvertiserID) (campaign.Advertiser, bool) {
	if t.Advertiser == nil {
		return campaign.Advertiser{}, false
	}
	return t.Advertiser(id)
}

// bearer returns the credentials of an Authorization header, or nothing.
func bearer(header []byte) string {
	scheme, key, _ := bytes.Cut(header, []byte(" "))
	if !bytes.EqualFold(scheme, []byte("Bearer")) {
		return ""
	}
	return string(bytes.TrimSpace(key))
}

// readConversion makes the event of token and query: order, its id at the
// advertiser; value, a decimal; currency, three letters. It returns what is
// wrong, or nothing. An order that comes after the advertiser's window is
// recorded and does not count.
func (n *notice) readConversion(query []byte, a *campaign.Advertiser, secret []byte, now time.Time) (wrong string) {
	if len(query) > maxQuery {
		return "the query must be at most 1024 bytes"
	}
	n.args.ParseBytes(query)
	order := n.args.Peek("order")
	if !isOrderID(order) {
		return "order must be given: the order's id, 1 to 128 bytes of UTF-8 without control characters"
	}
	var value money.Nanos
	if text := n.args.Peek("value"); len(text) > 0 {
		if value.UnmarshalText(text) != nil || value < 0 {
			return "value must be a decimal such as 79.90, not negative, at most 1000000000"
		}
	}
	if c := n.args.Peek("currency"); len(c) > 0 && !bytes.EqualFold(c, []byte(a.Currency)) {
		return "currency must be " + a.Currency + ", the advertiser's, or left out"
	}
	t := &n.token
	n.events[0] = event.Event{
		Kind: event.KindConversion, Bid: t.Bid,
		OccurredAt: now, ReceivedAt: now, IssuedAt: t.Issued, ClickedAt: t.Clicked,
		Exchange: t.Exchange, Advertiser: t.Advertiser, Campaign: t.Campaign, LineItem: t.LineItem, Creative: t.Creative,
		ImpIndex: t.Imp, Currency: a.Currency,
		Order: hashOrder(secret, t.Advertiser, order), OrderValue: value,
		Expired: now.Sub(t.Clicked) > a.Conversions.Window(),
		UserKey: t.UserKey, CatalogVersion: t.CatalogVersion, MultiplierVersion: t.MultiplierVersion,
	}
	return ""
}

func isOrderID(id []byte) bool {
	return len(id) > 0 && len(id) <= maxOrderID && utf8.Valid(id) && bytes.IndexFunc(id, unicode.IsControl) < 0
}

// hashOrder returns what an order is known by here. Order ids are often easy
// to guess, so the hash has a key.
func hashOrder(secret []byte, advertiser event.AdvertiserID, order []byte) []byte {
	h, err := blake2b.New(16, secret)
	if err != nil {
		panic(err) // New checked the secret
	}
	_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(advertiser)))
	_, _ = h.Write(order)
	return h.Sum(nil)
}
