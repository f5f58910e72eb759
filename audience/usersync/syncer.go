package usersync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// Paths of the routes. An exchange's name follows the first.
const (
	Path       = "/sync/"
	OptOutPath = "/optout"
)

// Writer keeps matches and opt-outs, and knows who opted out; *audience.Writer does.
type Writer interface {
	Match(ctx context.Context, p audience.Permit, m audience.Match) (audience.MatchOutcome, error)
	OptOut(ctx context.Context, users ...audience.UserKey) error
	OptedOut(ctx context.Context, user audience.UserKey) (bool, error)
}

// Config of a [Syncer]. Writer, Gate, Keyer, Clock and Exchange must be given.
type Config struct {
	Writer Writer
	Gate   *audience.Gate
	Keyer  *audience.Keyer
	Clock  clock.Clock // market time

	// Exchange returns the id of an exchange.
	Exchange func(name string) (event.ExchangeID, bool)
	// Country returns where an address is, zero when unknown; nil: it always is.
	Country func(netip.Addr) [3]byte
	// AddressHeader is the header in which the proxy in front tells the
	// browser's address, its last entry; empty: nothing is in front.
	AddressHeader string

	CookieLife   time.Duration // of cookies and matches, from the last sync: 90 days
	CookieDomain string        // empty: the host of the request only
	Partitioned  bool          // keep one cookie per site on which we are embedded

	MaxInFlight int           // syncs at once: 256; more are answered with a pixel
	Timeout     time.Duration // for Redis: 500 ms

	Registerer prometheus.Registerer // nil: no metrics
	Logger     *slog.Logger          // nil: silent
}

// Syncer answers syncs, uploads and opt-outs. It is safe for concurrent use.
type Syncer struct {
	Config
	settings atomic.Pointer[Settings]
	inFlight atomic.Int64
	requests *prometheus.CounterVec
}

// New returns a syncer that matches with nobody until it is given settings.
func New(c Config) (*Syncer, error) {
	if c.Writer == nil || c.Gate == nil || c.Keyer == nil || c.Clock == nil || c.Exchange == nil {
		return nil, errors.New("cannot make the user sync: a required part is missing")
	}
	if c.CookieLife == 0 {
		c.CookieLife = 90 * 24 * time.Hour
	}
	if c.CookieLife < time.Hour || c.CookieLife > MaxCookieLife {
		return nil, fmt.Errorf("cannot make the user sync: cookie life %v: allowed is an hour to %v", c.CookieLife, MaxCookieLife)
	}
	if c.MaxInFlight == 0 {
		c.MaxInFlight = 256
	}
	if c.Timeout == 0 {
		c.Timeout = 500 * time.Millisecond
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Syncer{Config: c, requests: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tangent_usersync_requests_total",
		Help: "Browsers synced by exchange, direction (in: it sent its id; out: it was sent ours; upload: lines; optout) and outcome.",
	}, []string{"exchange", "direction", "outcome"})}
	s.settings.Store(&Settings{})
	if c.Registerer != nil {
		if err := c.Registerer.Register(s.requests); err != nil {
			return nil, fmt.Errorf("cannot register the metrics of the user sync: %w", err)
		}
	}
	return s, nil
}

// Use takes settings.
func (s *Syncer) Use(settings *Settings) { s.settings.Store(settings) }

// count counts a request. exchange is a name of the settings, or empty: what a
// request says is no label.
func (s *Syncer) count(exchange, direction, outcome string, n int) {
	s.requests.WithLabelValues(exchange, direction, outcome).Add(float64(n))
}

// Handle answers GET /sync/{exchange}, GET /sync/{exchange}/start,
// POST /sync/{exchange}/upload and GET or POST /optout.
func (s *Syncer) Handle(ctx *fasthttp.RequestCtx) {
	defer func() {
		if recover() != nil { // what it says may have an id in it
			s.count("", "in", "failed", 1)
			s.Logger.Error("user sync failed: a bug")
			ctx.Response.Reset()
			ctx.SetStatusCode(fasthttp.StatusInternalServerError)
		}
	}()
	path := string(ctx.Path())
	if path == OptOutPath {
		s.optOut(ctx)
		return
	}
	name, what, _ := strings.Cut(strings.TrimPrefix(path, Path), "/")
	x := s.settings.Load().exchanges[name]
	id, known := s.Exchange(name)
	if x == nil || !known || what == "upload" && len(x.upload) == 0 || what == "start" && x.redirect == nil {
		s.count("", "in", "unknown", 1)
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	p := peer{name: name, id: id, exchange: x}
	switch {
	case what == "upload" && ctx.IsPost():
		s.upload(ctx, p)
	case what == "" && ctx.IsGet():
		s.sync(ctx, p, "in")
	case what == "start" && ctx.IsGet():
		s.sync(ctx, p, "out")
	case what == "" || what == "start" || what == "upload":
		ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
	default:
		ctx.SetStatusCode(fasthttp.StatusNotFound)
	}
}

// peer is the exchange of a request.
type peer struct {
	name string
	id   event.ExchangeID
	*exchange
}

// enter takes a place among the requests under way.
func (s *Syncer) enter() (leave func(), ok bool) {
	if s.inFlight.Add(1) > int64(s.MaxInFlight) {
		s.inFlight.Add(-1)
		return nil, false
	}
	return func() { s.inFlight.Add(-1) }, true
}
