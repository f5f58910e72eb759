package app_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

// process starts another process of w's installation, and returns its metrics
// and what stops it.
func (w *world) process(name, role string) (metrics prometheus.Gatherer, stop func()) {
	w.t.Helper()
	cfg := w.cfg
	cfg.Name, cfg.Role, cfg.DataDir = name, role, w.t.TempDir()
	cfg.Listen, cfg.APIListen, cfg.AdminListen = "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"
	a, err := app.New(w.t.Context(), cfg, "test", silent())
	if err != nil {
		w.t.Fatal(err)
	}
	running, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(running) }()
	done := false
	stop = func() {
		if end(); !done {
			done = true
			if err := <-ended; err != nil {
				w.t.Errorf("%s ended with: %v", name, err)
			}
		}
	}
	w.t.Cleanup(stop)
	return a.Metrics(), stop
}

// Two bidders on one event log are paced by the worker, go on bidding by
// themselves while there is none, and are paced by the next.
func TestWorkerPacesAllBidders(t *testing.T) {
	ca := newAuthority(t)
	addr := startNATS(t, ca, nil)
	dir := t.TempDir()
	w := newWorld(t, func(c *app.Config) {
		c.Name, c.Role, c.Tick = "one", "bidder,control", 100*time.Millisecond
		c.Database, c.SecretsFile = "file:"+filepath.Join(dir, "tangent.db"), filepath.Join(dir, "secrets.json")
		c.Events, c.EventsCA, c.EventsStream, c.MaxSpoolBytes = "tls://"+addr, ca.file, "tangent", 16<<20
	})
	other, _ := w.process("two", "bidder")
	worker, stop := w.process("three", "worker")
	o := w.setUp(v1.Budget{Lifetime: money.Unit})
	li := w.item(o, 2*money.Unit, nil)
	paced := func(want float64) func() bool {
		return func() bool {
			return w.metric("tangent_pacing_local") == want && metric(t, other, "tangent_pacing_local") == want
		}
	}

	w.await("both bidders hear the worker", paced(0))
	w.await("the worker hears both", func() bool { return metric(t, worker, "tangent_pacing_bidders") == 2 })
	w.buy("alpha", request("u", ""))

	steps := func(by string) func() bool { // who stepped last, as the API has it
		return func() bool {
			p, err := w.api.LineItemPacing(t.Context(), li.ID)
			if err != nil {
				t.Fatal(err)
			}
			return len(p.Controllers) > 0 && p.Controllers[0].By == by
		}
	}
	w.await("the worker tells of its plan", steps("central"))

	stop()
	w.await("both bidders pace by themselves", paced(1))
	w.buy("alpha", request("u", ""))

	w.await("a bidder tells of its own plan", steps("local"))

	w.process("four", "worker")
	w.await("both bidders hear the next worker", paced(0))
	w.await("the next worker tells of its plan", steps("central"))
	if n := w.metric("tangent_pacing_words_refused_total"); n != 0 {
		t.Errorf("%v messages were refused", n)
	}
}
