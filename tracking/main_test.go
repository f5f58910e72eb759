package tracking

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/eventtest"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// fasthttp starts one goroutine per process that renews the Date
		// header, and has no way to end it.
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"))
}

const incarnation = 7

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// stage is a tracker and all that it touches.
type stage struct {
	t       testing.TB
	log     *eventtest.Log
	clock   *clock.Manual
	keys    *openrtb.Keyring
	holds   *holds
	metrics *prometheus.Registry
	tracker *Tracker
}

func newStage(t testing.TB, change ...func(*Config)) *stage {
	t.Helper()
	s := &stage{
		t: t, log: new(eventtest.Log), clock: clock.NewManual(noon), keys: keyring(t, 1),
		holds: new(holds), metrics: prometheus.NewRegistry(),
	}
	c := Config{
		Log: s.log, Tokens: s.keys, Clock: s.clock, Holds: s.holds, Registerer: s.metrics,
		Landing: func(id event.CreativeID) (string, bool) {
			return map[event.CreativeID]string{
				5: "https://shop.example.com/boots?from=ad&size=44",
				6: "javascript:alert(1)",
			}[id], id == 5 || id == 6
		},
	}
	for _, f := range change {
		f(&c)
	}
	var err error
	if s.tracker, err = New(c); err != nil {
		t.Fatal(err)
	}
	return s
}

func keyring(t testing.TB, seed byte) *openrtb.Keyring {
	t.Helper()
	k, err := openrtb.NewKeyring([]openrtb.Key{{ID: 1, Secret: bytes.Repeat([]byte{seed}, openrtb.SecretSize)}})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// keptKey is a user's key, kept for all that consent can allow.
func keptKey() []byte {
	keyer, err := audience.NewKeyer(audience.KeyerConfig{Secret: bytes.Repeat([]byte{1}, 32)})
	if err != nil {
		panic(err)
	}
	consent := audience.AssertConsent()
	key, _ := keyer.KeyOf(consent, "buyeruid", []byte("ann"), 0)
	kept, _ := consent.Keep(key)
	return kept[:]
}

// token returns the token of bid number seq, which bills by the billing
// notice, changed by change.
func token(seq uint64, change ...func(*openrtb.Token)) *openrtb.Token {
	t := &openrtb.Token{
		Bid: event.NewBidID(incarnation, seq), Issued: noon, Exchange: 3, Imp: 1, AuctionType: 1,
		BillingEvent: event.KindBilling, Advertiser: 1, Campaign: 2, LineItem: 4, Creative: 5,
		Price: 2_000_000, Currency: [3]byte{'E', 'U', 'R'}, Horizon: time.Hour,
		CatalogVersion: 8, MultiplierVersion: 9, PredictedValue: 2.5e6,
		UserKey: keptKey(),
	}
	t.SetNodePeriods([]event.NodePeriod{{Node: 21}, {Node: 22, Period: 20261201}})
	for _, f := range change {
		f(t)
	}
	return t
}

func (s *stage) seal(p openrtb.Purpose, t *openrtb.Token) string {
	return string(s.keys.Seal(nil, p, t))
}

// get calls the handler without a network.
func (s *stage) get(path string) *fasthttp.Response {
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI("http://notices.example.com" + path)
	s.tracker.Handle(&ctx)
	return &ctx.Response
}

// want checks the status of a GET.
func (s *stage) want(status int, path string) *fasthttp.Response {
	s.t.Helper()
	r := s.get(path)
	if r.StatusCode() != status {
		s.t.Errorf("GET %.60s answers %d, want %d", path, r.StatusCode(), status)
	}
	return r
}

// only returns the one event in the log.
func (s *stage) only() event.Event {
	s.t.Helper()
	all := s.log.Events()
	if len(all) != 1 {
		s.t.Fatalf("log has %d events, want 1", len(all))
	}
	return all[0]
}

// metric returns the sum of a counter over the label values given.
func (s *stage) metric(name string, labels map[string]string) (sum float64) {
	s.t.Helper()
	families, err := s.metrics.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
	next:
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if want, ok := labels[l.GetName()]; ok && want != l.GetValue() {
					continue next
				}
			}
			sum += m.GetCounter().GetValue()
		}
	}
	return sum
}

// holds records what a bidder would be told.
type holds struct {
	mu   sync.Mutex
	won  map[event.BidID]money.Nanos
	lost []event.BidID

	heard map[event.BidID]pacing.Heard
	told  int
}

func (h *holds) Told(event.ExchangeID, event.Kind, time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told++
}

func (h *holds) hear(bid event.BidID, n pacing.Heard) {
	if h.heard == nil {
		h.heard = make(map[event.BidID]pacing.Heard)
	}
	h.heard[bid] = n
}

func (h *holds) Won(bid event.BidID, price money.Nanos, n pacing.Heard, _ time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hear(bid, n)
	if h.won == nil {
		h.won = make(map[event.BidID]money.Nanos)
	}
	h.won[bid] = price
}

func (h *holds) Lost(bid event.BidID, n pacing.Heard, _ time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hear(bid, n)
	h.lost = append(h.lost, bid)
}

// serve runs the tracker behind a real fasthttp server, in memory, and returns
// a client that does not follow redirects.
func serve(t *testing.T, tracker *Tracker) *http.Client {
	t.Helper()
	ln := fasthttputil.NewInmemoryListener()
	server := &fasthttp.Server{
		Handler: tracker.Handle, Logger: quiet{},
		MaxIdleWorkerDuration: 10 * time.Millisecond, // a sleep that outlives Shutdown
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ln) }()
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return ln.Dial() }}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return &http.Client{
		Transport:     transport,
		Timeout:       time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
