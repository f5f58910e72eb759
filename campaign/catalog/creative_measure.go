package catalog

import (
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

// measured gives an ad what others measure it by: as much of it as its version
// of VAST has.
func measured(a *vast.Ad, m *campaign.Media) {
	if urls := m.Trackers[campaign.ErrorEvent]; len(urls) > 0 {
		a.Error = urls[0]
	}
	for _, event := range a.Version.Events() {
		for _, u := range m.Trackers[event] {
			a.Tracking = append(a.Tracking, vast.Tracking{Event: event, URL: u})
		}
	}
	if u := m.UniversalAdID; u != nil && a.Version >= vast.V40 {
		a.UniversalID = vast.UniversalID{Registry: u.Registry, Value: u.Value}
	}
	if a.Version < vast.V41 {
		return
	}
	for _, v := range m.Verifications {
		a.Verifications = append(a.Verifications, vast.Verification{Vendor: v.Vendor, ScriptURL: v.ScriptURL, Parameters: v.Parameters, NotExecuted: v.NotExecuted})
	}
}
