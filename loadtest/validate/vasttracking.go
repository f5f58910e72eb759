package validate

import (
	"encoding/xml"
	"fmt"
	"slices"
)

// trackingSince is what a player tells of a linear ad by <Tracking>, by the
// first version that names it.
var trackingSince = map[string]string{
	"creativeView": "2.0", "start": "2.0", "firstQuartile": "2.0", "midpoint": "2.0", "thirdQuartile": "2.0", "complete": "2.0",
	"mute": "2.0", "unmute": "2.0", "pause": "2.0", "resume": "2.0", "rewind": "2.0", "fullscreen": "2.0", "expand": "2.0", "collapse": "2.0",
	"acceptInvitation": "2.0", "close": "2.0",
	"skip": "3.0", "progress": "3.0", "exitFullscreen": "3.0", "acceptInvitationLinear": "3.0", "closeLinear": "3.0",
	"timeSpentViewing": "4.0", "otherAdInteraction": "4.0", "playerExpand": "4.0", "playerCollapse": "4.0",
	"loaded": "4.1", "notUsed": "4.1", "interactiveStart": "4.1",
}

// checkElement judges elements that tell third parties of an ad, and those
// that name it to them. open is where it stands, the document first.
func (v *vastAd) checkElement(open []string, e xml.StartElement, version string) error {
	attr := func(name string) string {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	switch e.Name.Local {
	case "Tracking":
		event := attr("event")
		since, known := trackingSince[event]
		switch {
		case slices.Contains(open, "Verification"):
			known = event == "verificationNotExecuted"
		case slices.Contains(open, "Companion"):
			known = event == "creativeView"
		}
		if !known || version < since {
			return fmt.Errorf("event %q tracked in %v of VAST %s", event, open, version)
		}
	case "UniversalAdId":
		if version < "4.0" || open[len(open)-1] != "Creative" || attr("idRegistry") == "" {
			return fmt.Errorf("UniversalAdId of registry %q in %v of VAST %s", attr("idRegistry"), open, version)
		}
		v.universal++
	}
	return nil
}
