package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"

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
	mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound) // flags may hold secrets
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
	if a.roles.bidder {
		missing = a.unfit()
		if a.bidding.Why() == openrtb.Draining {
			missing = append(missing, "shutting down")
		}
	}
	if a.roles.worker && !a.events.Connected() {
		missing = append(missing, "the event log cannot be read")
	}
	if a.roles.worker && !a.roles.bidder { // a bidder has said it
		if still := a.progress.still(time.Now()); still != "" {
			missing = append(missing, still)
		}
	}
	return missing
}
