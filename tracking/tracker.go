package tracking

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/pricecipher"
	"github.com/tangent-dsp/tangent/pacing"
)

// Holds brings notices to the bidder that holds money for a bid, here or on
// another machine: it may let go of it sooner than booking would tell it.
type Holds interface {
	// Won notes a win at a price per impression, in the advertiser's currency;
	// below 0 if it was not told. heard is what the notice said of the auction.
	Won(bid event.BidID, price money.Nanos, heard pacing.Heard, now time.Time)
	Lost(bid event.BidID, heard pacing.Heard, now time.Time)
	// Told is called before those, and for billing notices and impressions too:
	// one of an exchange came when its bid was so old.
	Told(exchange event.ExchangeID, kind event.Kind, age time.Duration)
}

// Config of a [Tracker]. Log, Tokens, Clock and Landing must be given.
type Config struct {
	Log    event.Log
	Tokens *openrtb.Keyring
	Clock  clock.Clock // market time

	// Landing returns where a click on a creative leads: an absolute http or
	// https URL. Archived creatives still have one.
	Landing func(event.CreativeID) (url string, ok bool)

	// Advertiser returns how an advertiser measures orders, archived ones too;
	// nil: clicks carry no ids, and no orders are taken.
	Advertiser func(event.AdvertiserID) (campaign.Advertiser, bool)

	// OrderSecret keys the hash of order ids: 16 to 64 bytes, the same on every
	// machine for ever. It must be given with Advertiser.
	OrderSecret []byte

	// Holds is told of wins and losses once they are durable; nil: nobody is.
	Holds Holds

	// MediaCost returns what a price that was told of a bid is in the
	// advertiser's currency, for bids whose price was converted; false if the
	// rate is not known any more. nil: it never is.
	MediaCost func(t *openrtb.Token, price money.Nanos) (money.Nanos, bool)

	// Prices returns how an exchange sends prices. nil: all send them plain.
	Prices func(event.ExchangeID) pricecipher.Cipher

	// ExchangeName returns the metric label of an exchange; default its id.
	ExchangeName func(event.ExchangeID) string

	AppendTimeout time.Duration // how long a notice may wait for the log, or an eighth longer; default 2 s
	ClickTimeout  time.Duration // how long a person may wait for it, likewise; default 200 ms

	Registerer prometheus.Registerer // nil: no metrics
	Logger     *slog.Logger          // nil: silent
}

// Tracker answers notices, pixels and clicks. It is safe for concurrent use.
type Tracker struct {
	Config
	metrics *metrics
	notices sync.Pool // of *notice

	forNotices, forClicks *patience
}

// New returns a tracker.
func New(c Config) (*Tracker, error) {
	if c.Log == nil || c.Tokens == nil || c.Clock == nil || c.Landing == nil {
		return nil, errors.New("cannot make a tracker: log, tokens, clock and landing are needed")
	}
	if c.Advertiser != nil && (len(c.OrderSecret) < 16 || len(c.OrderSecret) > 64) {
		return nil, errors.New("cannot make a tracker: the secret of order ids must have 16 to 64 bytes")
	}
	if c.ExchangeName == nil {
		c.ExchangeName = func(id event.ExchangeID) string { return fmt.Sprint(int64(id)) }
	}
	if c.Prices == nil {
		plain, err := pricecipher.New(pricecipher.Config{})
		if err != nil {
			return nil, fmt.Errorf("cannot make a tracker: %w", err)
		}
		c.Prices = func(event.ExchangeID) pricecipher.Cipher { return plain }
	}
	if c.AppendTimeout <= 0 {
		c.AppendTimeout = 2 * time.Second
	}
	if c.ClickTimeout <= 0 {
		c.ClickTimeout = 200 * time.Millisecond
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := newMetrics(c.Registerer, c.ExchangeName)
	if err != nil {
		return nil, fmt.Errorf("cannot make a tracker: %w", err)
	}
	t := &Tracker{Config: c, metrics: m, forNotices: &patience{wait: c.AppendTimeout}, forClicks: &patience{wait: c.ClickTimeout}}
	t.notices.New = func() any { return &notice{events: make([]event.Event, 1)} }
	return t, nil
}

// Handle answers GET and POST /n/{win,bill,loss,view,click,convert}/{token}.
func (t *Tracker) Handle(ctx *fasthttp.RequestCtx) {
	defer func() {
		if p := recover(); p != nil {
			// A bug must cost one notice, which is sent again, not the process.
			t.metrics.panics.Inc()
			t.Logger.Error("notice failed", "panic", p, "stack", string(debug.Stack()))
			ctx.ResetBody()
			unavailable(ctx)
		}
	}()
	kind, token, ok := splitPath(ctx.Path())
	if !ok {
		t.metrics.refused[refusedPath].Inc()
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	if !ctx.IsGet() && !ctx.IsPost() {
		t.metrics.refused[refusedMethod].Inc()
		ctx.Response.Header.Set("Allow", "GET, POST")
		ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
		return
	}
	n := t.notices.Get().(*notice)
	t.handle(ctx, n, kind, token)
	n.reset()
	t.notices.Put(n)
}

func (t *Tracker) handle(ctx *fasthttp.RequestCtx, n *notice, kind event.Kind, token []byte) {
	if !n.open(t.Tokens, kind, token) {
		t.metrics.refused[refusedToken].Inc()
		ctx.SetStatusCode(fasthttp.StatusBadRequest)
		return
	}
	if kind == event.KindConversion {
		t.convert(ctx, n)
		return
	}
	now := t.Clock.Now()
	n.read(kind, ctx.URI().QueryString(), t.Prices(n.token.Exchange), now)

	m := t.metrics.of(n.token.Exchange)
	wait := t.forNotices
	if kind == event.KindClick {
		wait = t.forClicks
	}
	err := t.append(n, wait)
	t.metrics.age[kind].Observe(now.Sub(n.token.Issued).Seconds())
	m.notices[kind][n.outcome(err)].Inc()
	if err != nil {
		t.complain(err, kind)
	}

	switch {
	case kind == event.KindClick:
		t.redirect(ctx, n, now)
	case err != nil:
		unavailable(ctx)
	case kind == event.KindImpression:
		t.tell(n, now)
		pixel(ctx)
	default:
		t.tell(n, now)
	}
}

// tell passes a durable notice on to the bidder that made the bid.
func (t *Tracker) tell(n *notice, now time.Time) {
	e := &n.events[0]
	if t.Holds == nil || n.token.Test || e.PriceState == event.PriceAudit {
		return
	}
	t.Holds.Told(e.Exchange, e.Kind, now.Sub(e.IssuedAt))
	switch e.Kind {
	case event.KindWin:
		price := money.Nanos(-1)
		if e.PriceState == event.PriceOK {
			price = t.cost(&n.token, e.Price)
		}
		t.Holds.Won(e.Bid, price, n.heard, now)
	case event.KindLoss:
		t.Holds.Lost(e.Bid, n.heard, now)
	}
}

// cost returns what the advertiser pays at most for a bid at a price, or
// NoPrice. Holds are of that. The fees on a lower price are not above those on
// the bid's.
func (t *Tracker) cost(token *openrtb.Token, price money.Nanos) money.Nanos {
	bid := token.Price
	if token.RateID != 0 {
		if t.MediaCost == nil {
			return event.NoPrice
		}
		var ok1, ok2 bool
		price, ok1 = t.MediaCost(token, min(price, bid))
		bid, ok2 = t.MediaCost(token, bid)
		if !ok1 || !ok2 {
			return event.NoPrice
		}
	}
	return price + max(0, token.CostHeld-bid)
}
