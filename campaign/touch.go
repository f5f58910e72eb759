package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// TouchKind is what a user did with an ad.
type TouchKind string

// What users do.
const (
	TouchImpression TouchKind = "impression"
	TouchClick      TouchKind = "click"
	TouchConversion TouchKind = "conversion"
)

// Exposure is one impression that a user saw, or a click or conversion that
// followed. The zero Kind is an impression. Advertiser is 0 where it was
// recorded by a version that did not note it: then it counts for no
// advertiser.
type Exposure struct {
	At         time.Time
	LineItem   event.LineItemID
	Campaign   event.CampaignID
	Advertiser event.AdvertiserID
	Kind       TouchKind
}

// Is says whether the exposure is of a kind.
func (e *Exposure) Is(k TouchKind) bool {
	return e.Kind == k || e.Kind == "" && k == TouchImpression
}

// Owners are the ids that levels count by.
type Owners struct {
	LineItem   event.LineItemID
	Campaign   event.CampaignID
	Advertiser event.AdvertiserID
}

// of says whether an exposure is of the owner at a level.
func (o Owners) of(e *Exposure, level CapLevel) bool {
	switch level {
	case CapAdvertiser:
		return e.Advertiser == o.Advertiser
	case CapCampaign:
		return e.Campaign == o.Campaign
	}
	return e.LineItem == o.LineItem
}

// Count says how many of the exposures of a kind, at a level, are younger
// than a window, and stops at most. Those that a clock ahead of ours stamped
// in the future count. It does not allocate.
func (o Owners) Count(seen []Exposure, k TouchKind, level CapLevel, now time.Time, window time.Duration, most int) (n int) {
	since := now.Add(-window)
	for i := range seen {
		if e := &seen[i]; e.Is(k) && o.of(e, level) && e.At.After(since) {
			if n++; n >= most {
				break
			}
		}
	}
	return n
}

// Holds says whether the user did it lately.
func (r Recency) Holds(seen []Exposure, now time.Time, o Owners) bool {
	return o.Count(seen, r.Did, r.Level, now, time.Duration(r.WithinSeconds)*time.Second, 1) > 0
}

// Factor returns what an impression is worth to a user who saw these, as a
// share of its value; 1 without a curve.
func (c FrequencyCurve) Factor(seen []Exposure, now time.Time, o Owners) float64 {
	last := len(c.Factors) - 1
	if last < 0 {
		return 1
	}
	return c.Factors[o.Count(seen, TouchImpression, c.Level, now, time.Duration(c.WindowSeconds)*time.Second, last)]
}
