package audience

import "github.com/tangent-dsp/tangent/audience/tcf"

// purposesOf returns the purposes of the IAB's frameworks that a use needs, all
// of them. docs/privacy.md says why.
func purposesOf(u Use) tcf.Purposes {
	switch u {
	case SelectAds:
		return tcf.Of(tcf.StoreAndAccess, tcf.CreateAdsProfile, tcf.PersonalisedAds)
	case BuildProfile:
		return tcf.Of(tcf.StoreAndAccess, tcf.CreateAdsProfile)
	case CapFrequency:
		return tcf.Of(tcf.StoreAndAccess, tcf.BasicAds)
	case Measure:
		return tcf.Of(tcf.StoreAndAccess, tcf.MeasureAds)
	}
	return tcf.Of(tcf.BasicAds) // PreciseLocation, and the special feature
}

// askTCF takes from a what a European string does not open.
func (g *Gate) askTCF(a *Answer, text []byte) {
	s, err := tcf.Parse(text)
	switch {
	case err != nil:
		a.refuse(allUses, refusedTCFUnreadable)
		return
	case !s.ServiceSpecific:
		a.refuse(allUses, refusedTCFGlobal)
		return
	case !s.Discloses(g.vendor):
		a.refuse(allUses, refusedTCFUndisclosed)
		return
	}
	limits := s.Restricted(g.vendor)
	byConsent, byInterest := s.VendorConsents.Has(g.vendor), s.VendorInterests.Has(g.vendor)
	for u := range useCount {
		needs := purposesOf(u)
		consent, interest, none := g.bases(needs, &limits)
		switch {
		case none != 0:
			a.refuse(1<<u, refusedTCFRestricted)
		case consent&^s.Consents|interest&^s.Interests != 0:
			a.refuse(1<<u, refusedTCFPurpose)
		case consent != 0 && !byConsent, interest != 0 && !byInterest:
			a.refuse(1<<u, refusedTCFVendor)
		}
	}
	if !s.SpecialFeatures.Has(tcf.PreciseLocation) {
		a.refuse(1<<PreciseLocation, refusedTCFLocation)
	}
}

// bases says on which legal basis we may use each of some purposes: what our
// entry on the vendor list declares, unless the publisher restricts it. For
// those in none there is no basis left. A publisher can ask for the other
// basis only where our entry is flexible.
func (g *Gate) bases(needs tcf.Purposes, limits *tcf.Restrictions) (consent, interest, none tcf.Purposes) {
	consent, interest = needs&^g.interest, needs&g.interest

	none = needs & (limits.NotAllowed | limits.Undefined | limits.RequireConsent&limits.RequireInterest)
	none |= interest & limits.RequireConsent &^ g.flexible
	none |= consent & limits.RequireInterest &^ g.flexible

	toConsent := interest & limits.RequireConsent & g.flexible
	toInterest := consent & limits.RequireInterest & g.flexible
	consent = consent&^toInterest | toConsent
	interest = interest&^toConsent | toInterest
	return consent &^ none, interest &^ none, none
}

// askCanada takes from a what a Canadian string does not open. We ask for
// express consent throughout, whatever a vendor may declare as implied. Purpose
// 1 is not used in Canada.
func (g *Gate) askCanada(a *Answer, text []byte) {
	s, err := tcf.ParseCanada(text)
	switch {
	case err != nil:
		a.refuse(allUses, refusedGPPUnreadable)
		return
	case g.vendor == 0:
		a.refuse(allUses, refusedCanadaNoVendor)
		return
	case s.HasDisclosed && !s.Disclosed.Has(g.vendor):
		a.refuse(allUses, refusedCanadaUndisclosed)
		return
	case !s.VendorExpress.Has(g.vendor):
		a.refuse(allUses, refusedCanadaVendor)
		return
	}
	limits := s.Restricted(g.vendor)
	closed := limits.NotAllowed | limits.RequireInterest | limits.Undefined
	for u := range useCount {
		switch needs := purposesOf(u) &^ tcf.Of(tcf.StoreAndAccess); {
		case needs&closed != 0:
			a.refuse(1<<u, refusedCanadaRestricted)
		case needs&^s.Express != 0:
			a.refuse(1<<u, refusedCanadaPurpose)
		}
	}
	if !s.SpecialFeatures.Has(tcf.PreciseLocation) {
		a.refuse(1<<PreciseLocation, refusedCanadaLocation)
	}
}
