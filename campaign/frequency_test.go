package campaign

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
)

func TestFrequencyCapCountsItsLevelAndWindow(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	seen := []Exposure{
		{At: now.Add(-59 * time.Minute), LineItem: 1, Campaign: 10},
		{At: now.Add(-time.Hour), LineItem: 1, Campaign: 10}, // at the window's very edge: out
		{At: now.Add(-time.Minute), LineItem: 2, Campaign: 10},
		{At: now.Add(time.Second), LineItem: 3, Campaign: 11}, // a clock ahead of ours
	}
	for _, c := range []struct {
		name string
		cap  FrequencyCap
		li   event.LineItemID
		c    event.CampaignID
		want bool
	}{
		{"one of the line item", FrequencyCap{CapLineItem, 1, time.Hour}, 1, 10, true},
		{"not two of the line item", FrequencyCap{CapLineItem, 2, time.Hour}, 1, 10, false},
		{"two of the line item in a longer window", FrequencyCap{CapLineItem, 2, time.Hour + 1}, 1, 10, true},
		{"two of the campaign", FrequencyCap{CapCampaign, 2, time.Hour}, 1, 10, true},
		{"not three of the campaign", FrequencyCap{CapCampaign, 3, time.Hour}, 1, 10, false},
		{"another line item", FrequencyCap{CapLineItem, 1, time.Hour}, 9, 10, false},
		{"from the future", FrequencyCap{CapLineItem, 1, time.Hour}, 3, 11, true},
	} {
		if got := c.cap.Reached(seen, now, Owners{c.li, c.c, 1}); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
		if got := CapsReached([]FrequencyCap{{CapLineItem, 99, time.Hour}, c.cap}, seen, now, Owners{c.li, c.c, 1}); got != c.want {
			t.Errorf("%s, with a second cap: %v", c.name, got)
		}
	}
}

func TestFrequencyCapLaws(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		var seen []Exposure
		for range rapid.IntRange(0, 20).Draw(t, "n") {
			age := time.Duration(rapid.Int64Range(0, int64(3*time.Hour)).Draw(t, "age"))
			seen = append(seen, Exposure{At: now.Add(-age), LineItem: event.LineItemID(rapid.IntRange(1, 3).Draw(t, "li")), Campaign: event.CampaignID(rapid.IntRange(1, 2).Draw(t, "c"))})
		}
		cap := FrequencyCap{rapid.SampledFrom([]CapLevel{CapLineItem, CapCampaign}).Draw(t, "level"),
			rapid.IntRange(1, 5).Draw(t, "impressions"), time.Duration(rapid.Int64Range(1, int64(2*time.Hour)).Draw(t, "window"))}
		reached := cap.Reached(seen, now, Owners{1, 1, 1})

		// It is reached when the Impressions-th youngest is in the window.
		n := 0
		for _, e := range seen {
			if counts := cap.Level == CapLineItem && e.LineItem == 1 || cap.Level == CapCampaign && e.Campaign == 1; counts && now.Sub(e.At) < cap.Window {
				n++
			}
		}
		if reached != (n >= cap.Impressions) {
			t.Fatalf("%d of %d seen, reached %v", n, cap.Impressions, reached)
		}
		// Order does not matter.
		if got := cap.Reached(rapid.Permutation(seen).Draw(t, "order"), now, Owners{1, 1, 1}); got != reached {
			t.Fatal("another order, another answer")
		}
		// Seeing more never opens it, and time does.
		if reached && !cap.Reached(append(seen, Exposure{At: now, LineItem: 2, Campaign: 2}), now, Owners{1, 1, 1}) {
			t.Fatal("one more exposure opened it")
		}
		if cap.Reached(seen, now.Add(cap.Window), Owners{1, 1, 1}) {
			t.Fatal("it is still reached a window later")
		}
	})
}

func TestFrequencyCapDoesNotAllocate(t *testing.T) {
	now := time.Now()
	seen := []Exposure{{At: now, LineItem: 1, Campaign: 1}, {At: now, LineItem: 2, Campaign: 1}}
	caps := []FrequencyCap{{CapLineItem, 2, time.Hour}, {CapCampaign, 3, time.Hour}}
	if n := testing.AllocsPerRun(100, func() { _ = CapsReached(caps, seen, now, Owners{1, 1, 1}) }); n != 0 {
		t.Errorf("CapsReached allocates %v times", n)
	}
}
