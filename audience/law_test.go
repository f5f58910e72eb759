package audience

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/openrtb"
)

// drawConsent draws the signals of a request, more often than not such that
// something is permitted.
func drawConsent(t *rapid.T) openrtb.Consent {
	rarely := func(what string) bool { return rapid.IntRange(0, 9).Draw(t, what) == 0 }
	c := openrtb.Consent{
		GDPR: rapid.IntRange(-1, 1).Draw(t, "gdpr"),
		LMT:  rarely("lmt"), DNT: rarely("dnt"), GPC: rarely("gpc"), Unreadable: rarely("unreadable"),
		USPrivacy: []byte(rapid.SampledFrom([]string{"", "", "1YNN", "1---", "1YYN", "1NNN", "junk"}).Draw(t, "us")),
		HasATT:    rapid.Bool().Draw(t, "has att"), ATT: rapid.SampledFrom([]int{3, 3, 3, 2, 1, 0}).Draw(t, "att"),
		PIPL:           rarely("pipl"),
		HasPIPLConsent: rapid.Bool().Draw(t, "has pipl"), PIPLConsent: !rarely("pipl refused"),
	}
	if rapid.Bool().Draw(t, "tcf") {
		c.TCF = drawTCF(t).bytes()
	}
	switch rapid.IntRange(0, 4).Draw(t, "gpp") {
	case 0:
		n := national{sensitive: map[int]uint64{location: 2}}.consent()
		c.GPP, c.GPPSections = n.GPP, n.GPPSections
	case 1:
		c.GPP, c.GPPSections = append([]byte("DBABMA~"), drawTCF(t).bytes()...), []int{2}
	case 2:
		c.GPPSections = []int{-1}
	}
	return c
}

func drawTCF(t *rapid.T) tcfString {
	s := tcfString{
		purposes: []int{1, 2, 3, 4, 7}, vendors: []int{7, ourVendor}, ranges: rapid.Bool().Draw(t, "ranges"),
		location: rapid.Bool().Draw(t, "location"), disclosed: []int{3, ourVendor},
	}
	if rapid.Bool().Draw(t, "restricted") {
		s.restrictions = []tcfRestriction{{rapid.IntRange(1, 7).Draw(t, "purpose"), rapid.IntRange(0, 3).Draw(t, "kind"), []int{ourVendor}}}
	}
	return s
}

func drawCountry(t *rapid.T) (c [3]byte) {
	copy(c[:], rapid.SampledFrom([]string{"\x00\x00\x00", "USA", "DEU", "CAN", "CHN", "BRA"}).Draw(t, "country"))
	return c
}

func drawGate(t *rapid.T) *Gate {
	g, err := NewGate(GateConfig{
		VendorID: ourVendor, MSPA: rapid.Bool().Draw(t, "mspa"), AssumeNoGDPR: rapid.Bool().Draw(t, "assume"),
		LegitimateInterest: rapid.SampledFrom([][]int{nil, {2}, {2, 7}}).Draw(t, "interest"),
		Flexible:           rapid.SampledFrom([][]int{nil, {7}, {2, 7}}).Draw(t, "flexible"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// addSignal adds one signal to a request that did not have it. A signal that
// the law asks for, such as a consent string under the GDPR, can only come in
// the place of another that is there.
func addSignal(t *rapid.T, c openrtb.Consent) openrtb.Consent {
	switch rapid.IntRange(0, 8).Draw(t, "signal") {
	case 0:
		c.LMT = true
	case 1:
		c.DNT = true
	case 2:
		c.GPC = true
	case 3:
		c.Unreadable = true
	case 4:
		c.COPPA = true
	case 5:
		if len(c.USPrivacy) == 0 {
			c.USPrivacy = rapid.SliceOfN(rapid.SampledFrom([]byte("1YN-")), 1, 5).Draw(t, "new us")
		}
	case 6:
		if !c.HasATT {
			c.HasATT, c.ATT = true, rapid.IntRange(0, 3).Draw(t, "new att")
		}
	case 7:
		c.PIPL = true
	case 8:
		if c.GPP == nil && len(c.GPPSections) == 0 {
			c.GPP = []byte("DBABLA~" + rapid.StringMatching("[A-Z]{1,12}").Draw(t, "new gpp"))
			c.GPPSections = rapid.SliceOfN(rapid.SampledFrom([]int{-1, 0, 5, 6, 7, 8, 25}), 0, 2).Draw(t, "new sid")
		}
	}
	return c
}

func TestAnotherSignalCanOnlyRefuse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, c, country := drawGate(t), drawConsent(t), drawCountry(t)
		more := addSignal(t, c)
		before, after := g.Explain(&c, country), g.Explain(&more, country)
		if wider := after.Permit().uses &^ before.Permit().uses; wider != 0 {
			t.Fatalf("%b more is permitted:\n%+v\n%+v", wider, c, more)
		}
	})
}

func TestAChildIsNeverKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, c := drawGate(t), drawConsent(t)
		c.COPPA = true
		if p, ok, why := g.Ask(&c, drawCountry(t)); ok || p != (Permit{}) || why != "coppa" {
			t.Fatalf("permitted %b, why %q", p.uses, why)
		}
	})
}

func TestWhatCannotBeReadNeverPermits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, c := drawGate(t), drawConsent(t)
		junk := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "junk")
		junk[0] = '!' // in no alphabet of any of them
		switch rapid.IntRange(0, 3).Draw(t, "where") {
		case 0:
			c.Unreadable = true
		case 1:
			c.USPrivacy = junk
		case 2:
			c.GDPR, c.TCF = 1, junk
		case 3:
			c.GPP, c.GPPSections = junk, []int{rapid.IntRange(2, 27).Draw(t, "sid")}
		}
		if p, _, _ := g.Ask(&c, drawCountry(t)); p != (Permit{}) {
			t.Fatalf("permitted %b: %+v", p.uses, c)
		}
	})
}

// Dropping any consent from a string never widens what it permits.
func TestLessConsentNeverWidens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGate(t)
		s := drawTCF(t)
		s.interests = []int{1, 2, 7}
		less := s
		without := func(list []int) []int {
			i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
			return slices.Delete(slices.Clone(list), i, i+1)
		}
		switch rapid.IntRange(0, 7).Draw(t, "drop") {
		case 0:
			less.purposes = without(s.purposes)
		case 1:
			less.interests = without(s.interests)
		case 2:
			less.vendors = without(s.vendors)
		case 3:
			less.disclosed = without(s.disclosed)
		case 4:
			less.location = false
		case 5:
			less.noInterest = true
		case 6:
			less.global = true
		case 7: // restricted once more, and not to another basis that is open
			less.restrictions = append(slices.Clone(s.restrictions), tcfRestriction{rapid.IntRange(1, 7).Draw(t, "more"), 0, []int{ourVendor}})
		}
		c, cLess := openrtb.Consent{GDPR: 1, TCF: s.bytes()}, openrtb.Consent{GDPR: 1, TCF: less.bytes()}
		before, after := g.Explain(&c, [3]byte{}), g.Explain(&cLess, [3]byte{})
		if wider := after.Permit().uses &^ before.Permit().uses; wider != 0 {
			t.Fatalf("%b more is permitted by %+v than by %+v", wider, less, s)
		}
	})
}

// Flipping any bit of consent in the text itself from yes to no never widens.
func TestNoBitOfConsentIsReadAsItsOpposite(t *testing.T) {
	g := Gate{vendor: ourVendor}
	full := tcfString{purposes: []int{1, 2, 3, 4, 7}, vendors: []int{ourVendor}, location: true}
	c := openrtb.Consent{GDPR: 1, TCF: full.bytes()}
	a := g.Explain(&c, [3]byte{})
	if a.Permit() != (Permit{allUses}) {
		t.Fatalf("the whole string permits %b", a.Permit().uses)
	}
	for at := 6 + 36 + 36 + 12 + 12 + 6 + 12 + 12 + 6 + 2; at < 6+36+36+12+12+6+12+12+6+2+12+24; at++ {
		text := slices.Clone(c.TCF)
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		v := slices.Index([]byte(alphabet), text[at/6])
		text[at/6] = alphabet[v&^(1<<(5-at%6))]
		less := openrtb.Consent{GDPR: 1, TCF: text}
		b := g.Explain(&less, [3]byte{})
		if !slices.Equal(text, c.TCF) && b.Permit() == a.Permit() {
			t.Errorf("without bit %d all is still permitted", at)
		}
	}
}
