package audience

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/clock"
)

func TestMain(m *testing.M) {
	LogRedisTo(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(withRedis{m}, // of a node that died; ends within a second of its pool
		goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// withRedis stops the shared server before goroutines are counted.
type withRedis struct{ m *testing.M }

func (w withRedis) Run() int {
	code := w.m.Run()
	if sharedUsed {
		if s, err := sharedRedis(); err == nil {
			s.Close()
		}
	}
	return code
}

var (
	sharedUsed  bool
	sharedRedis = sync.OnceValues(func() (*redistest.Server, error) {
		sharedUsed = true
		return redistest.Start()
	})
)

// newRedis returns a real Redis that is empty. Tests that stop or freeze one
// start their own.
func newRedis(t testing.TB) *redistest.Server {
	t.Helper()
	s, err := sharedRedis()
	if err != nil {
		t.Fatal(err)
	}
	c := s.Client()
	defer c.Close()
	if err := c.FlushAll(context.Background()).Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

// ownRedis returns a real Redis that the test may do anything to.
func ownRedis(t testing.TB) *redistest.Server {
	t.Helper()
	s, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// noon is the market time at which the tests stand.
var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// room is a reader and a writer of one audience.
type room struct {
	reader  *Reader
	writer  *Writer
	clock   *clock.Manual
	metrics *prometheus.Registry
}

// redisAt has long timeouts, so that a busy machine is not taken for a dead Redis.
func redisAt(addrs ...string) RedisConfig {
	return RedisConfig{Addrs: addrs, Cluster: len(addrs) > 1, DialTimeout: 20 * time.Second, IOTimeout: 20 * time.Second}
}

// newRoom opens an audience at the given addresses; several are a Cluster.
func newRoom(t testing.TB, change func(*ReaderConfig), addrs ...string) *room {
	t.Helper()
	where := redisAt(addrs...)
	a := &room{clock: clock.NewManual(noon), metrics: prometheus.NewRegistry()}
	cfg := ReaderConfig{Redis: where, Clock: a.clock, Registerer: a.metrics}
	if change != nil {
		change(&cfg)
	}
	var err error
	if a.reader, err = NewReader(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.reader.Close() })
	if a.writer, err = NewWriter(WriterConfig{Redis: where, Clock: a.clock, Registerer: a.metrics, Cache: cfg.Cache}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.writer.Close() })
	return a
}

// read reads a user's profile with time to spare.
func (a *room) read(t testing.TB, key UserKey) *Profile {
	t.Helper()
	var p Profile
	if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{key}, &p); err != nil {
		t.Fatalf("cannot read a user: %v", err)
	}
	return &p
}

// metric returns a counter's or gauge's value, of the child with this label
// value if one is given.
func (a *room) metric(t testing.TB, name, label string) float64 {
	t.Helper()
	return metricOf(t, a.metrics, name, label)
}

func metricOf(t testing.TB, reg *prometheus.Registry, name, label string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if label == "" || hasLabel(m, label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no metric %s %s", name, label)
	return 0
}

func hasLabel(m *dto.Metric, value string) bool {
	for _, l := range m.GetLabel() {
		if l.GetValue() == value {
			return true
		}
	}
	return false
}

func newKeyer(t testing.TB) *Keyer {
	t.Helper()
	k, err := NewKeyer(KeyerConfig{Secret: []byte("0123456789abcdef0123456789abcdef")})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// testKey returns the key of a made-up user.
func testKey(t testing.TB, id string) UserKey {
	t.Helper()
	key, ok := newKeyer(t).KeyOf(AssertConsent(), "buyeruid", []byte(id), 0)
	if !ok {
		t.Fatalf("no key for %q", id)
	}
	return key
}
