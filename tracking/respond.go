package tracking

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/event"
)

// transparent is a GIF of one transparent pixel.
const transparent = "GIF89a\x01\x00\x01\x00\x80\x00\x00" + // 1x1, two colours
	"\x00\x00\x00\xff\xff\xff" + // the colours
	"!\xf9\x04\x01\x00\x00\x00\x00" + // colour 0 is transparent
	",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

// append waits until the notice's event is durable.
func (t *Tracker) append(n *notice, wait *patience) error {
	start := time.Now()
	err := t.Log.Append(wait.context(start), n.events...)
	t.metrics.append.Observe(time.Since(start).Seconds())
	return err
}

// patience is how long notices wait for the log: at least for wait, and up to
// an eighth more, since those of a while share one context. It is not their
// requests': a sender that hung up does not undo what happened.
type patience struct {
	wait time.Duration

	mu     sync.Mutex
	shared context.Context
	end    context.CancelFunc // its deadline is what ends it
	until  time.Time          // whoever comes later gets another
}

func (p *patience) context(now time.Time) context.Context {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !now.Before(p.until) {
		p.until = now.Add(p.wait / 8)
		p.shared, p.end = context.WithTimeout(context.Background(), p.wait+p.wait/8)
	}
	return p.shared
}

// unavailable asks the sender to try again.
func unavailable(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("Retry-After", "5")
	ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
}

// noStore keeps browsers and proxies from answering for us: each view and
// click is one request.
func noStore(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("Cache-Control", "no-store, no-cache, must-revalidate, private")
	ctx.Response.Header.Set("Pragma", "no-cache")
	ctx.Response.Header.Set("Expires", "0")
}

func pixel(ctx *fasthttp.RequestCtx) {
	noStore(ctx)
	ctx.SetContentType("image/gif")
	ctx.SetBodyString(transparent)
}

// redirect sends a person to where the creative leads, whether or not the
// click could be recorded: it is the creative's own address, so nobody can
// make us send people elsewhere. The click's id is added to it.
func (t *Tracker) redirect(ctx *fasthttp.RequestCtx, n *notice, now time.Time) {
	noStore(ctx)
	url, ok := t.Landing(n.token.Creative)
	url = fillMacros(url, &n.token)
	if !ok || !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
		t.metrics.noLanding.Inc()
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	name, id := t.clickID(&n.token, now)
	ctx.Response.Header.Set("Location", addParameter(url, name, id))
	ctx.Response.Header.Set("Referrer-Policy", "no-referrer") // the token stays with us
	ctx.SetStatusCode(fasthttp.StatusFound)
}

// complain logs that an event was not kept.
func (t *Tracker) complain(err error, kind event.Kind) {
	t.Logger.LogAttrs(context.Background(), slog.LevelWarn, "cannot record notices",
		slog.String("kind", kind.String()), slog.Any("error", err))
}
