package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/embedded"
	"github.com/tangent-dsp/tangent/audience/usersync"
	"github.com/tangent-dsp/tangent/bidder"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/natslog"
	"github.com/tangent-dsp/tangent/event/spool"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/pacing/ledger"
	"github.com/tangent-dsp/tangent/predict"
	"github.com/tangent-dsp/tangent/report/performance"
	"github.com/tangent-dsp/tangent/tracking"
)

// leaseTime is how long, in real time, a bidder goes on spending when the
// ledger does not answer.
const leaseTime = 10 * time.Second

// App is a running Tangent. Make it with New, run it with Run.
type App struct {
	cfg     Config
	roles   roles
	version string
	log     *slog.Logger
	clock   *clock.Market
	metrics *prometheus.Registry

	// Shared by all roles.
	store     *store.Store
	ledger    *ledger.Ledger
	booking   string // the consumer of the log that books
	events    *natslog.Log
	progress  *bookingProgress // of booking; nil unless there are events
	embedded  *embedded.Server // nil unless the audience is
	catalog   *catalog.Catalog
	refresher *catalog.Refresher
	refresh   chan struct{} // holds one when the API wrote something
	adminFace *http.Server

	// The bidder's.
	bidding      *bidder.Switch
	guard        atomic.Pointer[ledger.Guard] // as last read; nil before
	clockFit     atomic.Bool
	spool        *spool.Spool // before events, when these are elsewhere
	arriving     atomic.Int64 // notices that are received and not answered yet
	watched      *watchedLog  // what notices are appended to, and whether it takes them
	reader       *audience.Reader
	keyer        *audience.Keyer
	lists        *lists
	syncer       *usersync.Syncer
	prices       *landscape.Learner // what impressions cost
	tally        landscape.Tally    // of bids, by how they were made
	pacer        *pacing.Pacer
	owners       *owners
	samples      *frontier.Sampler // of what line items met
	flushers     []flusher
	exchangeFace *fasthttp.Server

	// The control plane's.
	apiFace *http.Server

	writer   *audience.Writer // nil in a control plane that was not told where the audience is
	outcomes outcomes         // of line items with limits, of the same

	// The worker's.
	booker    *ledger.Booker
	exposures *tracking.Exposures
	learning  *performance.Performance
	leading   atomic.Bool

	listeners listeners
	close     []func() error // what New opened, closed in reverse
}

type listeners struct{ exchange, api, admin net.Listener }

// New opens everything that cfg names and binds the addresses. Nothing is
// served before Run. version is the program's.
func New(ctx context.Context, cfg Config, version string, log *slog.Logger) (_ *App, err error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	role, err := parseRoles(cfg.Role)
	if err != nil {
		return nil, err
	}
	a := &App{
		cfg: cfg, roles: role, version: version, log: log,
		metrics: prometheus.NewRegistry(),
		bidding: new(bidder.Switch),
		refresh: make(chan struct{}, 1),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.closeAll())
		}
	}()
	audience.LogRedisTo(log)
	a.bidding.Stop() // until Run finds that money can be accounted for
	a.metrics.MustRegister(collectors.NewGoCollector(collectors.WithGoCollectorRuntimeMetrics(
		collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile(`^/gc/scan/heap:bytes$`)}, // what a collection costs
	)), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))

	if a.clock = clock.Real(); !cfg.MarketAnchor.IsZero() {
		if a.clock, err = clock.NewMarket(cfg.MarketAnchor, cfg.MarketOrigin, cfg.MarketSpeed); err != nil {
			return nil, err
		}
	} else if cfg.MarketSpeed != 1 {
		now := time.Now()
		if a.clock, err = clock.NewMarket(now, now, cfg.MarketSpeed); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(cfg.DataDir, 0o750); err != nil {
		return nil, fmt.Errorf("cannot make the data folder: %w", err)
	}
	for _, open := range []func(context.Context) error{
		a.listen, a.openMoney, a.openEvents, a.openAudience, a.openCatalog, a.openBidder, a.openWorker, a.openAPI, a.openAdmin,
	} {
		if err := open(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// onClose adds what closeAll has to do for something that was opened.
func (a *App) onClose(f func() error) { a.close = append(a.close, f) }

func (a *App) closeAll() error {
	var errs []error
	for i := len(a.close) - 1; i >= 0; i-- {
		errs = append(errs, a.close[i]())
	}
	a.close = nil
	return errors.Join(errs...)
}

// listen binds the addresses first: a second start fails before it touches
// money.
func (a *App) listen(context.Context) error {
	for _, l := range []struct {
		what, addr string
		wanted     bool
		to         *net.Listener
	}{
		{"exchanges", a.cfg.Listen, a.roles.bidder, &a.listeners.exchange},
		{"the API", a.cfg.APIListen, a.roles.control, &a.listeners.api},
		{"operators", a.cfg.AdminListen, true, &a.listeners.admin},
	} {
		if !l.wanted {
			continue
		}
		ln, err := net.Listen("tcp", l.addr)
		if err != nil {
			return fmt.Errorf("cannot listen for %s: %w", l.what, err)
		}
		*l.to = ln
		a.onClose(func() error { return ignoreClosed(ln.Close()) })
	}
	return nil
}

func (a *App) openMoney(ctx context.Context) (err error) {
	if a.store, err = store.Open(ctx, store.Config{DSN: a.cfg.database(), Clock: a.clock, StartLifetime: ledger.StartLifetime}); err != nil {
		return err
	}
	a.onClose(a.store.Close)
	a.ledger, err = ledger.New(ctx, a.store.DB(), ledger.Config{
		Clock: a.clock, Lease: a.lease(),
		Horizon: func() time.Duration { return a.catalog.Load().LongestHorizon() },
	})
	if err != nil {
		return err
	}
	a.booking, err = a.ledger.Consumer(ctx)
	return err
}

// lease is leaseTime in market time, which the ledger keeps.
func (a *App) lease() time.Duration {
	return a.market(leaseTime)
}

// market returns how much market time passes in a stretch of real time.
func (a *App) market(real time.Duration) time.Duration {
	return time.Duration(float64(real) * a.clock.Speed())
}

func (a *App) openAudience(context.Context) (err error) {
	if !a.roles.bidder && !a.roles.worker && (a.cfg.Audience == "" || a.cfg.Audience == Embedded) {
		return nil // then a control plane erases nobody
	}
	redis, err := a.cfg.redis()
	if err != nil {
		return err
	}
	if a.cfg.Audience == Embedded {
		if a.embedded, err = embedded.Start(embedded.Config{Clock: a.clock}); err != nil {
			return err
		}
		a.onClose(func() error { a.embedded.Close(); return nil })
		a.log.Warn("the audience is embedded: segments and frequency counts are gone when this process ends")
		// One in this process does not hang: where it is slow, so is the machine.
		redis = audience.RedisConfig{Addrs: []string{a.embedded.Addr()}, IOTimeout: 30 * time.Second}
	}
	var cache *audience.Cache
	if a.roles.bidder && a.cfg.UserCacheBytes > 0 {
		if cache, err = audience.NewCache(audience.CacheConfig{Bytes: a.cfg.UserCacheBytes, Age: a.cfg.UserCacheAge, Registerer: a.metrics}); err != nil {
			return err
		}
		a.onClose(cache.Close)
	}
	if a.writer, err = audience.NewWriter(audience.WriterConfig{Redis: redis, Clock: a.clock, Registerer: a.metrics, Cache: cache}); err != nil {
		return err
	}
	a.onClose(a.writer.Close)
	if !a.roles.bidder {
		return nil
	}
	if a.reader, err = audience.NewReader(audience.ReaderConfig{Redis: redis, Clock: a.clock, Registerer: a.metrics, Cache: cache}); err != nil {
		return err
	}
	a.onClose(a.reader.Close)
	return nil
}

// openCatalog compiles the catalog: a bidder bids from it, a worker asks it how
// long exchanges' holds last.
func (a *App) openCatalog(ctx context.Context) (err error) {
	if !a.roles.bidder && !a.roles.worker {
		return nil
	}
	if a.catalog, err = catalog.New(catalog.Config{Clock: a.clock, MaxRateAge: a.cfg.RateMaxAge}); err != nil {
		return err
	}
	a.refresher, err = catalog.NewRefresher(catalog.RefresherConfig{
		Catalog: a.catalog, Source: a.store, Scores: a.scores(), Interval: a.cfg.CatalogRefresh,
		OnError: func(err error) { a.log.Error("catalog", "error", err) },
	})
	if err != nil {
		return err
	}
	// Reading and compiling everything makes more garbage than there is
	// catalog. Collecting it often leaves fewer holes between what stays: 100,000
	// line items are resident with a fifth less, at most with a third less, and
	// take twice the CPU to read.
	usual := debug.SetGCPercent(loadingGC)
	if usual < loadingGC {
		debug.SetGCPercent(usual) // as who runs it wants it
	}
	err = a.refresher.Refresh(ctx)
	debug.FreeOSMemory()
	if os.Getenv("GOGC") == "" {
		usual = steadyGC(liveHeap())
	}
	debug.SetGCPercent(usual)
	return err
}

func (a *App) openBidder(ctx context.Context) error {
	if !a.roles.bidder {
		return nil
	}
	secret, err := loadSecrets(a.cfg.secretsFile())
	if err != nil {
		return err
	}
	tokens, err := secret.keyring()
	if err != nil {
		return err
	}
	if a.keyer, err = audience.NewKeyer(audience.KeyerConfig{Secret: secret.UserSecret, Order: a.cfg.IDOrder}); err != nil {
		return err
	}
	gate, err := audience.NewGate(audience.GateConfig{
		VendorID: a.cfg.VendorID, LegitimateInterest: a.cfg.LegitimateInterest, Flexible: a.cfg.FlexiblePurposes,
		MSPA: a.cfg.MSPA, AssumeNoGDPR: a.cfg.AssumeNoGDPR, Registerer: a.metrics,
	})
	if err != nil {
		return err
	}
	if a.lists, err = openLists(&a.cfg, a.metrics, a.log); err != nil {
		return err
	}
	if err := a.openLandscape(ctx); err != nil {
		return err
	}
	controller, err := a.bidderController(ctx)
	if err != nil {
		return err
	}
	a.pacer, err = pacing.New(ctx, pacing.Config{
		Name: a.cfg.Name, Controller: controller, Ledger: a.ledger, Clock: a.clock, LineItems: pacedLineItems(a.catalog), Observed: a.outcomes.load,
		Holds: pacing.HoldsConfig{Outcome: a.prices.Observe}, Memory: a.ledger,
		Interval: a.cfg.Tick, Lease: a.lease(), Lead: 3 * a.market(a.cfg.Tick), Booked: a.ledger.BookedThrough, Registerer: a.metrics, Logger: a.log,
	})
	if err != nil {
		return err
	}
	for _, w := range a.cfg.Warnings() {
		a.log.Warn(w)
	}
	a.samples = frontier.NewSampler(0)
	b, err := bidder.New(bidder.Config{
		Catalog: a.catalog, Decoder: openrtb.NewDecoder(openrtb.DefaultLimits()), Gate: gate, Keyer: a.keyer,
		Places: &a.lists.places, Supply: a.lists.checker,
		Audience: a.reader, Model: predict.Fixed{}, Bids: event.NewBidIDs(a.pacer.Incarnation()),
		Multipliers: a.pacer.Load, Holds: a.pacer.Holds(), Counters: a.pacer.Collector(), Landscape: a.prices.Load, Tally: &a.tally,
		Samples: a.samples, Tokens: tokens, Clock: a.clock, Switch: a.bidding,
		PublicURL: a.cfg.publicURL(a.listeners.exchange.Addr().String()), MaxInFlight: a.cfg.MaxInFlight,
		Registerer: a.metrics, Log: a.log,
	})
	if err != nil {
		return err
	}
	if err := a.openFrontiers(); err != nil {
		return err
	}
	if err := a.openReasons(b); err != nil {
		return err
	}
	if err := a.openSync(gate); err != nil {
		return err
	}
	orders, err := secret.orders()
	if err != nil {
		return err
	}
	return a.openTracking(b, tokens, orders)
}
