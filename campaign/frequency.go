package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// Reached says whether a user who saw these may not see the line item now:
// at least Impressions exposures that the cap counts are younger than its
// window. Exposures may come in any order; those that a clock ahead of ours
// stamped in the future count. It does not allocate.
func (f FrequencyCap) Reached(seen []Exposure, now time.Time, lineItem event.LineItemID, campaign event.CampaignID) bool {
	if len(seen) < f.Impressions {
		return false
	}
	since := now.Add(-f.Window)
	n := 0
	for i := range seen {
		e := &seen[i]
		if f.Level == CapCampaign && e.Campaign != campaign || f.Level != CapCampaign && e.LineItem != lineItem {
			continue
		}
		if e.At.After(since) {
			if n++; n >= f.Impressions {
				return true
			}
		}
	}
	return f.Impressions <= 0
}

// CapsReached says whether any of the caps is reached.
func CapsReached(caps []FrequencyCap, seen []Exposure, now time.Time, lineItem event.LineItemID, campaign event.CampaignID) bool {
	for i := range caps {
		if caps[i].Reached(seen, now, lineItem, campaign) {
			return true
		}
	}
	return false
}
