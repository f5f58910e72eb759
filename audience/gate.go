package audience

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Permit is the leave to know one user. Only a [Gate], or [AssertConsent] for
// imported data, makes one that permits anything; the zero Permit permits
// nothing. It belongs to the request that it was asked for and must not
// outlive it.
type Permit struct{ basis basis }

// basis says on what ground a Permit stands. Zero is no ground.
type basis uint8

const (
	basisSignals  basis = iota + 1 // a request's signals allow it
	basisAsserted                  // whoever supplied the data vouches for it
)

// AssertConsent returns the Permit for data that an operator imports. Calling
// it asserts, in the name of whoever supplied the data, that every user in it
// may be known to this DSP. A request's own signals still decide whether the
// imported data is ever looked up.
func AssertConsent() Permit { return Permit{basis: basisAsserted} }

// Granted says whether the Permit permits anything.
func (p Permit) Granted() bool { return p.basis != 0 }

// GateConfig configures a [Gate].
type GateConfig struct {
	// VendorID is our id on the IAB's Global Vendor List. 0 means that we are
	// not registered: then nobody can have consented to us, and every request
	// to which the GDPR applies is refused.
	VendorID int

	// AssumeNoGDPR decides when neither regs.gdpr, nor a TCF string, nor the
	// user's country says whether the GDPR applies. False, the default, takes
	// it that it does.
	AssumeNoGDPR bool

	Registerer prometheus.Registerer // where the counters go; nil: nowhere
}

// Gate decides from a request's privacy signals whether its user may be
// known. It is immutable and safe for concurrent use.
type Gate struct {
	vendor       int
	assumeNoGDPR bool
	asked        gateMetrics
}

// NewGate returns a gate.
func NewGate(cfg GateConfig) (*Gate, error) {
	if cfg.VendorID < 0 || cfg.VendorID > maxVendorID {
		return nil, fmt.Errorf("cannot make the consent gate: vendor id %d: allowed is 0 to %d", cfg.VendorID, maxVendorID)
	}
	m, err := newGateMetrics(cfg.Registerer)
	if err != nil {
		return nil, fmt.Errorf("cannot make the consent gate: %w", err)
	}
	return &Gate{vendor: cfg.VendorID, assumeNoGDPR: cfg.AssumeNoGDPR, asked: m}, nil
}

// Ask gives the Permit for a request with these signals from this country
// (ISO 3166-1 alpha-3, zero when unknown: [openrtb.Device.Country]), or says
// with false and one of [Refusals] why there is none.
//
// Every signal can only refuse; none can outweigh another. Whether the GDPR
// applies is told by the first of these that says: regs.gdpr; the presence of
// a TCF string (it applies); the country (the EEA, the United Kingdom and the
// territories where their law holds); [GateConfig.AssumeNoGDPR].
func (g *Gate) Ask(c *openrtb.Consent, country [3]byte) (p Permit, ok bool, why string) {
	r := g.decide(c, country)
	g.asked[r].Inc()
	if r != permitted {
		return Permit{}, false, r.String()
	}
	return Permit{basis: basisSignals}, true, ""
}

func (g *Gate) decide(c *openrtb.Consent, country [3]byte) refusal {
	switch {
	case c.Unreadable:
		return refusedUnreadable
	case c.COPPA:
		return refusedCOPPA
	case c.LMT:
		return refusedLMT
	case c.DNT:
		return refusedDNT
	case c.GPC:
		return refusedGPC
	}
	if r := checkUSPrivacy(c.USPrivacy); r != permitted {
		return r
	}
	if !gppSilent(c) {
		return refusedGPP
	}
	if !g.gdprApplies(c, country) {
		return permitted
	}
	if g.vendor == 0 {
		return refusedNoVendor
	}
	return checkTCF(c.TCF, g.vendor)
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
	if s[2] == 'Y' || s[2] == 'y' {
		return refusedUSOptOut
	}
	return permitted
}

// gppSilent says whether the Global Privacy Platform's signals put nothing in
// our way: none were sent, or they say that no section applies (-1). No
// section is read yet, so any that applies might refuse, and so does a string
// that does not say which of its sections apply.
func gppSilent(c *openrtb.Consent) bool {
	if len(c.GPPSections) == 0 {
		return len(c.GPP) == 0
	}
	for _, s := range c.GPPSections {
		if s != -1 {
			return false
		}
	}
	return true
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
