package tracking

import (
	"context"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// sink takes events and forgets them.
type sink struct{}

func (sink) Append(context.Context, ...event.Event) error { return nil }

func newRequest(s *stage) *fasthttp.RequestCtx {
	ctx := new(fasthttp.RequestCtx)
	ctx.Request.SetRequestURI("http://notices.example.com/n/bill/" + s.seal(openrtb.ForBilling, token(1)) + "?p=1.5&c=EUR&m=1.25")
	ctx.URI() // parsed by the server, not by us
	return ctx
}

// What is left is the currency's three letters and the user key that leaves the
// token.
func TestNoticeAllocatesLittle(t *testing.T) {
	s := newStage(t, func(c *Config) { c.Log = sink{} })
	ctx := newRequest(s)
	if got := testing.AllocsPerRun(200, func() { s.tracker.Handle(ctx) }); got > 4+poolAllocs {
		t.Errorf("a notice allocates %v times, want at most 4", got)
	}
}

func BenchmarkNotice(b *testing.B) {
	s := newStage(b, func(c *Config) { c.Log = sink{} })
	ctx := newRequest(s)
	b.ReportAllocs()
	for b.Loop() {
		s.tracker.Handle(ctx)
	}
}
