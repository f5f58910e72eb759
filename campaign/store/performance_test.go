package store

import (
	"context"
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

func testPerformance(t *testing.T, w *world) {
	ctx := context.Background()
	touch := func(bid uint64, kind event.Kind, of event.CreativeID, age time.Duration) Touch {
		return Touch{Bid: event.NewBidID(1, bid), Kind: kind, Creative: of, Issued: start.Add(-age)}
	}
	want := func(what string, want map[event.CreativeID]campaign.Performance) {
		t.Helper()
		if got := must(w.Performance(ctx))(t); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	count := func(since time.Time, touches ...Touch) {
		t.Helper()
		if err := w.CountTouches(ctx, touches, since); err != nil {
			t.Fatal(err)
		}
	}
	long := start.Add(-30 * 24 * time.Hour)
	want("nothing", map[event.CreativeID]campaign.Performance{})

	var many []Touch
	for bid := range uint64(2*rowsPerInsert + 7) {
		many = append(many, touch(bid, event.KindImpression, 1, time.Hour))
	}
	many = append(many, many[0], touch(3, event.KindClick, 1, time.Hour), touch(3, event.KindClick, 1, time.Hour),
		touch(1000, event.KindImpression, 2, 40*24*time.Hour), touch(1001, event.KindImpression, 3, 29*24*time.Hour))
	once := map[event.CreativeID]campaign.Performance{1: {Impressions: 2*rowsPerInsert + 7, Clicks: 1}, 3: {Impressions: 1}}
	count(long, many...)
	want("each counts once, and none that is too old", once)
	count(long, many...)
	want("told again", once)

	// A call that fails has counted nothing.
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := w.CountTouches(cancelled, []Touch{touch(5000, event.KindClick, 1, 0)}, long); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
	want("cancelled", once)

	// What is forgotten is too old to count.
	later := start.Add(-28 * 24 * time.Hour)
	count(later, append(many, touch(4, event.KindClick, 1, time.Hour))...)
	once[1] = campaign.Performance{Impressions: 2*rowsPerInsert + 7, Clicks: 2}
	want("a month on", once)
	var left int
	if err := w.DB().QueryRow(`SELECT COUNT(*) FROM creative_touches`).Scan(&left); err != nil || left != 2*rowsPerInsert+7+2 {
		t.Errorf("%d touches are remembered, %v", left, err)
	}
}
