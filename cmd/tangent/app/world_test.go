package app_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/api/client"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/loopback"
)

// world is a running App with a client of its API, and an exchange's HTTP
// client. It is stopped, and its Redis with it, when the test ends.
type world struct {
	t     *testing.T
	cfg   app.Config
	redis *redistest.Server
	http  *http.Client
	busy  int // notices that were answered 503, see tell

	app  *app.App
	log  *lockedBuffer // of the App
	api  *client.Client
	stop func() // nil while nothing runs
}

// newWorld starts an App on a Redis and a data folder of its own. change may
// change its configuration.
func newWorld(t *testing.T, change func(*app.Config)) *world {
	t.Helper()
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	ports := loopback.Need(t, 3)
	w := &world{t: t, redis: redis, cfg: app.Config{
		Name: "test", DataDir: t.TempDir(), Audience: redis.Addr(), VendorID: 1111,
		Listen: loopback.Addr(ports[0]), APIListen: loopback.Addr(ports[1]), AdminListen: loopback.Addr(ports[2]),
		Tick: 50 * time.Millisecond, CatalogRefresh: 200 * time.Millisecond, MaxInFlight: 64, MaxConnections: 1000,
		MaxLogBytes: 64 << 20, MaxBookingStall: 10 * time.Second, MarketSpeed: 1,
	}}
	if change != nil {
		change(&w.cfg)
	}
	w.http = &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       20 * time.Second,
	}
	t.Cleanup(w.http.CloseIdleConnections)
	t.Cleanup(w.end)
	w.start()
	return w
}

// start starts the App. A second start is at the addresses of the first, so
// that the URLs of earlier bids lead to it.
func (w *world) start() {
	w.t.Helper()
	log := new(lockedBuffer)
	w.log = log
	a, err := app.New(w.t.Context(), w.cfg, "test", slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		w.t.Fatal(err)
	}
	w.app = a
	running, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(running) }()
	w.stop = func() {
		stop()
		if err := <-ended; err != nil {
			w.t.Errorf("the App ended with: %v", err)
		}
		if w.t.Failed() {
			w.t.Logf("log of the App:\n%s", log.String())
		}
	}
	key, _, err := a.Keys().CreateKey(w.t.Context(), "test", store.RoleAdmin)
	if err != nil {
		w.t.Fatal(err)
	}
	if w.api, err = client.New(client.Config{URL: a.APIURL(), Key: key, HTTP: w.http}); err != nil {
		w.t.Fatal(err)
	}
	w.await("ready", func() bool { status, _ := w.get(a.AdminURL() + "/readyz"); return status == http.StatusOK })
}

// end stops the App and waits for its end.
func (w *world) end() {
	if w.stop != nil {
		w.http.CloseIdleConnections()
		w.stop()
		w.stop = nil
	}
}

// await polls until ok, as the workers of the App report to nobody.
func (w *world) await(what string, ok func() bool) {
	w.t.Helper()
	limit := time.NewTimer(45 * time.Second)
	defer limit.Stop()
	for !ok() {
		select {
		case <-limit.C:
			w.t.Fatalf("not after 45 s: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// withinASecond polls until ok, and wants that within a second of naps: while
// the machine lets this process oversleep, or wait for an answer, no time passes.
func (w *world) withinASecond(what string, ok func() bool) {
	w.t.Helper()
	const nap = 5 * time.Millisecond
	for slept := time.Duration(0); !ok(); slept += nap {
		if slept >= time.Second {
			w.t.Fatalf("not after a second: %s", what)
		}
		time.Sleep(nap)
	}
}

// arrives makes a change and waits until bids are made with it. What was
// changed before has to have arrived.
func (w *world) arrives(change func() error) {
	w.t.Helper()
	before := w.metric("tangent_catalog_version")
	if err := change(); err != nil {
		w.t.Fatal(err)
	}
	w.await("a change arrives", func() bool { return w.metric("tangent_catalog_version") > before })
}

// get returns the status and the body of an answer.
func (w *world) get(url string) (int, string) {
	w.t.Helper()
	r, err := w.http.Get(url)
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

// metric sums a metric over the series that have the labels: name, value and
// so on.
func (w *world) metric(name string, labels ...string) float64 {
	w.t.Helper()
	return metric(w.t, w.app.Metrics(), name, labels...)
}

func metric(t *testing.T, g prometheus.Gatherer, name string, labels ...string) (sum float64) {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			has := map[string]string{}
			for _, l := range m.GetLabel() {
				has[l.GetName()] = l.GetValue()
			}
			wanted := true
			for i := 0; i < len(labels); i += 2 {
				wanted = wanted && has[labels[i]] == labels[i+1]
			}
			if wanted {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

// lockedBuffer is a buffer for several writers.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func silent() *slog.Logger { return slog.New(slog.DiscardHandler) }
