package campaign

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Verification is a measurement vendor's script (Open Measurement).
type Verification struct {
	Vendor      string `json:"vendor" doc:"Who measures, as the vendor names itself." example:"company.example-omid"`
	ScriptURL   string `json:"script_url" doc:"Its script, by https." example:"https://verify.example.net/omid.js"`
	Parameters  string `json:"parameters,omitempty" doc:"What the script is given. Macros may be in it, but ${CLICK_URL}, ${PIXEL_URL} and ${CACHEBUSTER} may not."`
	NotExecuted string `json:"not_executed_url,omitempty" doc:"Called, by https, when the script was not run. [REASON] is the player's to fill in." example:"https://verify.example.net/failed?r=[REASON]"`
}

// UniversalAdID identifies a creative everywhere.
type UniversalAdID struct {
	Registry string `json:"registry" doc:"Who gave the id." example:"ad-id.org"`
	Value    string `json:"value" doc:"The id." example:"CNPA0484000H"`
}

// ErrorEvent is the event of [Media] trackers that tells of ads which could
// not be played.
const ErrorEvent = "error"

// isMediaEvent says whether a player tells of an event, in every version of
// VAST but 2.0, which has no skip.
func isMediaEvent(event string) bool {
	switch event {
	case "creativeView", "start", "firstQuartile", "midpoint", "thirdQuartile", "complete",
		"mute", "unmute", "pause", "resume", "rewind", "skip", ErrorEvent:
		return true
	}
	return false
}

func (c check) measurement(m *Media) {
	c.mediaTrackers(m.Trackers)
	if c.count("verifications", len(m.Verifications), 0, MaxVerifications) {
		for i := range m.Verifications {
			c.in("verifications").at(i).verification(&m.Verifications[i])
		}
	}
	if u := m.UniversalAdID; u != nil && c.want(m.TagURL == "", "universal_ad_id", "must be left out with tag_url") {
		c := c.in("universal_ad_id")
		c.label("registry", u.Registry)
		c.label("value", u.Value)
	}
}

func (c check) mediaTrackers(all map[string][]string) {
	events, urls := make([]string, 0, len(all)), 0
	for event, list := range all {
		events, urls = append(events, event), urls+len(list)
	}
	slices.Sort(events) // for problems in one order
	if !c.want(urls <= MaxMediaTrackers, "trackers", "must have at most %d URLs", MaxMediaTrackers) {
		return
	}
	c = c.in("trackers")
	for _, event := range events {
		if !isMediaEvent(event) {
			c.want(false, "", "must be of creativeView, start, firstQuartile, midpoint, thirdQuartile, complete, mute, unmute, pause, resume, rewind, skip and error")
			continue
		}
		most := MaxMediaTrackers
		if event == ErrorEvent { // VAST before 4.0 has one
			most = 1
		}
		if c.count(event, len(all[event]), 1, most) {
			each(c.in(event), all[event], isSecureResource, wantSecureURL)
		}
	}
}

func (c check) verification(v *Verification) {
	c.label("vendor", v.Vendor)
	c.want(isSecureResource(v.ScriptURL), "script_url", wantSecureURL)
	c.want(v.NotExecuted == "" || isSecureResource(v.NotExecuted), "not_executed_url", wantSecureURL)
	p := v.Parameters
	c.want(len(p) <= MaxParameters && utf8.ValidString(p) && strings.IndexFunc(p, isControl) < 0, "parameters", "must be UTF-8, at most %d bytes, without control characters", MaxParameters)
	// These stand for URLs, which would have to be escaped for XML.
	for _, macro := range []string{"${CLICK_URL}", "${PIXEL_URL}", "${CACHEBUSTER}"} {
		c.want(!strings.Contains(p, macro), "parameters", "must not hold %s", macro)
	}
}

// label checks a name that stands in VAST as it is.
func (c check) label(field, s string) {
	c.text(field, s, 1, MaxName)
	c.want(!strings.Contains(s, "${"), field, "must hold no macro")
}

const wantSecureURL = "must be an absolute https URL of at most 2048 ASCII characters"

func isSecureResource(s string) bool { return isResource(s) && strings.HasPrefix(s, "https://") }

// isControl also has the two characters that XML cannot hold though they are
// none.
func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff }
