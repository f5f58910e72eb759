package audience

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// refusal is why something is not permitted. The list is closed; the names are
// metric labels and do not change.
type refusal uint8

const (
	permitted refusal = iota
	refusedUnreadable
	refusedCOPPA
	refusedLMT
	refusedDNT
	refusedGPC
	refusedATT
	refusedUSOptOut
	refusedUSNoNotice
	refusedUSPrivacyUnreadable
	refusedGPPUnsaid
	refusedGPPUnreadable
	refusedGPPMissing
	refusedGPPUnknown
	refusedGPPContradicts
	refusedGPPChild
	refusedGPPNoNotice
	refusedGPPOptOut
	refusedGPPNotOffered
	refusedGPPServiceProvider
	refusedGPPSensitive
	refusedGPPOtherPurposes
	refusedGPPLocation
	refusedCanadaNoVendor
	refusedCanadaPurpose
	refusedCanadaVendor
	refusedCanadaRestricted
	refusedCanadaUndisclosed
	refusedCanadaLocation
	refusedNoVendor
	refusedTCFMissing
	refusedTCFUnreadable
	refusedTCFGlobal
	refusedTCFPurpose
	refusedTCFVendor
	refusedTCFRestricted
	refusedTCFUndisclosed
	refusedTCFLocation
	refusedPIPLUnsaid
	refusedPIPL
	refusalCount
)

// refusalTable returns the label of each refusal and what it means, by its
// value.
func refusalTable() [refusalCount]struct{ name, doc string } {
	return [...]struct{ name, doc string }{
		permitted:                  {"", ""},
		refusedUnreadable:          {"signal_unreadable", "a privacy signal is there and cannot be read"},
		refusedCOPPA:               {"coppa", "`regs.coppa` is 1: a child's"},
		refusedLMT:                 {"lmt", "`device.lmt` is 1: the device limits ad tracking"},
		refusedDNT:                 {"dnt", "`device.dnt` is 1: the browser asks not to track"},
		refusedGPC:                 {"gpc", "Global Privacy Control is set, in `regs.gpc` or in a GPP section"},
		refusedATT:                 {"att", "`device.ext.atts` is not 3: App Tracking Transparency has not authorised it"},
		refusedUSOptOut:            {"us_opt_out", "the US Privacy string says that the user opted out of sale"},
		refusedUSNoNotice:          {"us_no_notice", "the US Privacy string says that the user had no notice"},
		refusedUSPrivacyUnreadable: {"us_privacy_unreadable", "the US Privacy string cannot be read"},
		refusedGPPUnsaid:           {"gpp_sections_unsaid", "there is a GPP string, and `regs.gpp_sid` does not say which of its sections apply"},
		refusedGPPUnreadable:       {"gpp_unreadable", "the GPP string, or a section that applies, cannot be read"},
		refusedGPPMissing:          {"gpp_section_missing", "a GPP section applies and is not in the string"},
		refusedGPPUnknown:          {"gpp_section_unknown", "a GPP section applies that we do not know"},
		refusedGPPContradicts:      {"gpp_contradiction", "a GPP section has an answer to a question that it says was not asked"},
		refusedGPPChild:            {"gpp_child", "a GPP section says something of a known child"},
		refusedGPPNoNotice:         {"gpp_no_notice", "a GPP section says that a notice which is needed was not given"},
		refusedGPPOptOut:           {"gpp_opt_out", "a GPP section says that the user opted out of sale, sharing or targeted advertising"},
		refusedGPPNotOffered:       {"gpp_not_offered", "a GPP section says that the publisher neither sells nor shares nor targets"},
		refusedGPPServiceProvider:  {"gpp_service_provider", "a GPP section is in the service provider mode of the MSPA"},
		refusedGPPSensitive:        {"gpp_sensitive", "a GPP section refuses some category of sensitive data, of which a segment may be made"},
		refusedGPPOtherPurposes:    {"gpp_other_purposes", "a GPP section answers about purposes that were not disclosed; sections disagree on which answer is a no"},
		refusedGPPLocation:         {"gpp_location", "a GPP section does not say that precise geolocation may be used"},
		refusedCanadaNoVendor:      {"canada_vendor_not_registered", "Canada's TCF applies, and we have no vendor id"},
		refusedCanadaPurpose:       {"canada_purpose_refused", "no express consent to a purpose that is needed, in Canada's TCF"},
		refusedCanadaVendor:        {"canada_vendor_refused", "no express consent to us, in Canada's TCF"},
		refusedCanadaRestricted:    {"canada_publisher_restricts", "the publisher does not allow us a purpose that is needed, in Canada's TCF"},
		refusedCanadaUndisclosed:   {"canada_vendor_undisclosed", "we are not among the vendors that were shown, in Canada's TCF"},
		refusedCanadaLocation:      {"canada_location_refused", "no express consent to precise geolocation, in Canada's TCF"},
		refusedNoVendor:            {"gdpr_vendor_not_registered", "the GDPR applies, and we have no vendor id"},
		refusedTCFMissing:          {"gdpr_no_string", "the GDPR applies, and there is no TCF string"},
		refusedTCFUnreadable:       {"gdpr_string_unreadable", "the TCF string cannot be read"},
		refusedTCFGlobal:           {"gdpr_global_scope", "the TCF string has global scope, which has been invalid since 2021"},
		refusedTCFPurpose:          {"gdpr_purpose_refused", "no consent to a purpose that is needed, or an objection to it"},
		refusedTCFVendor:           {"gdpr_vendor_refused", "no consent to us, or an objection to us"},
		refusedTCFRestricted:       {"gdpr_publisher_restricts", "the publisher does not allow us a purpose that is needed, on our legal basis"},
		refusedTCFUndisclosed:      {"gdpr_vendor_undisclosed", "we are not among the vendors that were shown, or a string since TCF 2.3 does not say who was"},
		refusedTCFLocation:         {"gdpr_location_refused", "the user did not opt in to precise geolocation"},
		refusedPIPLUnsaid:          {"pipl_no_consent", "China's PIPL applies, and nobody says that the user consented"},
		refusedPIPL:                {"pipl_refused", "the user did not consent under China's PIPL"},
	}
}

// String returns the refusal's label, empty when permitted.
func (r refusal) String() string {
	table := refusalTable()
	return table[r].name
}

// Answer is what the signals of a request allow, use by use.
type Answer struct{ why [useCount]refusal }

// Permit returns the leave for what is allowed.
func (a *Answer) Permit() (p Permit) {
	for u, why := range a.why {
		if why == permitted {
			p.uses |= 1 << u
		}
	}
	return p
}

// Why returns the first reason found why a use is not allowed, a metric label,
// or nothing when it is.
func (a *Answer) Why(u Use) string { return a.why[u].String() }

// refuse takes uses away. The first reason stands.
func (a *Answer) refuse(which uses, why refusal) {
	for u := range useCount {
		if which.has(u) && a.why[u] == permitted {
			a.why[u] = why
		}
	}
}

// refused says whether nothing is left to be allowed.
func (a *Answer) refused() bool { return a.Permit() == Permit{} }

// gateMetrics counts answers.
type gateMetrics struct {
	permitted prometheus.Counter
	refused   [refusalCount]prometheus.Counter           // nothing of the user's permitted
	uses      [useCount][refusalCount]prometheus.Counter // by use, why not
}

func newGateMetrics(reg prometheus.Registerer) (m gateMetrics, err error) {
	refused := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tangent_consent_refused_total",
		Help: "Bid requests whose user may not be known for anything, by the signal that refused the selection of ads.",
	}, []string{"why"})
	uses := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tangent_consent_use_refused_total",
		Help: "Bid requests in which a use of the user's data is refused, by the first signal that refused it.",
	}, []string{"use", "why"})
	m.permitted = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "tangent_consent_permitted_total",
		Help: "Bid requests whose user may be known, for one use at least.",
	})
	if err := register(reg, refused, uses, m.permitted); err != nil {
		return m, err
	}
	for r := permitted + 1; r < refusalCount; r++ {
		m.refused[r] = refused.WithLabelValues(r.String())
		for _, u := range Uses() {
			m.uses[u][r] = uses.WithLabelValues(u.String(), r.String())
		}
	}
	return m, nil
}

func (m *gateMetrics) count(a *Answer, granted bool) {
	for u, why := range a.why {
		if why != permitted {
			m.uses[u][why].Inc()
		}
	}
	if granted {
		m.permitted.Inc()
	} else {
		m.refused[a.why[SelectAds]].Inc()
	}
}

// register registers all collectors on reg, or none when reg is nil.
func register(reg prometheus.Registerer, all ...prometheus.Collector) error {
	if reg == nil {
		return nil
	}
	for _, c := range all {
		if err := reg.Register(c); err != nil {
			return fmt.Errorf("cannot register metrics: %w", err)
		}
	}
	return nil
}
