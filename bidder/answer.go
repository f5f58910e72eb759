package bidder

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Version is the OpenRTB version of our responses to requests that do not say
// theirs, and name no exchange that would.
const Version = "2.6"

const versionHeader = "X-Openrtb-Version"

// versionKey is the same for calls that do not put it into the form that it has.
var versionKey = []byte(versionHeader)

// setVersion names the version in the response: the request's own, since every
// field that we send means the same in all of OpenRTB 2, else the exchange's.
func (a *auction) setVersion(ctx *fasthttp.RequestCtx) {
	asked := ctx.Request.Header.PeekCanonical(versionKey)
	minor, ok := bytes.CutPrefix(asked, []byte("2."))
	switch known := ok && len(minor) >= 1 && len(minor) <= 2 && len(bytes.Trim(minor, "0123456789")) == 0; {
	case known:
		ctx.Response.Header.SetCanonical(versionKey, asked)
	case a.ex != nil:
		ctx.Response.Header.Set(versionHeader, a.ex.Version)
	default:
		ctx.Response.Header.Set(versionHeader, Version)
	}
}

// answer writes the response: bids, or a refusal as this exchange wants it.
func (a *auction) answer(ctx *fasthttp.RequestCtx, why openrtb.Reason) {
	a.setVersion(ctx)
	switch {
	case why == openrtb.None:
		a.out = openrtb.AppendResponse(a.out[:0], &openrtb.Response{
			RequestID: a.req.ID, BidID: a.bids[0].ID, Seat: a.ex.Seat, Currency: a.currency, Bids: a.bids, Dialect: &a.ex.Wire,
		})
	case a.badEncoding:
		ctx.Response.Header.Set("Accept-Encoding", "gzip") // RFC 9110, section 15.5.16
		ctx.SetStatusCode(fasthttp.StatusUnsupportedMediaType)
		return
	case why == openrtb.Malformed:
		ctx.SetStatusCode(fasthttp.StatusBadRequest)
		return
	case why == openrtb.TooLarge:
		ctx.SetStatusCode(fasthttp.StatusRequestEntityTooLarge)
		return
	case why == openrtb.UnknownExchange:
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	case a.req == nil: // whose id a body would have to name
		ctx.SetStatusCode(fasthttp.StatusNoContent)
		return
	default:
		var body bool
		if a.out, body = a.ex.Wire.AppendNoBid(a.out[:0], a.req.ID, why); !body {
			ctx.SetStatusCode(fasthttp.StatusNoContent)
			return
		}
	}
	body := a.out
	if a.ex.Wire.Gzip && len(body) >= leastPacked && openrtb.AcceptsGzip(ctx.Request.Header.Peek("Accept-Encoding")) {
		a.packed = a.b.packer.Gzip(a.packed[:0], body)
		body = a.packed
		ctx.Response.Header.Set("Content-Encoding", "gzip")
	}
	a.lap(stageEncode)
	ctx.SetContentType("application/json")
	ctx.SetBody(body) // copies: the auction's memory is reused
}

// leastPacked is the length from which a response is packed where the exchange
// accepts it: one that fits a network packet arrives no sooner for being
// shorter.
const leastPacked = 1400
