package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tangent-dsp/tangent/openrtb"
)

const adminIndex = `Tangent, for operators

/metrics       Prometheus metrics
/livez         200 while the process works
/readyz        200 while it can bid and book; else 503 and what is missing
/debug/pprof/  profiles
`

// openAdmin makes the operators' server. It says nothing that is secret, but
// profiles cost CPU: keep the port private.
func (a *App) openAdmin(context.Context) error {
	if err := a.registerGauges(); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if missing := a.missing(); len(missing) > 0 {
			http.Error(w, strings.Join(missing, "\n"), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, adminIndex) })
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	a.adminFace = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: 2 * time.Minute}
	return nil
}

// missing names what keeps this process from bidding and booking. The
// audience is not among it: without it, line items that need no user bid.
func (a *App) missing() []string {
	var missing []string
	say := func(bad bool, what string) {
		if bad {
			missing = append(missing, what)
		}
	}
	say(!a.refresher.Ready(), "the catalog has not been loaded")
	say(!a.pacer.Ready(), "the ledger has not granted money: no bids")
	say(!a.watched.fit(), "the event log does not take events: no bids, notices are answered 503")
	say(a.bidding.Why() == openrtb.Draining, "shutting down")
	return missing
}

func (a *App) registerGauges() error {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tangent", Name: name, Help: help}, value)
	}
	for _, c := range []prometheus.Collector{
		gauge("bidding", "1 while bids are made, 0 while bidding is switched off.", func() float64 {
			if a.bidding.Why() == openrtb.None {
				return 1
			}
			return 0
		}),
		gauge("catalog_version", "Version of the catalog that bids are made from.", func() float64 { return float64(a.catalog.Load().Version()) }),
		gauge("catalog_line_items", "Line items in the catalog, paused ones included.", func() float64 { return float64(a.catalog.Load().Len()) }),
		gauge("catalog_age_seconds", "Time since the campaign store last answered the catalog.", func() float64 {
			age, _ := a.refresher.Age()
			return age.Seconds()
		}),
		gauge("catalog_refresh_errors", "Catalog refreshes that failed in whole or in part.", func() float64 { return float64(a.refresher.Errors()) }),
		gauge("log_events", "Events that the log made durable since the start.", func() float64 { return float64(a.events.Stats().Events) }),
		gauge("log_batches", "Synced writes that these events took.", func() float64 { return float64(a.events.Stats().Batches) }),
		gauge("log_failed_events", "Events that the log refused or could not make durable since the start.", func() float64 { return float64(a.events.Stats().Failed) }),
		gauge("log_queued_bytes", "Encoded events that wait to be written.", func() float64 { return float64(a.events.Stats().Queued) }),
		gauge("log_unbooked_messages", "Messages of the log that booking has not handled; -1 when the log does not say.", func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			n, err := a.booker.Pending(ctx)
			if err != nil {
				return -1
			}
			return float64(n)
		}),
		gauge("market_time_seconds", "Market time, in seconds since 1970.", func() float64 { return float64(a.clock.Now().UnixNano()) / 1e9 }),
	} {
		if err := a.metrics.Register(c); err != nil {
			return fmt.Errorf("cannot register metrics: %w", err)
		}
	}
	return nil
}
