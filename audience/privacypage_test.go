package audience

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience/gpp"
	"github.com/tangent-dsp/tangent/openrtb"
)

var update = flag.Bool("update", false, "write the tables of docs/privacy.md")

// What docs/privacy.md says in tables is what the code does.
func TestPrivacyPage(t *testing.T) {
	const file = "../docs/privacy.md"
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for name, rows := range map[string]string{"uses": usesTable(), "signals": signalsTable(t), "reasons": reasonsTable()} {
		open, end := "<!-- "+name+" -->\n", "<!-- /"+name+" -->"
		before, rest, ok := strings.Cut(page, open)
		table, after, ok2 := strings.Cut(rest, end)
		head := strings.SplitAfterN(table, "\n", 3)
		if !ok || !ok2 || len(head) < 3 {
			t.Fatalf("the page has no table of %s", name)
		}
		if head[2] != rows {
			t.Errorf("the table of %s differs from the code; want:\n%s", name, rows)
			page = before + open + head[0] + head[1] + rows + end + after
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func usesTable() string {
	what := map[Use]string{
		SelectAds: "read the user's segments, and what the request says of the person, to choose and price an ad", BuildProfile: "write segments from what the user does",
		CapFrequency: "keep and read which impressions the user saw", Measure: "tie a view, a click or a conversion to the user",
		PreciseLocation: "use coordinates finer than a city",
	}
	var b strings.Builder
	for _, u := range Uses() {
		var purposes []string
		for n := 1; n <= 24; n++ {
			if purposesOf(u).Has(n) {
				purposes = append(purposes, fmt.Sprint(n))
			}
		}
		if u == PreciseLocation {
			purposes = append(purposes, "and special feature 1")
		}
		fmt.Fprintf(&b, "| `%v` | %s | %s |\n", u, what[u], strings.ReplaceAll(strings.Join(purposes, ", "), ", and", " and"))
	}
	return b.String()
}

func reasonsTable() string {
	var b strings.Builder
	for _, r := range refusalTable() {
		if r.name != "" {
			fmt.Fprintf(&b, "| `%s` | %s |\n", r.name, r.doc)
		}
	}
	return b.String()
}

func signalsTable(t *testing.T) string {
	var (
		europe = [3]byte{'D', 'E', 'U'}
		states = [3]byte{'U', 'S', 'A'}
		china  = [3]byte{'C', 'H', 'N'}
		ours   = []int{ourVendor}
		gate   = GateConfig{VendorID: ourVendor}
		mspa   = GateConfig{VendorID: ourVendor, MSPA: true}
		byLI   = GateConfig{VendorID: ourVendor, LegitimateInterest: []int{2, 7}}
		eu     = func(s tcfString) openrtb.Consent { return openrtb.Consent{GDPR: 1, TCF: s.bytes()} }
		us     = func(n national) openrtb.Consent { c := n.consent(); c.GDPR = -1; return c }
		said   = func(c openrtb.Consent) openrtb.Consent { c.GDPR = -1; return c }
		here   = map[int]uint64{location: gpp.No}
	)
	var b strings.Builder
	for _, row := range []struct {
		what    string
		cfg     GateConfig
		c       openrtb.Consent
		country [3]byte
	}{
		{"none, from the United States", gate, said(openrtb.Consent{}), states},
		{"none, from Germany", gate, said(openrtb.Consent{}), europe},
		{"none, from nobody knows where", gate, said(openrtb.Consent{}), [3]byte{}},
		{"none, from mainland China", gate, said(openrtb.Consent{}), china},
		{"COPPA", gate, said(openrtb.Consent{COPPA: true}), states},
		{"LMT", gate, said(openrtb.Consent{LMT: true}), states},
		{"DNT", gate, said(openrtb.Consent{DNT: true}), states},
		{"GPC", gate, said(openrtb.Consent{GPC: true}), states},
		{"ATT denied", gate, said(openrtb.Consent{HasATT: true, ATT: 2}), states},
		{"ATT authorised", gate, said(openrtb.Consent{HasATT: true, ATT: openrtb.ATTAuthorized}), states},
		{"one that cannot be read", gate, said(openrtb.Consent{Unreadable: true}), states},
		{"US Privacy `1YNN`", gate, said(openrtb.Consent{USPrivacy: []byte("1YNN")}), states},
		{"US Privacy `1YYN`", gate, said(openrtb.Consent{USPrivacy: []byte("1YYN")}), states},
		{"GPP national: nothing opted out of", gate, us(national{sensitive: here}), states},
		{"GPP national: opted out of sale", gate, us(national{sensitive: here, optOuts: [3]uint64{gpp.Yes + 1}, covered: true}), states},
		{"the same, the MSPA signed and the transaction covered", mspa, us(national{sensitive: here, optOuts: [3]uint64{gpp.Yes + 1}, covered: true}), states},
		{"GPP national: health data refused", gate, us(national{sensitive: map[int]uint64{3: gpp.Yes, location: gpp.No}}), states},
		{"GPP national: location not said", gate, us(national{}), states},
		{"GPP national: a known child", gate, us(national{sensitive: here, child: gpp.No}), states},
		{"GPP: a section that we do not know", gate, said(openrtb.Consent{GPP: []byte("DBAA"), GPPSections: []int{28}}), states},
		{"GPP: nobody says which section applies", gate, said(openrtb.Consent{GPP: []byte("DBAA")}), states},
		{"TCF: consent to all purposes and to us, location opted in", gate, eu(tcfString{purposes: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, vendors: ours, location: true}), europe},
		{"TCF: consent to purposes 1, 3 and 4", gate, eu(tcfString{purposes: []int{1, 3, 4}, vendors: ours}), europe},
		{"TCF: consent to 1, legitimate interest in 2 and 7, which we claim", byLI, eu(tcfString{purposes: []int{1}, vendors: ours}), europe},
		{"TCF: consent to all purposes, not to us", gate, eu(tcfString{purposes: []int{1, 2, 3, 4, 7}, location: true}), europe},
		{"TCF: the publisher does not allow us purpose 3", gate, eu(tcfString{purposes: []int{1, 2, 3, 4, 7}, vendors: ours, location: true, restrictions: []tcfRestriction{{3, 0, ours}}}), europe},
		{"TCF: made in 2026-05, with nobody disclosed", gate, eu(tcfString{purposes: []int{1, 2, 3, 4, 7}, vendors: ours, made: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}), europe},
		{"TCF: full consent, and GPC", gate, func() openrtb.Consent {
			c := eu(tcfString{purposes: []int{1, 2, 3, 4, 7}, vendors: ours, location: true})
			c.GPC = true
			return c
		}(), europe},
		{"PIPL consent, from mainland China", gate, said(openrtb.Consent{HasPIPLConsent: true, PIPLConsent: true}), china},
		{"PIPL consent refused", gate, said(openrtb.Consent{HasPIPLConsent: true}), china},
	} {
		g, err := NewGate(row.cfg)
		if err != nil {
			t.Fatal(err)
		}
		a := g.Explain(&row.c, row.country)
		b.WriteString("| " + row.what)
		for _, u := range Uses() {
			if why := a.Why(u); why != "" {
				b.WriteString(" | `" + why + "`")
			} else {
				b.WriteString(" | yes")
			}
		}
		b.WriteString(" |\n")
	}
	return b.String()
}
