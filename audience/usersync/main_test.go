package usersync

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

func TestMain(m *testing.M) {
	audience.LogRedisTo(slog.New(slog.DiscardHandler))
	// It ends within a second of its pool: it sleeps between tries to dial.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// world is a syncer on a Redis of its own, with exchanges alpha (1) and beta
// (2), and a browser.
type world struct {
	t       *testing.T
	redis   *redistest.Server
	writer  *audience.Writer
	reader  *audience.Reader
	keyer   *audience.Keyer
	clock   *clock.Manual
	syncer  *Syncer
	metrics *prometheus.Registry
	log     logged
	country [3]byte
	cookie  string // of the browser; empty when it has none
}

type logged struct {
	sync.Mutex
	strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Builder.Write(b)
}

const uploadKey = "a-key-for-uploads"

func newWorld(t *testing.T) *world {
	t.Helper()
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(redis.Close)
	w := &world{t: t, redis: redis, clock: clock.NewManual(noon), metrics: prometheus.NewRegistry(), country: [3]byte{'U', 'S', 'A'}}
	at := audience.RedisConfig{Addrs: []string{redis.Addr()}, DialTimeout: 20 * time.Second, IOTimeout: 20 * time.Second}
	if w.writer, err = audience.NewWriter(audience.WriterConfig{Redis: at, Clock: w.clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.writer.Close() })
	if w.reader, err = audience.NewReader(audience.ReaderConfig{Redis: at, Clock: w.clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.reader.Close() })
	if w.keyer, err = audience.NewKeyer(audience.KeyerConfig{Secret: make([]byte, 32)}); err != nil {
		t.Fatal(err)
	}
	gate, err := audience.NewGate(audience.GateConfig{VendorID: 42})
	if err != nil {
		t.Fatal(err)
	}
	w.syncer, err = New(Config{
		Writer: w.writer, Gate: gate, Keyer: w.keyer, Clock: w.clock, Registerer: w.metrics, Timeout: 20 * time.Second,
		Exchange: func(name string) (event.ExchangeID, bool) {
			id, ok := map[string]event.ExchangeID{"alpha": 1, "beta": 2, "unset": 3}[name]
			return id, ok
		},
		Country: func(netip.Addr) [3]byte { return w.country },
		Logger:  slog.New(slog.NewTextHandler(&w.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(uploadKey))
	s, err := ReadSettings(strings.NewReader(`{"exchanges":{
		"alpha":{"redirect":"https://match.alpha.example/dsp?id={uid}&p={param}&gdpr={gdpr}&c={gdpr_consent}&us={us_privacy}","upload_key_sha256":"` + hex.EncodeToString(sum[:]) + `"},
		"beta":{"redirect":"https://beta.example/sync?u={uid}","answer":"redirect"},"gone":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	w.syncer.Use(s)
	return w
}

// get sends the browser to an address, and keeps the cookie that it gets.
func (w *world) get(uri string, change ...func(*fasthttp.Request)) *fasthttp.Response {
	w.t.Helper()
	var ctx fasthttp.RequestCtx
	ctx.Request.SetRequestURI(uri)
	if w.cookie != "" {
		ctx.Request.Header.SetCookie(cookieName, w.cookie)
	}
	for _, c := range change {
		c(&ctx.Request)
	}
	w.syncer.Handle(&ctx)
	var c fasthttp.Cookie
	c.SetKey(cookieName)
	if ctx.Response.Header.Cookie(&c) {
		w.cookie = string(c.Value())
		if !c.Secure() || !c.HTTPOnly() || c.SameSite() != fasthttp.CookieSameSiteNoneMode || c.MaxAge() <= 0 {
			w.t.Errorf("the cookie can be read or is not sent: %d s", c.MaxAge())
		}
	}
	return &ctx.Response
}

func (w *world) theirs(id string, exchange event.ExchangeID) audience.UserKey {
	w.t.Helper()
	key, ok := w.keyer.KeyToForget("user", []byte(id), exchange)
	if !ok {
		w.t.Fatal("no key")
	}
	return key
}

// id returns the browser's id, and own its key.
func (w *world) id() string {
	id, _, _ := strings.Cut(w.cookie, ".")
	return id
}

func (w *world) own() audience.UserKey {
	w.t.Helper()
	key, ok := w.keyer.KeyToForget("buyeruid", []byte(w.id()), 0)
	if !ok {
		w.t.Fatal("the browser has no id")
	}
	return key
}

// count returns a counter of the syncer.
func (w *world) count(exchange, direction, outcome string) (n float64) {
	w.t.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if l := m.GetLabel(); l[0].GetValue() == direction && l[1].GetValue() == exchange && l[2].GetValue() == outcome {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// segment puts a user into a segment, by an id as imports write it, and in
// tells whether one is.
func (w *world) segment(user string) {
	w.t.Helper()
	r, err := audience.Import(w.t.Context(), strings.NewReader(user+",7,24h\n"), w.writer, audience.ImportOptions{Keyer: w.keyer, Permit: audience.AssertConsent()})
	if err != nil || r.Rows != 1 {
		w.t.Fatalf("%d rows, %v", r.Rows, err)
	}
}

func (w *world) in(user audience.UserKey) (bool, error) {
	var p audience.Profile
	err := w.reader.Read(time.Now().Add(10*time.Second), audience.AssertConsent(), []audience.UserKey{user}, &p)
	return len(p.Segments) == 1, err
}

// stored returns how many values Redis has, and fails when one of the words is
// in it or in the log.
func (w *world) stored(words ...string) int {
	w.t.Helper()
	c := w.redis.Client()
	defer c.Close()
	keys, err := c.Keys(w.t.Context(), "*").Result()
	if err != nil {
		w.t.Fatal(err)
	}
	all := w.log.String()
	for _, k := range keys {
		v, err := c.Get(w.t.Context(), k).Result()
		if err != nil {
			w.t.Fatal(err)
		}
		all += k + v
	}
	for _, word := range words {
		if strings.Contains(all, word) {
			w.t.Error("a raw id is in Redis or in the log")
		}
	}
	return len(keys)
}
