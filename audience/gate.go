package audience

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/audience/tcf"
	"github.com/tangent-dsp/tangent/openrtb"
)

// GateConfig configures a [Gate].
type GateConfig struct {
	// VendorID is our id on the IAB's Global Vendor List. 0 means that we are
	// not registered: then nobody can have consented to us, and every request
	// to which the GDPR or Canada's framework applies is refused.
	VendorID int

	// LegitimateInterest and Flexible are the purposes that our entry on that
	// list declares under legitimate interest, and those for which a publisher
	// may change the basis: of 2 and 7, for the others that we use take consent
	// by TCF policy. Empty: consent for all, and no publisher may change it.
	LegitimateInterest, Flexible []int

	// MSPA says that we have signed the IAB's Multi-State Privacy Agreement.
	// Then, in a transaction that it covers, an opt-out still leaves us the uses
	// that a service provider has: to cap frequency and to measure.
	MSPA bool

	// AssumeNoGDPR decides when neither regs.gdpr, nor a TCF string, nor the
	// user's country says whether the GDPR applies. False, the default, takes
	// it that it does.
	AssumeNoGDPR bool

	Registerer prometheus.Registerer // where the counters go; nil: nowhere
}

// Gate decides from a request's privacy signals what its user's data may be
// used for. It is immutable and safe for concurrent use.
type Gate struct {
	vendor             int
	interest, flexible tcf.Purposes
	mspa               bool
	assumeNoGDPR       bool
	metrics            gateMetrics
}

// NewGate returns a gate.
func NewGate(cfg GateConfig) (*Gate, error) {
	if cfg.VendorID < 0 || cfg.VendorID > tcf.MaxVendor {
		return nil, fmt.Errorf("cannot make the consent gate: vendor id %d: allowed is 0 to %d", cfg.VendorID, tcf.MaxVendor)
	}
	for _, list := range [][]int{cfg.LegitimateInterest, cfg.Flexible} {
		for _, p := range list {
			if p != tcf.BasicAds && p != tcf.MeasureAds {
				return nil, fmt.Errorf("cannot make the consent gate: purpose %d: legitimate interest is open to purposes %d and %d", p, tcf.BasicAds, tcf.MeasureAds)
			}
		}
	}
	m, err := newGateMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("cannot make the consent gate: %w", err)
	}
	return &Gate{
		vendor: cfg.VendorID, interest: tcf.Of(cfg.LegitimateInterest...), flexible: tcf.Of(cfg.Flexible...),
		mspa: cfg.MSPA, assumeNoGDPR: cfg.AssumeNoGDPR, metrics: m,
	}, nil
}

// Ask gives the Permit for a request with these signals from this country
// (ISO 3166-1 alpha-3, zero when unknown: [openrtb.Device.Country]). It says
// with false and a metric label why the user may not be known for anything;
// such a Permit may still allow [PreciseLocation].
//
// Every signal can only refuse; none can outweigh another. Whether the GDPR
// applies is told by the first of these that says: regs.gdpr or regs.gpp_sid;
// the presence of a TCF string (it applies); the country (the EEA, the United
// Kingdom and the territories where their law holds); [GateConfig.AssumeNoGDPR].
func (g *Gate) Ask(c *openrtb.Consent, country [3]byte) (p Permit, ok bool, why string) {
	a := g.Explain(c, country)
	p = a.Permit()
	ok = p.Granted()
	g.metrics.count(&a, ok)
	if !ok {
		why = a.Why(SelectAds)
	}
	return p, ok, why
}

// Explain is Ask, use by use, and counts nothing.
func (g *Gate) Explain(c *openrtb.Consent, country [3]byte) (a Answer) {
	if why := flagged(c); why != permitted {
		a.refuse(allUses, why)
		return a
	}
	if why := checkUSPrivacy(c.USPrivacy); why != permitted {
		a.refuse(allUses, why)
		return a
	}
	if why := checkPIPL(c, country); why != permitted {
		a.refuse(allUses, why)
		return a
	}
	europe, applies := g.askGPP(&a, c)
	if a.refused() || !applies && !g.gdprApplies(c, country) {
		return a
	}
	switch {
	case g.vendor == 0:
		a.refuse(allUses, refusedNoVendor)
	case len(c.TCF) == 0 && len(europe) == 0:
		a.refuse(allUses, refusedTCFMissing)
	}
	if len(c.TCF) > 0 {
		g.askTCF(&a, c.TCF)
	}
	if len(europe) > 0 && !a.refused() {
		g.askTCF(&a, europe)
	}
	return a
}

// flagged reads the signals that refuse everything when they are set.
func flagged(c *openrtb.Consent) refusal {
	switch {
	case c.COPPA:
		return refusedCOPPA
	case c.Unreadable:
		return refusedUnreadable
	case c.LMT:
		return refusedLMT
	case c.DNT:
		return refusedDNT
	case c.GPC:
		return refusedGPC
	case c.HasATT && c.ATT != openrtb.ATTAuthorized:
		return refusedATT
	}
	return permitted
}

func (g *Gate) gdprApplies(c *openrtb.Consent, country [3]byte) bool {
	switch {
	case c.GDPR == 0:
		return false
	case c.GDPR > 0: // values other than 0 and 1 are a doubt
		return true
	case len(c.TCF) > 0:
		return true
	case country != [3]byte{}:
		return underGDPR(country)
	}
	return !g.assumeNoGDPR
}

// checkPIPL reads what exchanges in China pass, by agreement, of consent under
// the Personal Information Protection Law. It applies where the exchange says
// so, and in mainland China; Hong Kong, Macau and Taiwan have laws of their
// own.
func checkPIPL(c *openrtb.Consent, country [3]byte) refusal {
	switch {
	case c.HasPIPLConsent && !c.PIPLConsent:
		return refusedPIPL
	case !c.HasPIPLConsent && (c.PIPL || country == [3]byte{'C', 'H', 'N'}):
		return refusedPIPLUnsaid
	}
	return permitted
}

// underGDPR says whether the GDPR, or the United Kingdom's, is the law in a
// country: the EEA, its outermost regions that have codes of their own, the
// United Kingdom and Gibraltar.
func underGDPR(country [3]byte) bool {
	switch string(country[:]) {
	case "AUT", "BEL", "BGR", "CYP", "CZE", "DEU", "DNK", "ESP", "EST",
		"FIN", "FRA", "GRC", "HRV", "HUN", "IRL", "ITA", "LTU", "LUX", "LVA",
		"MLT", "NLD", "POL", "PRT", "ROU", "SVK", "SVN", "SWE", // the EU
		"ISL", "LIE", "NOR", // the rest of the EEA
		"ALA", "GLP", "GUF", "MAF", "MTQ", "MYT", "REU", // Aland, the French regions
		"GBR", "GIB":
		return true
	}
	return false
}
