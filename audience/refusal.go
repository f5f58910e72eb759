package audience

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// refusal is why there is no Permit. The list is closed; the names are metric
// labels and do not change.
type refusal uint8

const (
	permitted refusal = iota
	refusedUnreadable
	refusedCOPPA
	refusedLMT
	refusedDNT
	refusedGPC
	refusedUSOptOut
	refusedUSPrivacyUnreadable
	refusedGPP
	refusedNoVendor
	refusedTCFMissing
	refusedTCFUnreadable
	refusedTCFPurpose
	refusedTCFVendor
	refusedTCFRestricted
	refusedTCFUndisclosed
	refusalCount
)

// refusalNames returns the label of each refusal, by its value.
func refusalNames() [refusalCount]string {
	return [...]string{
		permitted:                  "",
		refusedUnreadable:          "signal_unreadable",
		refusedCOPPA:               "coppa",
		refusedLMT:                 "lmt",
		refusedDNT:                 "dnt",
		refusedGPC:                 "gpc",
		refusedUSOptOut:            "us_opt_out",
		refusedUSPrivacyUnreadable: "us_privacy_unreadable",
		refusedGPP:                 "gpp_unread",
		refusedNoVendor:            "gdpr_vendor_not_registered",
		refusedTCFMissing:          "gdpr_no_string",
		refusedTCFUnreadable:       "gdpr_string_unreadable",
		refusedTCFPurpose:          "gdpr_purpose_refused",
		refusedTCFVendor:           "gdpr_vendor_refused",
		refusedTCFRestricted:       "gdpr_publisher_restricts",
		refusedTCFUndisclosed:      "gdpr_vendor_undisclosed",
	}
}

// String returns the refusal's label, empty when permitted.
func (r refusal) String() string {
	names := refusalNames()
	return names[r]
}

// Refusals returns every reason that [Gate.Ask] can give, in a stable order.
func Refusals() []string {
	names := refusalNames()
	return names[1:]
}

// gateMetrics counts answers by refusal; its first entry counts permits.
type gateMetrics [refusalCount]prometheus.Counter

func newGateMetrics(reg prometheus.Registerer) (m gateMetrics, err error) {
	vec := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tangent_consent_refused_total",
		Help: "Bid requests whose user may not be known, by the signal that refused.",
	}, []string{"why"})
	ok := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "tangent_consent_permitted_total",
		Help: "Bid requests whose user may be known.",
	})
	if err := register(reg, vec, ok); err != nil {
		return m, err
	}
	m[permitted] = ok
	for r := permitted + 1; r < refusalCount; r++ {
		m[r] = vec.WithLabelValues(r.String())
	}
	return m, nil
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
