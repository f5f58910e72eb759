package bidder

import (
	"runtime/debug"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

func TestHandleAllocatesLittle(t *testing.T) {
	t.Run("in one currency", func(t *testing.T) { allocatesLittle(t, newWorld(t)) })
	t.Run("converting", func(t *testing.T) { allocatesLittle(t, newWorld(t).inEuro()) })
}

func allocatesLittle(t *testing.T, w *world) {
	w.item("2", nil)
	w.open(money.Cap)
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI(Path + "alpha")
	ctx.Request.SetBodyString(plain)
	w.bidder.Handle(&ctx)
	multipliers := w.bidder.Multipliers()
	w.bidder.Multipliers = func() *pacing.Multipliers { return multipliers }

	// A collection empties the pools, whose refilling is not the request's.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	got := testing.AllocsPerRun(200, func() {
		ctx.Response.Reset()
		w.bidder.Handle(&ctx)
	})
	if got > 2 && !raceEnabled {
		t.Errorf("%v allocations per request; want at most 2", got)
	}
	if ctx.Response.StatusCode() != 200 {
		t.Fatalf("status %d", ctx.Response.StatusCode())
	}
}

// From decoding the request to the encoded response nothing is allocated,
// whatever the imp: Redis apart, and the server's copy of the response.
func TestNothingIsAllocatedFromDecodeToEncode(t *testing.T) {
	for name, c := range map[string]struct {
		item func(*campaign.LineItem, *campaign.Creative)
		body string
		bids int
	}{
		"banner": {nil, plain, 1},
		"deals":  {nil, withDeals(0, `{"id":"d","bidfloor":1,"wseat":["seat-1"],"wadomain":["example.com"]}`, `{"id":"e","at":3,"bidfloor":1.5}`), 3},
		"video":  {of(campaign.FormatVideo, 15), taking(aVideo), 1},
		"audio":  {of(campaign.FormatAudio, 15), taking(anAudio), 1},
		"native": {of(campaign.FormatNative, 0), taking(aNative), 1},
		"an exchange's own id": {func(_ *campaign.LineItem, c *campaign.Creative) {
			c.Approvals = []campaign.Approval{{ExchangeID: 1, State: campaign.Approved, CreativeID: `x"7`}}
		}, plain, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.changes.Exchanges[0].SeveralBidsPerImp = true
			w.learned()
			w.item("2", c.item)
			w.open(money.Cap)
			multipliers := w.bidder.Multipliers()
			w.bidder.Multipliers = func() *pacing.Multipliers { return multipliers }
			var ctx fasthttp.RequestCtx
			ctx.Request.Header.SetMethod("POST")
			ctx.Request.SetRequestURI(Path + "alpha")
			ctx.Request.SetBodyString(c.body)
			a := &auction{b: w.bidder}
			bids := 0
			once := func() {
				a.begin(noon, noon, w.bidder.Clock.Now())
				if a.resolve(&ctx) == openrtb.None && a.run(&ctx) == openrtb.None {
					a.answer(&ctx, openrtb.None)
				}
				bids = len(a.bids)
				a.end()
			}
			once()

			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			got := testing.AllocsPerRun(5000, once) // holds grow by the bid, now and then

			if bids != c.bids {
				t.Fatalf("%d bids, want %d: %s", bids, c.bids, ctx.Response.Body())
			}
			if got > 0 && !raceEnabled {
				t.Errorf("%v allocations", got)
			}
		})
	}
}
