package audience

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/audience/tcf"
)

// selectUnderTCF says why a string does not let a vendor select ads.
func selectUnderTCF(text []byte, vendor int) refusal {
	g := Gate{vendor: vendor}
	var a Answer
	g.askTCF(&a, text)
	return a.why[SelectAds]
}

func TestSelectAdsUnderTCF(t *testing.T) {
	all := []int{1, 3, 4}
	ours := []int{ourVendor}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		s    tcfString
		want refusal
	}{
		{"bit field", tcfString{purposes: all, vendors: ours}, permitted},
		{"ranges", tcfString{purposes: all, vendors: []int{3, 40, 41, 42, 43, 900}, ranges: true}, permitted},
		{"every purpose", tcfString{purposes: []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, vendors: ours}, permitted},
		{"no purpose 1", tcfString{purposes: []int{2, 3, 4}, vendors: ours}, refusedTCFPurpose},
		{"no purpose 3", tcfString{purposes: []int{1, 2, 4}, vendors: ours}, refusedTCFPurpose},
		{"no purpose 4", tcfString{purposes: []int{1, 2, 3}, vendors: ours}, refusedTCFPurpose},
		{"no purpose", tcfString{vendors: ours}, refusedTCFPurpose},
		{"others' consent, bit field", tcfString{purposes: all, vendors: []int{41, 43}}, refusedTCFVendor},
		{"others' consent, ranges", tcfString{purposes: all, vendors: []int{41, 43}, ranges: true}, refusedTCFVendor},
		{"the list ends before us", tcfString{purposes: all, vendors: []int{7}}, refusedTCFVendor},
		{"nobody's consent", tcfString{purposes: all}, refusedTCFVendor},
		{"version 1", tcfString{version: 1, purposes: all, vendors: ours}, refusedTCFUnreadable},
		{"purpose not allowed", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{3, 0, ours}}}, refusedTCFRestricted},
		{"by legitimate interest only", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{4, 2, ours}}}, refusedTCFRestricted},
		{"by consent only", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{4, 1, ours}}}, permitted},
		{"another purpose", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{7, 0, ours}}}, permitted},
		{"another vendor", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{3, 0, []int{1, 2}}}}, permitted},
		{"the second restriction", tcfString{purposes: all, vendors: ours, restrictions: []tcfRestriction{{3, 0, []int{1, 2}}, {1, 0, ours}}}, refusedTCFRestricted},
		{"disclosed", tcfString{purposes: all, vendors: ours, made: now, disclosed: []int{1, ourVendor}}, permitted},
		{"disclosed, after another segment", tcfString{purposes: all, vendors: ours, made: now, disclosed: ours, publisher: true}, permitted},
		{"undisclosed", tcfString{purposes: all, vendors: ours, made: now, disclosed: []int{1, 2}}, refusedTCFUndisclosed},
		{"undisclosed, before it had to be", tcfString{purposes: all, vendors: ours, disclosed: []int{1, 2}}, refusedTCFUndisclosed},
		{"2.3 without disclosure", tcfString{purposes: all, vendors: ours, made: now}, refusedTCFUndisclosed},
		{"2.3 with another segment", tcfString{purposes: all, vendors: ours, made: now, publisher: true}, refusedTCFUndisclosed},
		{"the last moment of 2.2", tcfString{purposes: all, vendors: ours, made: time.Date(2026, 2, 28, 23, 59, 59, 0, time.UTC)}, permitted},
		{"the first moment of 2.3", tcfString{purposes: all, vendors: ours, made: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, refusedTCFUndisclosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := selectUnderTCF(tt.s.bytes(), ourVendor); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What each use needs, by purpose, under the default declaration (consent for
// everything) and under one that has legitimate interest in 2 and 7.
func TestUsesUnderTCF(t *testing.T) {
	ours := []int{ourVendor}
	byConsent, byInterest := Gate{vendor: ourVendor}, Gate{vendor: ourVendor, interest: tcf.Of(2, 7)}
	flexible := Gate{vendor: ourVendor, interest: tcf.Of(7), flexible: tcf.Of(2, 7)}
	all := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	none := []int{}
	restrict := func(purpose, kind int) []tcfRestriction { return []tcfRestriction{{purpose, kind, ours}} }
	for _, tt := range []struct {
		name string
		gate Gate
		s    tcfString
		want []Use
	}{
		{"everything", byConsent, tcfString{purposes: all, vendors: ours, location: true}, Uses()},
		{"no special feature", byConsent, tcfString{purposes: all, vendors: ours}, []Use{SelectAds, BuildProfile, CapFrequency, Measure}},
		{"1, 3 and 4", byConsent, tcfString{purposes: []int{1, 3, 4}, vendors: ours}, []Use{SelectAds, BuildProfile}},
		{"1 and 3", byConsent, tcfString{purposes: []int{1, 3}, vendors: ours}, []Use{BuildProfile}},
		{"1 and 2", byConsent, tcfString{purposes: []int{1, 2}, vendors: ours}, []Use{CapFrequency}},
		{"1 and 7", byConsent, tcfString{purposes: []int{1, 7}, vendors: ours}, []Use{Measure}},
		{"2 and the feature, nothing stored", byConsent, tcfString{purposes: []int{2}, vendors: ours, location: true}, []Use{PreciseLocation}},
		{"the feature alone", byConsent, tcfString{vendors: ours, location: true}, nil},
		{"all but 1", byConsent, tcfString{purposes: all[1:], vendors: ours}, nil},
		{"interest, which we do not claim", byConsent, tcfString{purposes: []int{1}, vendors: ours}, nil},

		{"interest in 2 and 7", byInterest, tcfString{purposes: []int{1}, vendors: ours}, []Use{CapFrequency, Measure}},
		{"consent is not interest", byInterest, tcfString{purposes: all, interests: none, vendors: ours}, []Use{SelectAds, BuildProfile}},
		{"an objection to us", byInterest, tcfString{purposes: all, vendors: ours, noInterest: true}, []Use{SelectAds, BuildProfile}},
		{"interest without consent to us for 1", byInterest, tcfString{purposes: []int{1}}, nil},

		{"2 not allowed", byInterest, tcfString{purposes: all, vendors: ours, restrictions: restrict(2, 0)}, []Use{SelectAds, BuildProfile, Measure}},
		{"2 by consent only, inflexible", byInterest, tcfString{purposes: all, vendors: ours, restrictions: restrict(2, 1)}, []Use{SelectAds, BuildProfile, Measure}},
		{"7 by consent only, flexible", flexible, tcfString{purposes: all, interests: none, vendors: ours, restrictions: restrict(7, 1)}, []Use{SelectAds, BuildProfile, CapFrequency, Measure}},
		{"7 by consent only, which there is not", flexible, tcfString{purposes: []int{1, 2, 3, 4}, vendors: ours, restrictions: restrict(7, 1)}, []Use{SelectAds, BuildProfile, CapFrequency}},
		{"2 by interest only, flexible", flexible, tcfString{purposes: []int{1}, vendors: ours, restrictions: restrict(2, 2)}, []Use{CapFrequency, Measure}},
		{"2 by interest only, inflexible", byConsent, tcfString{purposes: all, vendors: ours, restrictions: restrict(2, 2)}, []Use{SelectAds, BuildProfile, Measure}},
		{"1 by interest only", flexible, tcfString{purposes: all, vendors: ours, restrictions: restrict(1, 2)}, nil},
		{"two that contradict", flexible, tcfString{purposes: all, vendors: ours, restrictions: append(restrict(7, 1), restrict(7, 2)...)}, []Use{SelectAds, BuildProfile, CapFrequency}},
		{"a kind that is not defined", byConsent, tcfString{purposes: all, vendors: ours, restrictions: restrict(7, 3)}, []Use{SelectAds, BuildProfile, CapFrequency}},

		{"global scope", byConsent, tcfString{purposes: all, vendors: ours, global: true}, nil},
		{"undisclosed, by interest too", byInterest, tcfString{purposes: all, vendors: ours, disclosed: []int{1}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var a Answer
			tt.gate.askTCF(&a, tt.s.bytes())
			for _, u := range Uses() {
				if got, want := a.Permit().Allows(u), slices.Contains(tt.want, u); got != want {
					t.Errorf("%v: allowed %v (%s), want %v", u, got, a.Why(u), want)
				}
			}
		})
	}
}

// canadian is what a test wants a string of Canada's to say, with vendors as
// bit fields.
type canadian struct {
	express      []int // purposes
	vendors      []int // express
	restrictions []tcfRestriction
	disclosed    []int // nil: no segment
	location     bool
}

func (s canadian) bytes() []byte {
	var w bitWriter
	w.put(1, 6)
	w.put(17_000_000_000, 36)
	w.put(17_000_000_000, 36)
	w.put(300, 12) // CMP
	w.put(1, 12)
	w.put(1, 6)
	w.put(4<<6|13, 12)
	w.put(100, 12)
	w.put(2, 6)
	w.put(0, 1)
	w.flag(s.location)
	w.put(0, 11)
	for p := range 24 {
		w.flag(slices.Contains(s.express, p+1))
	}
	w.put(0, 24) // implied
	w.vendors(s.vendors, false)
	w.vendors(nil, false)
	w.put(uint64(len(s.restrictions)), 12)
	for _, r := range s.restrictions {
		w.put(uint64(r.purpose), 6)
		w.put(uint64(r.kind), 2)
		w.vendors(r.vendors, false)
	}
	text := w.text()
	if s.disclosed != nil {
		var d bitWriter
		d.put(1, 3)
		d.vendors(s.disclosed, false)
		text += "." + d.text()
	}
	return []byte(text)
}

func TestUsesInCanada(t *testing.T) {
	ours, all := []int{ourVendor}, []int{2, 3, 4, 7}
	restrict := func(purpose, kind int) []tcfRestriction { return []tcfRestriction{{purpose, kind, ours}} }
	ofUser := []Use{SelectAds, BuildProfile, CapFrequency, Measure}
	for _, tt := range []struct {
		name   string
		vendor int
		s      canadian
		want   []Use
		why    refusal // of the first use that is refused
	}{
		{"everything", ourVendor, canadian{express: all, vendors: ours, location: true}, Uses(), permitted},
		{"shown to the user", ourVendor, canadian{express: all, vendors: ours, location: true, disclosed: []int{1, ourVendor}}, Uses(), permitted},
		{"not shown to the user", ourVendor, canadian{express: all, vendors: ours, location: true, disclosed: []int{1, 2}}, nil, refusedCanadaUndisclosed},
		{"shown nobody", ourVendor, canadian{express: all, vendors: ours, location: true, disclosed: []int{}}, nil, refusedCanadaUndisclosed},
		{"no special feature", ourVendor, canadian{express: all, vendors: ours}, ofUser, refusedCanadaLocation},
		{"3 and 4", ourVendor, canadian{express: []int{3, 4}, vendors: ours}, []Use{SelectAds, BuildProfile}, refusedCanadaPurpose},
		{"7", ourVendor, canadian{express: []int{7}, vendors: ours}, []Use{Measure}, refusedCanadaPurpose},
		{"nothing", ourVendor, canadian{vendors: ours}, nil, refusedCanadaPurpose},
		{"others' consent", ourVendor, canadian{express: all, vendors: []int{1, 43}}, nil, refusedCanadaVendor},
		{"no vendor id", 0, canadian{express: all, vendors: ours}, nil, refusedCanadaNoVendor},
		{"4 not allowed", ourVendor, canadian{express: all, vendors: ours, location: true, restrictions: restrict(4, 0)}, Uses()[1:], refusedCanadaRestricted},
		{"7 by express consent", ourVendor, canadian{express: all, vendors: ours, location: true, restrictions: restrict(7, 1)}, Uses(), permitted},
		{"4 by implied consent, which is not ours", ourVendor, canadian{express: all, vendors: ours, location: true, restrictions: restrict(4, 2)}, Uses()[1:], refusedCanadaRestricted},
		{"4 in a way that is not defined", ourVendor, canadian{express: all, vendors: ours, location: true, restrictions: restrict(4, 3)}, Uses()[1:], refusedCanadaRestricted},
		{"another vendor's restriction", ourVendor, canadian{express: all, vendors: ours, location: true, restrictions: []tcfRestriction{{4, 0, []int{7}}}}, Uses(), permitted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var a Answer
			(&Gate{vendor: tt.vendor}).askCanada(&a, tt.s.bytes())
			why := permitted
			for _, u := range Uses() {
				if got, want := a.Permit().Allows(u), slices.Contains(tt.want, u); got != want {
					t.Errorf("%v: allowed %v (%s), want %v", u, got, a.Why(u), want)
				}
				if why == permitted {
					why = a.why[u]
				}
			}
			if why != tt.why {
				t.Errorf("refused for %q, want %q", why, tt.why)
			}
		})
	}
}

// Given a good string, when it is cut anywhere, then it refuses. (The last
// character may hold nothing but the padding of the last byte.)
func TestTCFCutShort(t *testing.T) {
	good := tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}, ranges: true,
		made: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), disclosed: []int{ourVendor}}.bytes()
	if why := selectUnderTCF(good, ourVendor); why != permitted {
		t.Fatalf("the whole string refuses: %v", why)
	}
	for n := range len(good) - 1 {
		if why := selectUnderTCF(good[:n], ourVendor); why == permitted {
			t.Errorf("the first %d of %d characters permit", n, len(good))
		}
	}
}

func TestTCFSpelling(t *testing.T) {
	good := string(tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}}.bytes())
	for _, tt := range []struct {
		name, text string
		want       refusal
	}{
		{"padded", good + "==", permitted},
		{"not base64", strings.Repeat("!", len(good)), refusedTCFUnreadable},
		{"a blank in it", good[:20] + " " + good[21:], refusedTCFUnreadable},
		{"empty last segment", good + ".", permitted},
		{"an empty segment within", good + "..YAAA", refusedTCFUnreadable},
		{"dots", "...", refusedTCFUnreadable},
		{"empty", "", refusedTCFUnreadable},
		{"two cores", good + "." + good, refusedTCFUnreadable},
		{"two lists of the disclosed", good + ".IAAA.IAAA", refusedTCFUnreadable},
		{"a segment of a later version", good + ".gAAA", permitted},
		{"more than any string has", good + "." + strings.Repeat("gAAA", 10000), refusedTCFUnreadable},
	} {
		if got := selectUnderTCF([]byte(tt.text), ourVendor); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Whatever a string says, the check agrees with the plain reading of it.
func TestTCFAgreesWithThePlainReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.IntRange(1, 60), 0, 30)
		s := tcfString{
			purposes: rapid.SliceOfN(rapid.SampledFrom([]int{1, 1, 2, 3, 3, 4, 4, 5}), 0, 12).Draw(t, "purposes"),
			vendors:  ids.Draw(t, "vendors"),
			ranges:   rapid.Bool().Draw(t, "ranges"),
		}
		if rapid.Bool().Draw(t, "2.3") {
			s.made = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
		}
		if rapid.Bool().Draw(t, "segment") {
			s.disclosed = append([]int{}, ids.Draw(t, "disclosed")...)
		}
		for range rapid.IntRange(0, 3).Draw(t, "restrictions") {
			s.restrictions = append(s.restrictions, tcfRestriction{
				purpose: rapid.IntRange(1, 5).Draw(t, "purpose"), kind: rapid.IntRange(0, 2).Draw(t, "kind"),
				vendors: ids.Draw(t, "restricted"),
			})
		}
		vendor := rapid.IntRange(1, 60).Draw(t, "vendor")

		want := slices.Contains(s.vendors, vendor)
		for _, p := range []int{1, 3, 4} {
			want = want && slices.Contains(s.purposes, p)
			for _, r := range s.restrictions {
				if r.purpose == p && r.kind != 1 && slices.Contains(r.vendors, vendor) {
					want = false
				}
			}
		}
		if s.disclosed != nil {
			want = want && slices.Contains(s.disclosed, vendor)
		} else if !s.made.IsZero() {
			want = false
		}
		if got := selectUnderTCF(s.bytes(), vendor); (got == permitted) != want {
			t.Fatalf("got %q, want permitted %v", got, want)
		}
	})
}

func FuzzAskTCF(f *testing.F) {
	f.Add(tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}}.bytes())
	f.Add(tcfString{purposes: []int{1, 3, 4}, vendors: []int{ourVendor}, ranges: true, disclosed: []int{ourVendor},
		restrictions: []tcfRestriction{{3, 1, []int{1, 2, 9}}}}.bytes())
	f.Add([]byte("...."))
	f.Fuzz(func(t *testing.T, text []byte) {
		g := Gate{vendor: ourVendor, interest: tcf.Of(2, 7), flexible: tcf.Of(7)}
		var a, again Answer
		g.askTCF(&a, text)
		g.askTCF(&again, text)
		if a != again {
			t.Fatal("two answers to one string")
		}
		if _, err := tcf.Parse(text); err != nil && a.Permit() != (Permit{}) {
			t.Fatal("a string that cannot be read permits")
		}
	})
}
