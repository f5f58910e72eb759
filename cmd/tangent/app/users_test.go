package app_test

import (
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

func capped(li *v1.LineItemSpec) {
	li.Name = "once an hour"
	li.FrequencyCaps = []v1.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 1, WindowSeconds: 3600}}
}

// Impressions count, bids and wins do not.
func TestFrequencyCapCountsImpressions(t *testing.T) { impressionsCount(t, newWorld(t, nil)) }

// The near-cache knows of the impressions that this process writes, however
// long it may keep an answer.
func TestFrequencyCapWithANearCache(t *testing.T) {
	w := newWorld(t, func(c *app.Config) { c.UserCacheBytes, c.UserCacheAge = audience.MinCacheBytes, time.Minute })
	impressionsCount(t, w)
	hits := func() float64 { return w.metric("tangent_audience_cache_hits_total") }
	before := hits()
	for asked := 0; hits() < before+20; asked++ {
		if asked == 100 { // some may come too late to be looked at
			t.Fatalf("%v of %d reads were answered by the cache, want 20", hits()-before, asked)
		}
		if s, _ := w.ask("alpha", request("walker", "")); s != nil {
			t.Fatal("a bid beyond the cap")
		}
	}
}

func impressionsCount(t *testing.T, w *world) {
	t.Helper()
	w.item(w.setUp(v1.Budget{Lifetime: 100 * money.Unit}), 2*money.Unit, capped)

	// Given a user for whom we bid and won, twice, without a pixel.
	for range 2 {
		bid := w.buy("alpha", request("walker", ""))
		w.tell(expand(bid.NURL, "1.5"), 200)
		w.tell(expand(bid.BURL, "1.5"), 200)
	}
	bid := w.buy("alpha", request("walker", ""))

	// When the pixel tells that the user saw it.
	w.tell(expand(bid.pixel, "1.5"), 200)

	// Then there is no further bid for that user, and one for another. That there
	// is none for want of money, until the next tick, says nothing.
	refused := func() float64 {
		return w.metric("tangent_bidder_refusals_total", "reason", openrtb.FrequencyCapped.String())
	}
	w.await("no bid for a user who has seen it", func() bool {
		s, _ := w.ask("alpha", request("walker", ""))
		return s == nil && refused() > 0
	})
	w.await("twenty refusals by frequency", func() bool {
		if s, _ := w.ask("alpha", request("walker", "")); s != nil {
			t.Fatal("the cap was forgotten")
		}
		return refused() >= 20
	})
	w.buy("alpha", request("runner", ""))
}

// Redis gone or hanging: what needs the user does not bid, the rest does, and a
// metric tells. The bidder's and the audience's own tests hold the deadline: a
// whole App on a busy machine says little of it.
func TestAudienceGone(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	w.item(o, 4*money.Unit, capped)
	w.item(o, 2*money.Unit, nil)
	isNeedy := func(s *sold) bool { return s != nil && s.Price == 4 }
	w.await("the line item that needs no user bids", func() bool {
		s, _ := w.ask("alpha", request("walker", `,"regs":{"coppa":1}`))
		return s != nil
	})
	w.await("the line item that needs the user bids", func() bool {
		s, _ := w.ask("alpha", request("walker", ""))
		return isNeedy(s)
	})

	for _, c := range []struct {
		name string
		away func() error
		back func() error
		tmax string
	}{
		{"hanging", w.redis.Freeze, w.redis.Thaw, `"tmax":300`},
		{"killed", func() error { w.redis.Kill(); return nil }, w.redis.Restart, `"tmax":1000`},
	} {
		before := w.metric("tangent_audience_reads_total") - w.metric("tangent_audience_reads_total", "result", "ok")
		if err := c.away(); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			// One bid may find the slice used up; the next tick fills it.
			w.await("a bid that needs no user while Redis is "+c.name, func() bool {
				s, _ := w.ask("alpha", strings.Replace(request("walker", ""), `"tmax":1000`, c.tmax, 1))
				if isNeedy(s) {
					t.Fatalf("Redis %s: a bid that needs the user", c.name)
				}
				return s != nil
			})
		}
		if n := w.metric("tangent_audience_reads_total") - w.metric("tangent_audience_reads_total", "result", "ok"); n-before < 5 {
			t.Errorf("Redis %s: %v reads were counted as failed, want 5", c.name, n-before)
		}
		if up := w.metric("tangent_audience_redis_up"); up != 0 {
			t.Errorf("Redis %s: tangent_audience_redis_up is %v", c.name, up)
		}
		if status, body := w.get(w.app.AdminURL() + "/readyz"); status != 200 {
			t.Errorf("Redis %s: not ready, though what needs no user bids: %s", c.name, body)
		}
		if err := c.back(); err != nil {
			t.Fatal(err)
		}
		w.await("bids for users again after Redis was "+c.name, func() bool {
			s, _ := w.ask("alpha", request("walker", ""))
			return isNeedy(s)
		})
	}
}
