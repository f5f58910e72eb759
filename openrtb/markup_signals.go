package openrtb

import (
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/event"
)

// Signals is what markup may pass on of the request: third parties that are
// called with an ad have to know what the user consented to.
type Signals struct {
	Consent *Consent // nil for nothing
	Site    []byte   // domain
	App     []byte   // bundle
}

// Shown is what a bid shows, by our ids.
type Shown struct {
	Campaign event.CampaignID
	LineItem event.LineItemID
	Creative event.CreativeID
}

// consentMacro goes on with the id of the vendor that it is for, and }. The
// string is the same for all of them.
const consentMacro = "${GDPR_CONSENT_"

// find returns where a macro begins, and its length; -1 if it is nowhere.
func find(text, name string) (at, length int) {
	if name != consentMacro {
		return strings.Index(text, name), len(name)
	}
	for from := 0; ; {
		i := strings.Index(text[from:], name)
		if i < 0 {
			return -1, 0
		}
		at, from = from+i, from+i+len(name)
		end := from
		for end < len(text) && text[end] >= '0' && text[end] <= '9' {
			end++
		}
		if end > from && end < len(text) && text[end] == '}' {
			return at, end + 1 - at
		}
	}
}

// appendSignal appends what a macro for third parties stands for: what is not
// known is empty, as the IAB's macros are.
func (b *Bid) appendSignal(dst []byte, m macro) []byte {
	switch m {
	case macroCampaign:
		return strconv.AppendInt(dst, int64(b.Shown.Campaign), 10)
	case macroLineItem:
		return strconv.AppendInt(dst, int64(b.Shown.LineItem), 10)
	case macroCreative:
		return strconv.AppendInt(dst, int64(b.Shown.Creative), 10)
	}
	s := b.Signals
	if s == nil {
		return dst
	}
	switch m {
	case macroSite:
		return appendQueryEscaped(dst, s.Site)
	case macroApp:
		return appendQueryEscaped(dst, s.App)
	}
	c := s.Consent
	if c == nil {
		return dst
	}
	switch m {
	case macroGDPR:
		if c.GDPR == 0 || c.GDPR == 1 {
			dst = append(dst, '0'+byte(c.GDPR))
		}
	case macroGDPRConsent:
		dst = appendQueryEscaped(dst, c.TCF)
	case macroUSPrivacy:
		dst = appendQueryEscaped(dst, c.USPrivacy)
	case macroGPP:
		dst = appendQueryEscaped(dst, c.GPP)
	case macroGPPSections:
		for i, n := range c.GPPSections {
			if i > 0 {
				dst = append(dst, "%2C"...)
			}
			dst = strconv.AppendInt(dst, int64(n), 10)
		}
	}
	return dst
}
