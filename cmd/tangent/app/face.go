package app

import (
	"bytes"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/api"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience/usersync"
	"github.com/tangent-dsp/tangent/bidder"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/report/frontiers"
	"github.com/tangent-dsp/tangent/report/plans"
	"github.com/tangent-dsp/tangent/report/why"
	"github.com/tangent-dsp/tangent/tracking"
)

// openTracking makes the server that exchanges and browsers see: bid requests
// on one path, notices, pixels and clicks on the other.
func (a *App) openTracking(b *bidder.Bidder, tokens *openrtb.Keyring, orders []byte) error {
	a.owners = &owners{own: a.pacer.Incarnation(), holds: a.pacer.Holds(), log: a.events}
	t, err := tracking.New(tracking.Config{
		Log: &talliedLog{a.watched, a.catalog, a.samples}, Tokens: tokens, Clock: a.clock,
		Landing:      func(id event.CreativeID) (string, bool) { return a.catalog.Load().LandingURL(id) },
		Advertiser:   func(id event.AdvertiserID) (campaign.Advertiser, bool) { return a.catalog.Load().Advertiser(id) },
		OrderSecret:  orders,
		Holds:        a.owners,
		MediaCost:    a.mediaCost,
		Prices:       newPrices(a.catalog, a.clock, a.log).of,
		ExchangeName: a.exchangeName,
		Registerer:   a.metrics, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.exchangeFace = exchangeServer(a.cfg.MaxConnections)
	a.exchangeFace.ErrorHandler = b.HandleUnreadable
	a.exchangeFace.Handler = func(ctx *fasthttp.RequestCtx) {
		switch path := ctx.Path(); {
		case bytes.HasPrefix(path, []byte(bidder.Path)):
			if !ctx.IsPost() {
				ctx.Response.Header.Set("Allow", "POST")
				ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
				return
			}
			b.Handle(ctx)
		case bytes.HasPrefix(path, []byte(usersync.Path)), string(path) == usersync.OptOutPath:
			a.syncer.Handle(ctx)
		default:
			a.arriving.Add(1)
			defer a.arriving.Add(-1)
			t.Handle(ctx) // 404 for what is no notice
		}
	}
	return nil
}

// exchangeServer has the limits of what one client, and all together, may
// take: who sends or reads slowly keeps a connection, and nothing else, until
// the time is up.
func exchangeServer(connections int) *fasthttp.Server {
	return &fasthttp.Server{
		Concurrency:           connections,
		MaxRequestBodySize:    openrtb.DefaultLimits().MaxBody,
		ReadBufferSize:        8 << 10,          // each connection has one: the longest notice URL, with all its macros, is below 2 KiB
		ReadTimeout:           10 * time.Second, // of a whole request, from its first byte: see patient
		WriteTimeout:          10 * time.Second,
		IdleTimeout:           3 * time.Minute, // exchanges keep idle connections at least 2.5 minutes
		NoDefaultServerHeader: true,
		NoDefaultDate:         true,
		CloseOnShutdown:       true,
		Logger:                quietLogger{},
	}
}

// quietLogger drops what fasthttp says of broken connections and requests:
// it may quote them.
type quietLogger struct{}

func (quietLogger) Printf(string, ...any) {}

// exchangeName is the metric label of an exchange.
func (a *App) exchangeName(id event.ExchangeID) string {
	if ex, ok := a.catalog.Load().ExchangeByID(id); ok {
		return ex.Name
	}
	return strconv.FormatInt(int64(id), 10)
}

func (a *App) openAPI(context.Context) error {
	if !a.roles.control {
		return nil
	}
	reports, err := why.NewReports(why.ReportsConfig{
		Store: a.store, Ledger: a.ledger, Rows: why.NewRows(a.store.DB()), Clock: a.clock, Stalled: a.stalled,
	})
	if err != nil {
		return err
	}
	curves, err := frontiers.NewReports(frontiers.ReportsConfig{
		Store: a.store, Ledger: a.ledger, Rows: frontiers.NewRows(a.store.DB()), Reasons: why.NewRows(a.store.DB()), Clock: a.clock,
	})
	if err != nil {
		return err
	}
	paced, err := plans.NewReports(plans.ReportsConfig{
		Store: a.store, Ledger: a.ledger, Rows: plans.NewRows(a.store.DB()), Frontiers: curves, Clock: a.clock,
	})
	if err != nil {
		return err
	}
	erasures, err := a.erasures()
	if err != nil {
		return err
	}
	handler, err := api.New(api.Config{
		Store: a.store, Keys: a.store, Delivery: &delivery{a.store, a.ledger, a.clock, reports, curves, paced},
		Ledger: a.ledger, Erasures: erasures, Clock: a.clock,
		Service: a.service,
		Changed: func() {
			select {
			case a.refresh <- struct{}{}:
			default: // one is due already
			}
		},
		Version: a.version, Logger: a.log,
	})
	if err != nil {
		return err
	}
	a.apiFace = &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	return nil
}

func (a *App) service(context.Context) v1.Service {
	missing := a.missing()
	s := v1.Service{Version: a.version, Roles: a.roles.names(), Ready: len(missing) == 0, NotReady: missing}
	if a.catalog != nil {
		s.CatalogVersion = a.catalog.Load().Version()
	}
	return s
}

// mediaCost converts a price that was told of a bid by the bid's own rates.
func (a *App) mediaCost(t *openrtb.Token, price money.Nanos) (money.Nanos, bool) {
	s := a.catalog.Load()
	li, ok := s.LineItem(t.LineItem)
	if !ok {
		return 0, false
	}
	return s.MediaCost(li, t.RateID, string(t.Currency[:]), price)
}
