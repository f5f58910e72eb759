package performance

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/event/eventtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a log and sums. Line item 1 learns, 2 does not.
type world struct {
	t     *testing.T
	log   eventtest.Log
	store *store.Store
}

func newWorld(t *testing.T) *world {
	s, err := store.Open(t.Context(), store.Config{DSN: "file:" + t.TempDir() + "/tangent.db", Clock: clock.NewManual(now)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &world{t: t, store: s}
}

// count counts everything in the log that a consumer of that name has not.
func (w *world) count(counter Counter, consumer string) {
	w.t.Helper()
	p, err := New(Config{
		Source: &w.log, Counter: counter, Clock: clock.NewManual(now), Consumer: consumer,
		Learns: func(id event.LineItemID) bool { return id == 1 },
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(w.t.Context())
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := w.log.Drained(limited, p.cfg.Consumer); err != nil {
		w.t.Error(err)
	}
	stop()
	if err := <-done; err != nil {
		w.t.Error(err)
	}
}

func (w *world) want(what string, want campaign.Performance) {
	w.t.Helper()
	got, err := w.store.Performance(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	all := map[event.CreativeID]campaign.Performance{}
	if want != (campaign.Performance{}) {
		all[5] = want
	}
	if !maps.Equal(got, all) {
		w.t.Errorf("%s: %v, want %v", what, got, all)
	}
}

func touch(bid uint64, kind event.Kind, change func(*event.Event)) event.Event {
	e := event.Event{Kind: kind, Bid: event.NewBidID(1, bid), LineItem: 1, Creative: 5, IssuedAt: now.Add(-time.Hour), ReceivedAt: now}
	if change != nil {
		change(&e)
	}
	return e
}

func (w *world) append(events ...event.Event) {
	w.t.Helper()
	if err := w.log.Append(context.Background(), events...); err != nil {
		w.t.Fatal(err)
	}
}

func TestWhatCounts(t *testing.T) {
	for name, c := range map[string]struct {
		kind   event.Kind
		change func(*event.Event)
		want   campaign.Performance
	}{
		"impression":         {event.KindImpression, nil, campaign.Performance{Impressions: 1}},
		"click":              {event.KindClick, nil, campaign.Performance{Clicks: 1}},
		"late":               {event.KindImpression, func(e *event.Event) { e.Late = true }, campaign.Performance{Impressions: 1}},
		"win":                {event.KindWin, nil, campaign.Performance{}},
		"billing":            {event.KindBilling, func(e *event.Event) { e.Billable = true }, campaign.Performance{}},
		"conversion":         {event.KindConversion, nil, campaign.Performance{}},
		"test request":       {event.KindImpression, func(e *event.Event) { e.Test = true }, campaign.Performance{}},
		"test click":         {event.KindClick, func(e *event.Event) { e.Test = true }, campaign.Performance{}},
		"audit":              {event.KindImpression, func(e *event.Event) { e.PriceState = event.PriceAudit }, campaign.Performance{}},
		"expired":            {event.KindClick, func(e *event.Event) { e.Expired = true }, campaign.Performance{}},
		"read a month later": {event.KindClick, func(e *event.Event) { e.IssuedAt = now.Add(-memory - 1) }, campaign.Performance{}},
		"does not learn":     {event.KindImpression, func(e *event.Event) { e.LineItem = 2 }, campaign.Performance{}},
		"no creative":        {event.KindImpression, func(e *event.Event) { e.Creative = 0 }, campaign.Performance{}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.append(touch(1, c.kind, c.change))
			w.count(w.store, Consumer)
			w.want(name, c.want)
		})
	}
}

// lossy counts, and then often says that it could not.
type lossy struct {
	Counter
	calls int
}

func (l *lossy) CountTouches(ctx context.Context, touches []store.Touch, since time.Time) error {
	if l.calls++; l.calls%3 == 1 {
		return errors.New("the disk is full")
	}
	err := l.Counter.CountTouches(ctx, touches, since)
	if l.calls%3 == 2 {
		return errors.New("the connection was lost after the commit")
	}
	return err
}

// A pixel that is loaded twice, a batch that is delivered twice, and a log
// that is read once more from its beginning add nothing.
func TestEachCountsOnce(t *testing.T) {
	w := newWorld(t)
	for bid := range uint64(10) {
		w.append(touch(bid, event.KindImpression, nil), touch(bid, event.KindImpression, nil))
	}
	w.append(touch(3, event.KindClick, nil))
	w.append(touch(3, event.KindClick, nil), touch(4, event.KindImpression, nil))
	want := campaign.Performance{Impressions: 10, Clicks: 1}
	w.count(&lossy{Counter: w.store}, Consumer)
	w.want("delivered until it was taken", want)
	w.count(w.store, Consumer)
	w.want("after a restart", want)
	w.count(w.store, "performance-restored")
	w.want("from the beginning", want)
}

func TestNewWantsAll(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a consumer of nothing")
	}
}
