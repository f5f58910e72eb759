package campaign

import "time"

// Reached says whether a user who saw these may not see the line item now:
// at least Impressions exposures that the cap counts are younger than its
// window. Exposures may come in any order. It does not allocate.
func (f FrequencyCap) Reached(seen []Exposure, now time.Time, o Owners) bool {
	if len(seen) < f.Impressions {
		return false
	}
	return f.Impressions <= 0 || o.Count(seen, TouchImpression, f.Level, now, f.Window, f.Impressions) >= f.Impressions
}

// CapsReached says whether any of the caps is reached.
func CapsReached(caps []FrequencyCap, seen []Exposure, now time.Time, o Owners) bool {
	for i := range caps {
		if caps[i].Reached(seen, now, o) {
			return true
		}
	}
	return false
}
