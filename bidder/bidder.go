package bidder

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/bidder/arrival"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/predict"
	"github.com/tangent-dsp/tangent/supply"
)

// Path is where exchanges post bid requests; the exchange's name follows it.
const Path = "/openrtb2/"

// Audience reads what is known of a user and may be used, by a deadline of the
// monotonic clock. ids are the user's, the best first.
type Audience interface {
	Read(deadline time.Time, permit audience.Permit, ids []audience.UserKey, p *audience.Profile) error
}

// Config is what a bidder is made of. All fields are required unless they say
// otherwise.
type Config struct {
	Catalog  *catalog.Catalog
	Decoder  *openrtb.Decoder
	Gate     *audience.Gate
	Keyer    *audience.Keyer
	Audience Audience
	Model    predict.Model
	Bids     *event.BidIDs // of this incarnation

	Multipliers func() *pacing.Multipliers // the newest: value to money, per line item
	Holds       *pacing.Holds              // where bids are held against budgets
	Counters    *pacing.Collector          // where opportunities and bids are counted

	Landscape func() *landscape.Model // the newest: what impressions cost; nil: nothing is known
	Shading   *landscape.Shading      // how first-price bids are made; nil: by its defaults
	Tally     *landscape.Tally        // counts bids by how they were made; nil: nobody asks

	Samples *frontier.Sampler // of line items' opportunities; nil: none are kept

	Tokens *openrtb.Keyring
	Clock  clock.Clock // market time
	Switch *Switch

	// PublicURL is the base of notice, pixel and click URLs, as exchanges and
	// browsers reach this bidder: "https://bid.example.com".
	PublicURL string

	// MaxInFlight is how many requests are looked at at once; more are
	// answered with a no-bid at once. Default 1024.
	MaxInFlight int

	Places *geo.Locator    // nil: places are what requests say
	Supply *supply.Checker // nil: no request is refused for who sells it

	Registerer prometheus.Registerer // nil: no metrics
	Log        *slog.Logger          // nil: no logs
}

// Bidder answers bid requests. It is safe for concurrent use.
type Bidder struct {
	Config
	winURL, billURL, lossURL, viewURL, clickURL string

	metrics   *metrics
	queue     queue
	inFlight  atomic.Int64
	auctions  sync.Pool
	scratches sync.Pool
	traffic   catalog.Tally // of requests
	samples   atomic.Uint64 // line items that were looked at as samples
	packer    openrtb.Packer
	ceilings  ceilings
	secure    bool // what PublicURL loads may stand on a page of HTTPS
}

// New returns a bidder.
func New(cfg Config) (*Bidder, error) {
	switch {
	case cfg.Catalog == nil, cfg.Decoder == nil, cfg.Gate == nil, cfg.Keyer == nil, cfg.Audience == nil, cfg.Model == nil,
		cfg.Multipliers == nil, cfg.Holds == nil, cfg.Counters == nil, cfg.Bids == nil, cfg.Tokens == nil, cfg.Clock == nil, cfg.Switch == nil:
		return nil, errors.New("cannot make a bidder: a required part is missing")
	case !strings.HasPrefix(cfg.PublicURL, "http://") && !strings.HasPrefix(cfg.PublicURL, "https://"):
		return nil, errors.New("cannot make a bidder: the public URL must begin with http:// or https://")
	}
	if cfg.Landscape == nil {
		cfg.Landscape = func() *landscape.Model { return nil }
	}
	if cfg.Tally == nil {
		cfg.Tally = new(landscape.Tally)
	}
	if cfg.Shading == nil {
		var err error
		if cfg.Shading, err = landscape.NewShading(landscape.ShadingConfig{}); err != nil {
			return nil, fmt.Errorf("cannot make a bidder: %w", err)
		}
	}
	if cfg.MaxInFlight == 0 {
		cfg.MaxInFlight = 1024
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, err
	}
	base := strings.TrimRight(cfg.PublicURL, "/") + "/n/"
	b := &Bidder{
		Config:   cfg,
		winURL:   base + "win/",
		billURL:  base + "bill/",
		lossURL:  base + "loss/",
		viewURL:  base + "view/",
		clickURL: base + "click/",
		metrics:  m,
		secure:   Secure(cfg.PublicURL),
	}
	b.auctions.New = func() any { return &auction{b: b} }
	b.scratches.New = func() any { return newScratch() }
	return b, nil
}

// Handle answers one bid request: POST /openrtb2/{exchange}.
func (b *Bidder) Handle(ctx *fasthttp.RequestCtx) {
	begun := time.Now()
	waited := arrival.Waited(ctx.Conn(), begun)
	start := begun.Add(-waited) // so that tmax and what is measured count the wait
	a := b.auctions.Get().(*auction)
	a.begin(start, begun, b.Clock.Now())
	defer func() {
		if p := recover(); p != nil {
			// A bug must cost one request, not the bidder. Nothing is known of
			// the auction's state, so it is not pooled again; what it held is
			// released at its horizon.
			b.metrics.panics.Inc()
			b.Log.Error("bid request failed", "panic", p, "stack", string(debug.Stack()))
			ctx.Response.Reset()
			ctx.SetStatusCode(fasthttp.StatusNoContent)
			return
		}
		a.end()
		b.auctions.Put(a)
	}()

	reason := a.resolve(ctx)
	if reason == openrtb.None {
		reason = b.runOne(a, ctx, waited)
	}
	a.answer(ctx, reason)
	b.metrics.of(a.ex).observe(reason, len(a.bids), time.Since(start))
	b.countRequest(a, reason)
}

// runOne runs an auction unless too many are under way, or waiting.
func (b *Bidder) runOne(a *auction, ctx *fasthttp.RequestCtx, waited time.Duration) openrtb.Reason {
	b.metrics.wait.Observe(waited.Seconds())
	if !b.queue.admit(a.lapped, waited) {
		return openrtb.Overload
	}
	defer b.inFlight.Add(-1) // after a panic too, or each would cost a place for ever
	if b.inFlight.Add(1) > int64(b.MaxInFlight) {
		return openrtb.Overload
	}
	return a.run(ctx)
}

// HandleUnreadable answers a request that the server could not read: its body
// is too large, or it is no HTTP. It has no body, as nothing of ours has that
// goes to exchanges.
func (b *Bidder) HandleUnreadable(ctx *fasthttp.RequestCtx, err error) {
	status, why := fasthttp.StatusBadRequest, openrtb.Malformed
	if errors.Is(err, fasthttp.ErrBodyTooLarge) {
		status, why = fasthttp.StatusRequestEntityTooLarge, openrtb.TooLarge
	}
	b.metrics.of(nil).observe(why, 0, 0)
	ctx.SetStatusCode(status)
	ctx.SetConnectionClose()
}
