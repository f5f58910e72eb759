package audience

import (
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/openrtb"
)

const ourVendor = 42

func TestProtocol14GateAsks(t *testing.T) {
	var (
		germany = [3]byte{'D', 'E', 'U'}
		states  = [3]byte{'U', 'S', 'A'}
		china   = [3]byte{'C', 'H', 'N'}
		nowhere = [3]byte{}
		refuses = tcfString{purposes: []int{1, 3, 4}}.bytes()
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

		{name: "us: no notice", consent: openrtb.Consent{USPrivacy: []byte("1NNN")}, want: "us_no_notice"},

		{name: "gpp: no section applies", consent: openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{-1}}},
		{name: "gpp: nobody says which", consent: openrtb.Consent{GPP: []byte("DBAA")}, want: "gpp_sections_unsaid"},
		{name: "gpp: a section that is missing", consent: openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{7}}, want: "gpp_section_missing"},
		{name: "gpp: a section applies, no string", consent: openrtb.Consent{GPPSections: []int{2}}, want: "gpp_unreadable"},
		{name: "gpp: none and one", consent: openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{-1, 8}}, want: "gpp_section_missing"},
		{name: "gpp: undetermined", consent: openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{0}}, want: "gpp_section_unknown"},
		{name: "gpp: of the future", consent: openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{28}}, want: "gpp_section_unknown"},
		{name: "gpp: not a string", consent: openrtb.Consent{GPP: []byte("nonsense"), GPPSections: []int{7}}, want: "gpp_unreadable"},
		{name: "gpp: Europe", consent: openrtb.Consent{GPP: []byte("DBABMA~" + string(good)), GPPSections: []int{2}}, country: germany},
		{name: "gpp: Europe, outside", consent: openrtb.Consent{GPP: []byte("DBABMA~" + string(refuses)), GPPSections: []int{2}}, country: states, want: "gdpr_vendor_refused"},
		{name: "gpp: Europe, though gdpr says no", consent: openrtb.Consent{GDPR: 0, GPP: []byte("DBABMA~" + string(refuses)), GPPSections: []int{2}}, want: "gdpr_vendor_refused"},
		{name: "gpp: Europe refuses what the other place permits", consent: openrtb.Consent{GDPR: 1, TCF: good, GPP: []byte("DBABMA~" + string(refuses)), GPPSections: []int{2}}, want: "gdpr_vendor_refused"},
		{name: "gpp: the other place refuses what Europe permits", consent: openrtb.Consent{GDPR: 1, TCF: refuses, GPP: []byte("DBABMA~" + string(good)), GPPSections: []int{2}}, want: "gdpr_vendor_refused"},
		{name: "gpp: Europe in the string, not said to apply", consent: openrtb.Consent{GDPR: 1, GPP: []byte("DBABMA~" + string(good)), GPPSections: []int{-1}}, want: "gdpr_no_string"},
		{name: "gpp: Europe's section is empty, whatever the other place says", consent: openrtb.Consent{GDPR: 1, TCF: good, GPP: []byte("DBABMA~"), GPPSections: []int{2}}, want: "gpp_section_missing"},
		{name: "gpp: US Privacy is empty", consent: openrtb.Consent{GPP: []byte("DBABTA~"), GPPSections: []int{6}}, want: "gpp_section_missing"},
		{name: "gpp: US Privacy", consent: openrtb.Consent{GPP: []byte("DBABTA~1YNN"), GPPSections: []int{6}}},
		{name: "gpp: US Privacy, opted out", consent: openrtb.Consent{GPP: []byte("DBABTA~1YYN"), GPPSections: []int{6}}, want: "us_opt_out"},

		{name: "att: authorised", consent: openrtb.Consent{HasATT: true, ATT: 3}},
		{name: "att: denied", consent: openrtb.Consent{HasATT: true, ATT: 2}, want: "att"},
		{name: "att: not determined", consent: openrtb.Consent{HasATT: true}, want: "att"},

		{name: "china: nothing said", consent: openrtb.Consent{}, country: china, want: "pipl_no_consent"},
		{name: "china: consent", consent: openrtb.Consent{HasPIPLConsent: true, PIPLConsent: true}, country: china},
		{name: "china: refused", consent: openrtb.Consent{HasPIPLConsent: true}, country: china, want: "pipl_refused"},
		{name: "china: refused, elsewhere", consent: openrtb.Consent{HasPIPLConsent: true}, country: states, want: "pipl_refused"},
		{name: "china: said to apply", consent: openrtb.Consent{PIPL: true}, country: states, want: "pipl_no_consent"},
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
			if a := g.Explain(&tt.consent, tt.country); a.Permit() != p || a.Why(SelectAds) != why {
				t.Errorf("explained as %q", a.Why(SelectAds))
			}
			if ok {
				if metricOf(t, reg, "tangent_consent_permitted_total", "") != 1 {
					t.Error("the permit was not counted")
				}
				return
			}
			if metricOf(t, reg, "tangent_consent_refused_total", why) != 1 {
				t.Error("the refusal was not counted")
			}
		})
	}
}

// Where nothing is said, the country decides: the EEA, the territories that have
// codes of their own where its law holds, the United Kingdom and Gibraltar; and
// no others.
func TestWhereTheGDPRIsTheLaw(t *testing.T) {
	law := strings.Fields("AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK SVN SWE " + // the EU
		"ISL LIE NOR " + "ALA GLP GUF MAF MTQ MYT REU " + "GBR GIB")
	g, err := NewGate(GateConfig{VendorID: ourVendor, AssumeNoGDPR: true})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i := range 26 * 26 * 26 {
		country := [3]byte{byte('A' + i/676), byte('A' + i/26%26), byte('A' + i%26)}
		if string(country[:]) == "CHN" { // has a law of its own
			continue
		}
		want := ""
		if slices.Contains(law, string(country[:])) {
			want = "gdpr_no_string"
			n++
		}
		if _, _, why := g.Ask(&openrtb.Consent{GDPR: -1}, country); why != want {
			t.Errorf("%s: %q, want %q", country, why, want)
		}
	}
	if n != len(law) {
		t.Errorf("%d countries were asked of, want %d", n, len(law))
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
	for what, cfg := range map[string]GateConfig{
		"a vendor id that no string can hold": {VendorID: 65536},
		"legitimate interest in purpose 1":    {LegitimateInterest: []int{1}},
		"flexibility in purpose 4":            {Flexible: []int{2, 4}},
	} {
		if _, err := NewGate(cfg); err == nil {
			t.Error("took", what)
		}
	}
}

func TestRefusalNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for r, row := range refusalTable() {
		if refusal(r) != permitted && row.name == "" || row.doc == "" && row.name != "" || seen[row.name] {
			t.Errorf("refusal name %q is empty or used twice, or says nothing", row.name)
		}
		seen[row.name] = true
	}
}

func TestGateAllocatesNothing(t *testing.T) {
	g, _ := NewGate(GateConfig{VendorID: ourVendor})
	states := national{sensitive: map[int]uint64{location: 2}}.consent()
	all := tcfString{purposes: []int{1, 2, 3, 4, 7}, vendors: []int{7, ourVendor}, ranges: true, restrictions: []tcfRestriction{{2, 1, []int{1, 2, 9}}}}.bytes()
	for what, c := range map[string]openrtb.Consent{
		"tcf":     {GDPR: 1, USPrivacy: []byte("1YNN"), TCF: all},
		"in gpp":  {GDPR: 1, GPP: append([]byte("DBABMA~"), all...), GPPSections: []int{2}},
		"states":  states,
		"garbage": {GDPR: 1, TCF: []byte("garbage")},
	} {
		if n := testing.AllocsPerRun(100, func() { g.Ask(&c, [3]byte{'D', 'E', 'U'}) }); n != 0 {
			t.Errorf("%s: %v allocations, want none", what, n)
		}
	}
}
