package audience

import "github.com/tangent-dsp/tangent/audience/gpp"

// byProfile are the uses that advertise by who the user is, which is what the
// laws of the United States let the user opt out of.
const byProfile uses = 1<<SelectAds | 1<<BuildProfile

// askUS takes from a what a section of the United States does not open.
func (g *Gate) askUS(a *Answer, id int, text []byte) {
	s, err := gpp.ParseUS(id, text)
	switch {
	case err != nil:
		a.refuse(allUses, refusedGPPUnreadable)
		return
	case s.GPC:
		a.refuse(allUses, refusedGPC)
		return
	case s.Child != [len(s.Child)]uint8{}: // whatever was consented to
		a.refuse(allUses, refusedGPPChild)
		return
	case contradicts(&s):
		a.refuse(allUses, refusedGPPContradicts)
		return
	case s.Notice == gpp.No || s.SaleNotice == gpp.No || s.SharingNotice == gpp.No || s.TargetedNotice == gpp.No:
		a.refuse(allUses, refusedGPPNoNotice)
		return
	}

	// Opted out, nothing to opt out of, or a service provider: we are no
	// business of our own with the user's data then. What a service provider
	// may do takes the agreement between us and the publisher.
	out := allUses
	if g.mspa && s.Covered == gpp.Yes {
		out &^= 1<<CapFrequency | 1<<Measure
	}
	switch {
	case s.SaleOptOut == gpp.Yes || s.SharingOptOut == gpp.Yes || s.TargetedOptOut == gpp.Yes:
		a.refuse(out, refusedGPPOptOut)
	case s.ServiceProvider == gpp.Yes:
		a.refuse(out, refusedGPPServiceProvider)
	case s.SaleOptOut != gpp.No && s.SharingOptOut != gpp.No && s.TargetedOptOut != gpp.No:
		a.refuse(out, refusedGPPNotOffered)
	}

	if s.OtherPurposes != gpp.NotApplicable {
		a.refuse(byProfile, refusedGPPOtherPurposes)
	}
	for i, category := range s.Sensitive {
		if category == gpp.Yes && !(s.HasLocation && i == s.LocationIndex) {
			a.refuse(byProfile, refusedGPPSensitive)
		}
	}
	if !s.HasLocation || s.Location != gpp.No || s.SensitiveNotice == gpp.No || s.LimitUseNotice == gpp.No {
		a.refuse(1<<PreciseLocation, refusedGPPLocation)
	}
}

// contradicts says whether there is an answer to a question that was not
// asked. Who wrote such a section did not mean what it says.
func contradicts(s *gpp.US) bool {
	return s.SaleNotice == gpp.NotApplicable && s.SaleOptOut != gpp.NotApplicable ||
		s.HasSharing && s.SharingNotice == gpp.NotApplicable && s.SharingOptOut != gpp.NotApplicable ||
		s.HasTarget && s.TargetedNotice == gpp.NotApplicable && s.TargetedOptOut != gpp.NotApplicable
}
