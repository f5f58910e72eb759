package tcf

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// runs is a set of numbers as the oracle writes it: firsts and lasts.
type runs [][2]int

func (s runs) has(n int) bool {
	for _, run := range s {
		if run[0] <= n && n <= run[1] {
			return true
		}
	}
	return false
}

// expected is what the IAB's own library reads in a string; testdata/oracle
// says how it was made.
type expected struct {
	Text             string
	Created, Updated uint64
	CMP, CMPVersion  int
	Screen           int
	Language         string
	VendorList       int
	Policy           int
	Specific         bool
	NonStandard      bool
	Unasked          bool
	Country          string

	Features                        runs
	Consents, Interests             runs // Europe
	VendorConsents, VendorInterests runs
	Express, Implied                runs // Canada
	VendorExpress, VendorImplied    runs

	Restrictions []struct {
		Purpose, Type int
		Vendors       runs
	}
	Disclosed, Allowed *runs
	Publisher          *struct {
		Consents, Interests runs
		Custom              int
	}
}

func eachExpected(t *testing.T, file string, check func(*testing.T, *expected)) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := 0
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for ; scan.Scan(); lines++ {
		var want expected
		if err := json.Unmarshal(scan.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		check(t, &want)
	}
	if lines < 100 {
		t.Errorf("%s has %d strings only", file, lines)
	}
}

// vendors asks for ids on both sides of where a list changes, and at the ends.
func vendors(lists []runs, ask func(id int)) {
	for _, list := range append(lists, runs{{0, 1}, {755, 755}, {MaxVendor, MaxVendor + 1}}) {
		for _, run := range list {
			for _, id := range []int{run[0] - 1, run[0], (run[0] + run[1]) / 2, run[1], run[1] + 1} {
				ask(id)
			}
		}
	}
}

type field struct {
	name      string
	got, want any
}

func compare(t *testing.T, text string, fields []field) {
	t.Helper()
	for _, f := range fields {
		if f.got != f.want {
			t.Errorf("%.30s: %s is %v, want %v", text, f.name, f.got, f.want)
		}
	}
}

func compareSet(t *testing.T, text, name string, most int, got func(int) bool, want runs) {
	t.Helper()
	for n := -1; n <= most+40; n++ {
		if got(n) != want.has(n) {
			t.Errorf("%.30s: %s %d is %v, want %v", text, name, n, got(n), want.has(n))
		}
	}
}

func compareVendors(t *testing.T, text, name string, got *Vendors, want runs) {
	t.Helper()
	vendors([]runs{want}, func(id int) {
		if got.Has(id) != want.has(id) {
			t.Errorf("%.30s: %s: vendor %d is %v, want %v", text, name, id, got.Has(id), want.has(id))
		}
	})
}

func compareRestrictions(t *testing.T, want *expected, restricted func(vendor int) Restrictions) {
	t.Helper()
	var lists []runs
	for _, w := range want.Restrictions {
		lists = append(lists, w.Vendors)
	}
	vendors(lists, func(id int) {
		var r Restrictions
		for _, w := range want.Restrictions {
			if !w.Vendors.has(id) {
				continue
			}
			switch w.Type {
			case 0:
				r.NotAllowed |= Of(w.Purpose)
			case 1:
				r.RequireConsent |= Of(w.Purpose)
			case 2:
				r.RequireInterest |= Of(w.Purpose)
			}
		}
		if got := restricted(id); got != r {
			t.Errorf("%.30s: vendor %d is restricted %+v, want %+v", want.Text, id, got, r)
		}
	})
}

func TestEuropeAgreesWithTheOracle(t *testing.T) {
	eachExpected(t, "testdata/strings.jsonl", func(t *testing.T, want *expected) {
		s, err := Parse([]byte(want.Text))
		if err != nil {
			t.Errorf("%.30s: %v", want.Text, err)
			return
		}
		compare(t, want.Text, []field{
			{"version", s.Version, 2},
			{"created", s.Created, want.Created}, {"updated", s.Updated, want.Updated},
			{"CMP", s.CMP, want.CMP}, {"CMP version", s.CMPVersion, want.CMPVersion},
			{"screen", s.Screen, want.Screen}, {"language", string(s.Language[:]), want.Language},
			{"vendor list", s.VendorListVersion, want.VendorList}, {"policy", s.PolicyVersion, want.Policy},
			{"service specific", s.ServiceSpecific, want.Specific}, {"non-standard texts", s.NonStandardTexts, want.NonStandard},
			{"purpose one unasked", s.PurposeOneUnasked, want.Unasked}, {"country", string(s.PublisherCountry[:]), want.Country},
			{"has disclosed", s.HasDisclosed, want.Disclosed != nil}, {"has allowed", s.HasAllowed, want.Allowed != nil},
			{"has publisher", s.HasPublisher, want.Publisher != nil},
		})
		compareSet(t, want.Text, "special feature", 12, s.SpecialFeatures.Has, want.Features)
		compareSet(t, want.Text, "purpose by consent", 24, s.Consents.Has, want.Consents)
		compareSet(t, want.Text, "purpose by interest", 24, s.Interests.Has, want.Interests)
		compareVendors(t, want.Text, "consents", &s.VendorConsents, want.VendorConsents)
		compareVendors(t, want.Text, "interests", &s.VendorInterests, want.VendorInterests)
		compareRestrictions(t, want, s.Restricted)
		if want.Disclosed != nil {
			compareVendors(t, want.Text, "disclosed", &s.Disclosed, *want.Disclosed)
		}
		if want.Allowed != nil {
			compareVendors(t, want.Text, "allowed", &s.Allowed, *want.Allowed)
		}
		if p := want.Publisher; p != nil {
			compareSet(t, want.Text, "publisher's consent", 24, s.Publisher.Consents.Has, p.Consents)
			compareSet(t, want.Text, "publisher's interest", 24, s.Publisher.Interests.Has, p.Interests)
			compare(t, want.Text, []field{{"custom purposes", s.Publisher.Custom, p.Custom}})
		}
	})
}

func TestCanadaAgreesWithTheOracle(t *testing.T) {
	eachExpected(t, "testdata/canada.jsonl", func(t *testing.T, want *expected) {
		s, err := ParseCanada([]byte(want.Text))
		if err != nil {
			t.Errorf("%.30s: %v", want.Text, err)
			return
		}
		compare(t, want.Text, []field{
			{"version", s.Version, 1},
			{"created", s.Created, want.Created}, {"updated", s.Updated, want.Updated},
			{"CMP", s.CMP, want.CMP}, {"CMP version", s.CMPVersion, want.CMPVersion},
			{"screen", s.Screen, want.Screen}, {"language", string(s.Language[:]), want.Language},
			{"vendor list", s.VendorListVersion, want.VendorList}, {"policy", s.PolicyVersion, want.Policy},
			{"non-standard texts", s.NonStandardTexts, want.NonStandard}, {"has disclosed", s.HasDisclosed, want.Disclosed != nil},
		})
		compareSet(t, want.Text, "special feature", 12, s.SpecialFeatures.Has, want.Features)
		compareSet(t, want.Text, "express purpose", 24, s.Express.Has, want.Express)
		compareSet(t, want.Text, "implied purpose", 24, s.Implied.Has, want.Implied)
		compareVendors(t, want.Text, "express", &s.VendorExpress, want.VendorExpress)
		compareVendors(t, want.Text, "implied", &s.VendorImplied, want.VendorImplied)
		compareRestrictions(t, want, s.Restricted)
		if want.Disclosed != nil {
			compareVendors(t, want.Text, "disclosed", &s.Disclosed, *want.Disclosed)
		}
	})
}
