package bidder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// BenchmarkHandle is one request from body to answer, network and Redis
// apart, over catalogs of which one line item in thirty wants the request.
func BenchmarkHandle(b *testing.B) {
	for _, n := range []int{1, 1_000, 10_000} {
		b.Run(fmt.Sprintf("line_items=%d", n), func(b *testing.B) { benchmarkHandle(b, newWorld(b), n) })
	}
	// What the controller holds back makes bounds loose: walks go on to far
	// below the best.
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("line_items=%d,held_back", n), func(b *testing.B) {
			w := newWorld(b)
			for i := range n {
				w.byItem[event.LineItemID(i+1)] = 0.02 + 0.2*float64(i*7919%1000)/1000
			}
			benchmarkHandle(b, w, n)
		})
	}
	// What no index tells apart is checked one by one, as far as a request may.
	b.Run("line_items=7192,unindexed", func(b *testing.B) {
		w := newWorld(b)
		for range maxWork/aCheck - 1000 {
			w.item("20", func(li *campaign.LineItem, _ *campaign.Creative) {
				li.Targeting.Areas.Include = []campaign.Area{{Lat: 10, Lon: 10, RadiusKM: 10}}
			})
		}
		benchmarkHandle(b, w, 10)
	})
	b.Run("line_items=1000,shaded", func(b *testing.B) {
		w := newWorld(b)
		w.learned()
		benchmarkHandle(b, w, 1_000)
	})
}

func benchmarkHandle(b *testing.B, w *world, n int) {
	for i := range n {
		cpm := money.Nanos(1+i%997) * money.Unit / 200
		w.item(cpm.String(), func(li *campaign.LineItem, _ *campaign.Creative) {
			if i%30 != 0 {
				li.Targeting.Countries.Include = []string{[]string{"DEU", "FRA", "GBR", "JPN"}[i%4]}
			}
		})
	}
	w.open(money.Cap)
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI(Path + "alpha")
	bodies := make([]string, 64) // by their ids some look at samples
	for i := range bodies {
		bodies[i] = strings.Replace(plain, `"r1"`, fmt.Sprintf(`"r%d"`, i), 1)
	}
	next := 0
	multipliers := w.bidder.Multipliers()
	w.bidder.Multipliers = func() *pacing.Multipliers { return multipliers }
	b.ReportAllocs()
	for b.Loop() {
		ctx.Response.Reset()
		ctx.Request.SetBodyString(bodies[next%len(bodies)])
		next++
		w.bidder.Handle(&ctx)
	}
	if ctx.Response.StatusCode() != fasthttp.StatusOK {
		b.Fatalf("status %d", ctx.Response.StatusCode())
	}
}
