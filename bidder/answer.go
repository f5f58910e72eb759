package bidder

import (
	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Version is the OpenRTB version of our responses.
const Version = "2.6"

// answer writes the response: bids, or a refusal as this exchange wants it.
func (a *auction) answer(ctx *fasthttp.RequestCtx, why openrtb.Reason) {
	ctx.Response.Header.Set("X-Openrtb-Version", Version)
	switch {
	case why == openrtb.None:
		a.out = openrtb.AppendResponse(a.out[:0], &openrtb.Response{
			RequestID: a.req.ID, BidID: a.bids[0].ID, Seat: a.ex.Seat, Currency: a.ex.Currency, Bids: a.bids,
		})
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
	a.lap(stageEncode)
	ctx.SetContentType("application/json")
	ctx.SetBody(a.out) // copies: the auction's memory is reused
}
