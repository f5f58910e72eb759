package audience

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/audience/gpp"
	"github.com/tangent-dsp/tangent/openrtb"
)

// national is what a test wants the national section, version 2, to say. The
// zero value is of somebody who was told of everything and opted out of
// nothing; its fields are what differs.
type national struct {
	notices   [4]uint64 // processing, sale, sharing, targeting: 0 for given, else the answer + 1
	optOuts   [3]uint64 // sale, sharing, targeting: 0 for not opted out, else the answer + 1
	sensitive map[int]uint64
	limited   bool // no notice of limiting the use of sensitive data
	child     uint64
	other     uint64
	covered   bool
	uncovered uint64 // when not covered: 0 for no, else the answer + 1
	service   bool
	gpc       bool
}

func (n national) consent() openrtb.Consent {
	answer := func(v, usual uint64) uint64 {
		if v == 0 {
			return usual
		}
		return v - 1
	}
	yes := func(set bool) uint64 {
		if set {
			return gpp.Yes
		}
		return gpp.No
	}
	var w bitWriter
	w.put(2, 6)
	for _, v := range n.notices {
		w.put(answer(v, gpp.Yes), 2)
	}
	w.put(gpp.Yes, 2)
	w.put(yes(!n.limited), 2)
	for _, v := range n.optOuts {
		w.put(answer(v, gpp.No), 2)
	}
	for i := 1; i <= 16; i++ {
		w.put(n.sensitive[i], 2)
	}
	w.put(n.child, 2)
	w.put(0, 4)
	w.put(n.other, 2)
	w.put(answer(n.uncovered, yes(n.covered)), 2)
	w.put(gpp.NotApplicable, 2)
	w.put(yes(n.service), 2)
	text := "DBABLA~" + w.text()
	if n.gpc {
		text += ".YA"
	}
	return openrtb.Consent{GPP: []byte(text), GPPSections: []int{gpp.USNational}}
}

const location = 8 // the category of precise geolocation

func TestUsesInTheUnitedStates(t *testing.T) {
	here := map[int]uint64{location: gpp.No}
	ofUser := []Use{SelectAds, BuildProfile, CapFrequency, Measure}
	service := []Use{CapFrequency, Measure}
	for _, tt := range []struct {
		name string
		s    national
		mspa bool
		want []Use
		why  string // of the first use that is refused
	}{
		{"nothing against it", national{sensitive: here}, false, Uses(), ""},
		{"location not said", national{}, false, ofUser, "gpp_location"},
		{"location refused", national{sensitive: map[int]uint64{location: gpp.Yes}}, false, ofUser, "gpp_location"},
		{"not told of limits", national{sensitive: here, limited: true}, false, ofUser, "gpp_location"},

		{"opted out of sale", national{optOuts: [3]uint64{gpp.Yes + 1}}, false, nil, "gpp_opt_out"},
		{"opted out of sharing", national{optOuts: [3]uint64{0, gpp.Yes + 1}}, false, nil, "gpp_opt_out"},
		{"opted out of targeting", national{optOuts: [3]uint64{0, 0, gpp.Yes + 1}}, false, nil, "gpp_opt_out"},
		{"opted out, covered, and we did not sign", national{optOuts: [3]uint64{gpp.Yes + 1}, covered: true}, false, nil, "gpp_opt_out"},
		{"opted out, and we signed", national{optOuts: [3]uint64{gpp.Yes + 1}}, true, nil, "gpp_opt_out"},
		{"opted out, covered", national{sensitive: here, optOuts: [3]uint64{gpp.Yes + 1}, covered: true}, true, service, "gpp_opt_out"},
		{"opted out, and whether it is covered does not apply", national{optOuts: [3]uint64{gpp.Yes + 1}, uncovered: gpp.NotApplicable + 1}, true, nil, "gpp_opt_out"},
		{"a service provider, and whether it is covered does not apply", national{service: true, uncovered: gpp.NotApplicable + 1}, true, nil, "gpp_service_provider"},
		{"a service provider", national{service: true}, false, nil, "gpp_service_provider"},
		{"a service provider, covered", national{sensitive: here, service: true, covered: true}, true, service, "gpp_service_provider"},
		{"one does not apply", national{sensitive: here, notices: [4]uint64{0, 0, 1}, optOuts: [3]uint64{0, 1}}, false, Uses(), ""},
		{"nothing applies", national{notices: [4]uint64{0, 1, 1, 1}, optOuts: [3]uint64{1, 1, 1}}, false, nil, "gpp_not_offered"},

		{"no notice", national{notices: [4]uint64{gpp.No + 1}}, false, nil, "gpp_no_notice"},
		{"no notice of sale", national{notices: [4]uint64{0, gpp.No + 1}, optOuts: [3]uint64{1}}, true, nil, "gpp_no_notice"},
		{"no notice of targeting", national{notices: [4]uint64{0, 0, 0, gpp.No + 1}}, false, nil, "gpp_no_notice"},
		{"an answer without a question", national{notices: [4]uint64{0, 1}}, false, nil, "gpp_contradiction"},

		{"a child", national{child: gpp.Yes}, true, nil, "gpp_child"},
		{"a child that consents", national{child: gpp.No}, true, nil, "gpp_child"},
		{"global privacy control", national{gpc: true}, true, nil, "gpc"},
		{"health refused", national{sensitive: map[int]uint64{3: gpp.Yes, location: gpp.No}}, false, []Use{CapFrequency, Measure, PreciseLocation}, "gpp_sensitive"},
		{"health allowed", national{sensitive: map[int]uint64{3: gpp.No, location: gpp.No}}, false, Uses(), ""},
		{"other purposes", national{sensitive: here, other: gpp.No}, false, []Use{CapFrequency, Measure, PreciseLocation}, "gpp_other_purposes"},
		{"an answer that is none", national{other: 3}, false, nil, "gpp_unreadable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := tt.s.consent()
			a := (&Gate{mspa: tt.mspa}).Explain(&c, [3]byte{'U', 'S', 'A'})
			why := ""
			for _, u := range Uses() {
				if got := a.Permit().Allows(u); got != slices.Contains(tt.want, u) {
					t.Errorf("%v: allowed %v (%s)", u, got, a.Why(u))
				}
				if why == "" {
					why = a.Why(u)
				}
			}
			if why != tt.why {
				t.Errorf("refused for %q, want %q", why, tt.why)
			}
		})
	}
}

// Every section that applies must agree.
func TestTheStrictestSectionDecides(t *testing.T) {
	g := Gate{}
	virginia := func(optOut uint64) string {
		var w bitWriter
		w.put(1, 6)
		w.put(0b010101, 6) // notices
		w.put(optOut, 2)
		w.put(gpp.No, 2)
		w.put(0, 16+2)
		w.put(gpp.No, 2)
		w.put(0, 4)
		return w.text()
	}
	for _, tt := range []struct {
		optOut uint64
		apply  []int
		want   string
	}{
		{gpp.No, []int{9}, ""},
		{gpp.No, []int{7, 9}, ""},
		{gpp.Yes, []int{9}, "gpp_opt_out"},
		{gpp.Yes, []int{7, 9}, "gpp_opt_out"},
		{gpp.Yes, []int{9, 7}, "gpp_opt_out"},
		{gpp.Yes, []int{7}, ""},
		{gpp.No, []int{7, 9, 8}, "gpp_section_missing"},
		{gpp.No, []int{7, 9, 25}, "gpp_section_missing"},
		{gpp.No, []int{7, 9, 28}, "gpp_section_unknown"},
	} {
		first := national{}.consent()
		c := openrtb.Consent{GPP: []byte("DBACLMA~" + string(first.GPP[len("DBABLA~"):]) + "~" + virginia(tt.optOut)), GPPSections: tt.apply}
		if s, err := gpp.Parse(c.GPP); err != nil || s.ID(0) != 7 || s.ID(1) != 9 {
			t.Fatalf("the header is wrong: %v", err)
		}
		a := g.Explain(&c, [3]byte{'U', 'S', 'A'})
		if got := a.Why(SelectAds); got != tt.want {
			t.Errorf("opt-out %d, sections %v: %q, want %q", tt.optOut, tt.apply, got, tt.want)
		}
	}
}

// Whatever a section says, saying no once more permits no more.
func TestSayingNoOnceMoreNeverWidens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		answer := rapid.Uint64Range(0, 2)
		n := national{
			sensitive: map[int]uint64{location: answer.Draw(t, "location"), 3: answer.Draw(t, "health")},
			limited:   rapid.Bool().Draw(t, "limited"), other: answer.Draw(t, "other"), covered: rapid.Bool().Draw(t, "covered"),
			service: rapid.Bool().Draw(t, "service"), child: rapid.SampledFrom([]uint64{0, 0, 0, 1, 2}).Draw(t, "child"),
		}
		for i := range n.optOuts {
			n.optOuts[i] = 1 + answer.Draw(t, "opt-out")
		}
		for i := range n.notices {
			n.notices[i] = 1 + rapid.SampledFrom([]uint64{1, 1, 1, 0, 2}).Draw(t, "notice")
		}
		no := n
		no.sensitive = map[int]uint64{location: n.sensitive[location], 3: n.sensitive[3]}
		switch rapid.IntRange(0, 6).Draw(t, "no") {
		case 0:
			no.optOuts[rapid.IntRange(0, 2).Draw(t, "which")] = 1 + gpp.Yes
		case 1:
			no.sensitive[rapid.SampledFrom([]int{3, location}).Draw(t, "category")] = gpp.Yes
		case 2:
			no.notices[rapid.IntRange(0, 3).Draw(t, "which")] = 1 + gpp.No
		case 3:
			no.child = gpp.Yes
		case 4:
			no.service = true
		case 5:
			no.gpc = true
		case 6:
			no.covered = false
		}
		g := Gate{mspa: rapid.Bool().Draw(t, "mspa")}
		c, cNo := n.consent(), no.consent()
		before, after := g.Explain(&c, [3]byte{}), g.Explain(&cNo, [3]byte{})
		if wider := after.Permit().uses &^ before.Permit().uses; wider != 0 {
			t.Fatalf("%+v permits %b more than %+v", no, wider, n)
		}
	})
}
