package audience

import (
	"github.com/tangent-dsp/tangent/audience/gpp"
	"github.com/tangent-dsp/tangent/openrtb"
)

// askGPP takes from a what the Global Privacy Platform's sections that apply do
// not open. Of the European section it returns the string, for the GDPR's
// turn, and whether it applies.
func (g *Gate) askGPP(a *Answer, c *openrtb.Consent) (europe []byte, applies bool) {
	if len(c.GPPSections) == 0 {
		if len(c.GPP) > 0 {
			a.refuse(allUses, refusedGPPUnsaid)
		}
		return nil, false
	}
	var s gpp.String
	var err error
	read := false
	for _, id := range c.GPPSections {
		if id == -1 { // no section applies
			continue
		}
		if !read {
			if s, err = gpp.Parse(c.GPP); err != nil {
				a.refuse(allUses, refusedGPPUnreadable)
				return nil, false
			}
			read = true
		}
		if !gpp.IsUS(id) && id != gpp.TCFEurope && id != gpp.TCFCanada && id != gpp.USPrivacy {
			a.refuse(allUses, refusedGPPUnknown)
			return nil, false
		}
		text, ok := s.Section(id)
		if !ok || len(text) == 0 {
			a.refuse(allUses, refusedGPPMissing)
			return nil, false
		}
		switch id {
		case gpp.TCFEurope:
			europe, applies = text, true
		case gpp.TCFCanada:
			g.askCanada(a, text)
		case gpp.USPrivacy:
			if why := checkUSPrivacy(text); why != permitted {
				a.refuse(allUses, why)
			}
		default:
			g.askUS(a, id, text)
		}
		if a.refused() {
			break
		}
	}
	return europe, applies
}

// checkUSPrivacy reads the IAB's US Privacy string, version 1: the version,
// then whether notice was given, whether the user opted out of sale, and
// whether the limited service agreement covers it, each Y, N or - for does not
// apply. Absent is no objection.
func checkUSPrivacy(s []byte) refusal {
	if len(s) == 0 {
		return permitted
	}
	if len(s) != 4 || s[0] != '1' {
		return refusedUSPrivacyUnreadable
	}
	for _, b := range s[1:] {
		switch b {
		case 'Y', 'N', 'y', 'n', '-':
		default:
			return refusedUSPrivacyUnreadable
		}
	}
	switch {
	case s[2] == 'Y' || s[2] == 'y':
		return refusedUSOptOut
	case s[1] == 'N' || s[1] == 'n': // who was not told could not opt out
		return refusedUSNoNotice
	}
	return permitted
}
