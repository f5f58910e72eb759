package bidder

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Version is the OpenRTB version of our responses to requests that do not say
// theirs.
const Version = "2.6"

const versionHeader = "X-Openrtb-Version"

// version returns the version that the response names: the request's own,
// since every field that we send means the same in all of OpenRTB 2.
func version(asked []byte) []byte {
	minor, ok := bytes.CutPrefix(asked, []byte("2."))
	if !ok || len(minor) < 1 || len(minor) > 2 || len(bytes.Trim(minor, "0123456789")) > 0 {
		return []byte(Version)
	}
	return asked
}

// answer writes the response: bids, or a refusal as this exchange wants it.
func (a *auction) answer(ctx *fasthttp.RequestCtx, why openrtb.Reason) {
	ctx.Response.Header.SetBytesV(versionHeader, version(ctx.Request.Header.Peek(versionHeader)))
	switch {
	case why == openrtb.None:
		a.out = openrtb.AppendResponse(a.out[:0], &openrtb.Response{
			RequestID: a.req.ID, BidID: a.bids[0].ID, Seat: a.ex.Seat, Currency: a.currency, Bids: a.bids,
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
	case a.ex == nil || a.req == nil || a.ex.NoBid != campaign.NoBidNBR:
		ctx.SetStatusCode(fasthttp.StatusNoContent)
		return
	default:
		a.out = openrtb.AppendNoBid(a.out[:0], a.req.ID, why)
	}
	body := a.out
	if len(body) >= leastPacked && openrtb.AcceptsGzip(ctx.Request.Header.Peek("Accept-Encoding")) {
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
