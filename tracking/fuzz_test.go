package tracking

import (
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Whatever URL comes, nothing panics, and only what carries a token that we
// sealed for that route leaves an event: of that bid, and billable only if the
// token says so.
func FuzzNoticeURL(f *testing.F) {
	s := newStage(f)
	billing := s.seal(openrtb.ForBilling, token(1))
	auction := s.seal(openrtb.ForAuction, token(1))
	view := s.seal(openrtb.ForView, token(1))
	click := s.seal(openrtb.ForClick, token(1))
	for _, path := range []string{
		"/n/bill/" + billing + "?p=1.5&c=EUR", "/n/win/" + auction + "?p=${AUCTION_PRICE}", "/n/loss/" + auction + "?l=102",
		"/n/view/" + view, "/n/click/" + click, "/n/bill/" + view, "/n/bill/" + auction + "?p=1.5", "/n/bill/", "/n//", "//n/bill/" + billing + "/../" + view,
		"/n/bill/" + billing[:40] + "A" + billing[41:] + "?p=AUDIT", "/n/bill/%41" + billing[1:] + "?p=%", "?p=1",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		s := newStage(t)
		var ctx fasthttp.RequestCtx
		ctx.Request.SetRequestURI(path)
		s.tracker.Handle(&ctx)
		status, all := ctx.Response.StatusCode(), s.log.Events()
		switch {
		case len(all) == 0:
			if status != 400 && status != 404 {
				t.Errorf("%q answers %d and leaves no event", path, status)
			}
			return
		case len(all) > 1:
			t.Fatalf("%q leaves %d events", path, len(all))
		}
		e := all[0]
		if e.Bid != token(1).Bid || e.BidPrice != token(1).Price || e.Billable && e.Kind != event.KindBilling {
			t.Errorf("%q leaves %+v", path, e)
		}
		if e.PriceState != event.PriceOK && e.Price != 0 || e.Price < 0 {
			t.Errorf("%q states %v at %v", path, e.PriceState, e.Price)
		}
	})
}
