package embedded

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Given an embedded audience, when a user's segment and exposure are written,
// then a reader finds both, and when the market time of their keeping has
// passed, then the server has let go of them.
func TestAudienceOnTheEmbeddedServer(t *testing.T) {
	market := clock.NewManual(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))
	s, err := Start(Config{Clock: market, Every: time.Hour}) // the test ages it by hand
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	where := audience.RedisConfig{Addrs: []string{s.Addr()}, DialTimeout: 20 * time.Second, IOTimeout: 20 * time.Second} // the machine may be busy
	w, err := audience.NewWriter(audience.WriterConfig{Redis: where, Clock: market})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r, err := audience.NewReader(audience.ReaderConfig{Redis: where, Clock: market})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	keyer, err := audience.NewKeyer(audience.KeyerConfig{Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	key, _ := keyer.KeyOf(audience.AssertConsent(), "buyeruid", []byte("a"), 0)

	ctx := context.Background()
	if _, err := audience.Import(ctx, strings.NewReader("a,7,48h\n"), w, audience.ImportOptions{Keyer: keyer, Permit: audience.AssertConsent()}); err != nil {
		t.Fatal(err)
	}
	// More than a list may hold, so that the compaction's transaction runs too.
	for n := range 500 {
		if err := w.AddExposures(ctx, []audience.ExposureWrite{{Key: key, Hash: uint64(n) + 1, Exposure: campaign.Exposure{
			At: market.Now(), LineItem: 1, Campaign: 2,
		}}}); err != nil {
			t.Fatal(err)
		}
	}
	var p audience.Profile
	if err := r.Read(time.Now().Add(20*time.Second), audience.AssertConsent(), []audience.UserKey{key}, &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Segments) != 1 || p.Segments[0] != event.SegmentID(7) || len(p.Exposures) != audience.MaxImpressions {
		t.Fatalf("read segments %v and %d exposures, want segment 7 and %d", p.Segments, len(p.Exposures), audience.MaxImpressions)
	}

	market.Advance(72 * time.Hour)
	s.age()
	if got := len(s.redis.Keys()); got != 1 {
		t.Fatalf("after three days %d keys are left, want the exposures alone", got)
	}
	market.Advance(audience.Retention)
	s.age()
	if got := len(s.redis.Keys()); got != 0 {
		t.Fatalf("after their retention %d keys are left, want none", got)
	}
}

// Given a scaled market clock, when a second passes, then the keys age by the
// market time that passed, without anybody asking.
func TestServerAgesByItself(t *testing.T) {
	market, err := clock.NewMarket(time.Now(), time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), 100_000)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(Config{Clock: market, Every: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.redis.Set("k", "v"); err != nil {
		t.Fatal(err)
	}
	s.redis.SetTTL("k", time.Hour) // 36 ms of real time
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for s.redis.Exists("k") {
		select {
		case <-deadline:
			t.Fatal("the key did not expire")
		case <-tick.C:
		}
	}
}

func TestStartRefuses(t *testing.T) {
	if _, err := Start(Config{}); err == nil {
		t.Error("started without a clock")
	}
	if _, err := Start(Config{Clock: clock.Real(), Addr: "127.0.0.1:notaport"}); err == nil {
		t.Error("started on an address that is none")
	}
}
