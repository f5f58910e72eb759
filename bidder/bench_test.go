package bidder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// BenchmarkHandle is one request from body to answer, network and Redis
// apart, over catalogs of which one line item in thirty wants the request.
func BenchmarkHandle(b *testing.B) {
	for _, n := range []int{1, 1_000, 10_000} {
		b.Run(fmt.Sprintf("line_items=%d", n), func(b *testing.B) { benchmarkHandle(b, newWorld(b), n) })
	}
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
