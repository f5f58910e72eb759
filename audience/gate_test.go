package audience

import (
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/openrtb"
)

const ourVendor = 42

func TestGateAsks(t *testing.T) {
	var (
		germany = [3]byte{'D', 'E', 'U'}
		states  = [3]byte{'U', 'S', 'A'}
		nowhere = [3]byte{}
		good    = tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}}.bytes()
	)
	tests := []struct {
		name    string
		consent openrtb.Consent
		country [3]byte
		assume  bool
		want    string // empty: permitted
	}{
		{name: "no signal, outside", consent: openrtb.Consent{GDPR: -1}, country: states},
		{name: "no signal, inside", consent: openrtb.Consent{GDPR: -1}, country: germany, want: "gdpr_no_string"},
		{name: "no signal, nobody knows where", consent: openrtb.Consent{GDPR: -1}, country: nowhere, want: "gdpr_no_string"},
		{name: "no signal, nobody knows where, assumed outside", consent: openrtb.Consent{GDPR: -1}, assume: true},
		{name: "no signal, inside, whatever is assumed", consent: openrtb.Consent{GDPR: -1}, country: germany, assume: true, want: "gdpr_no_string"},
		{name: "the exchange says no, inside", consent: openrtb.Consent{GDPR: 0}, country: germany},
		{name: "the exchange says yes, outside", consent: openrtb.Consent{GDPR: 1}, country: states, want: "gdpr_no_string"},
		{name: "a number that is neither", consent: openrtb.Consent{GDPR: 7}, country: states, want: "gdpr_no_string"},
		{name: "a string says that it applies", consent: openrtb.Consent{GDPR: -1, TCF: []byte("x")}, country: states, want: "gdpr_string_unreadable"},
		{name: "consent", consent: openrtb.Consent{GDPR: 1, TCF: good}, country: germany},
		{name: "consent, not said that it applies", consent: openrtb.Consent{GDPR: -1, TCF: good}, country: germany},

		{name: "coppa", consent: openrtb.Consent{COPPA: true}, want: "coppa"},
		{name: "coppa beats consent", consent: openrtb.Consent{COPPA: true, GDPR: 1, TCF: good}, want: "coppa"},
		{name: "lmt", consent: openrtb.Consent{LMT: true}, want: "lmt"},
		{name: "dnt", consent: openrtb.Consent{DNT: true}, want: "dnt"},
		{name: "gpc", consent: openrtb.Consent{GPC: true}, want: "gpc"},
		{name: "unreadable", consent: openrtb.Consent{Unreadable: true}, want: "signal_unreadable"},

		{name: "us: not opted out", consent: openrtb.Consent{USPrivacy: []byte("1YNN")}},
		{name: "us: does not apply", consent: openrtb.Consent{USPrivacy: []byte("1---")}},
		{name: "us: opted out", consent: openrtb.Consent{USPrivacy: []byte("1YYN")}, want: "us_opt_out"},
		{name: "us: opted out, small", consent: openrtb.Consent{USPrivacy: []byte("1-y-")}, want: "us_opt_out"},
		{name: "us: another version", consent: openrtb.Consent{USPrivacy: []byte("2YNN")}, want: "us_privacy_unreadable"},
		{name: "us: short", consent: openrtb.Consent{USPrivacy: []byte("1YN")}, want: "us_privacy_unreadable"},
		{name: "us: another letter", consent: openrtb.Consent{USPrivacy: []byte("1YXN")}, want: "us_privacy_unreadable"},

		{name: "gpp: no section applies", consent: openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{-1}}},
		{name: "gpp: a section applies", consent: openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{7}}, want: "gpp_unread"},
		{name: "gpp: a section applies, no string", consent: openrtb.Consent{GPPSections: []int{2}}, want: "gpp_unread"},
		{name: "gpp: nobody says which", consent: openrtb.Consent{GPP: []byte("DBAA")}, want: "gpp_unread"},
		{name: "gpp: none and one", consent: openrtb.Consent{GPPSections: []int{-1, 8}}, want: "gpp_unread"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reg := prometheus.NewRegistry()
			g, err := NewGate(GateConfig{VendorID: ourVendor, AssumeNoGDPR: tt.assume, Registerer: reg})
			if err != nil {
				t.Fatal(err)
			}
			p, ok, why := g.Ask(&tt.consent, tt.country)
			if why != tt.want || ok != (tt.want == "") || p.Granted() != ok {
				t.Fatalf("asked: granted %v, ok %v, why %q; want %q", p.Granted(), ok, why, tt.want)
			}
			if ok {
				if metricOf(t, reg, "tangent_consent_permitted_total", "") != 1 {
					t.Error("the permit was not counted")
				}
				return
			}
			if !slices.Contains(Refusals(), why) {
				t.Errorf("%q is not in Refusals", why)
			}
			if metricOf(t, reg, "tangent_consent_refused_total", why) != 1 {
				t.Error("the refusal was not counted")
			}
		})
	}
}

// Given no vendor id, when the GDPR applies, then not even a string that
// consents to everybody makes a Permit.
func TestGateWithoutVendorID(t *testing.T) {
	g, err := NewGate(GateConfig{})
	if err != nil {
		t.Fatal(err)
	}
	c := openrtb.Consent{GDPR: 1, TCF: tcfString{purposes: []int{1, 3, 4}, vendors: []int{1, 2, 3}}.bytes()}
	if _, ok, why := g.Ask(&c, [3]byte{}); ok || why != "gdpr_vendor_not_registered" {
		t.Errorf("asked: ok %v, why %q", ok, why)
	}
	if _, err := NewGate(GateConfig{VendorID: 65536}); err == nil {
		t.Error("took a vendor id that no string can hold")
	}
}

func TestRefusalNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, name := range Refusals() {
		if name == "" || seen[name] {
			t.Errorf("refusal name %q is empty or used twice", name)
		}
		seen[name] = true
	}
}

func TestGateAllocatesNothing(t *testing.T) {
	g, _ := NewGate(GateConfig{VendorID: ourVendor})
	c := openrtb.Consent{GDPR: 1, USPrivacy: []byte("1YNN"), TCF: tcfString{purposes: []int{1, 3, 4}, vendors: []int{7, ourVendor}, ranges: true}.bytes()}
	if n := testing.AllocsPerRun(100, func() { g.Ask(&c, [3]byte{'D', 'E', 'U'}) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
