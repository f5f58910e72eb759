package tcf

import (
	"strings"
	"testing"
	"time"
)

const (
	plain    = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA" // the specification's own example
	canadian = "BPbYQsAPbYQsA5p1_eENW7gAAVG_5gAAAAaHACARMIYCqwBIZeVw9V11F0YARkAWUAEAmRABtAByOGA.YAAAAAAAAAA.IB8wA4GR4ZHpDGA"
)

// Given a string, when it is cut anywhere in its core, then it cannot be read.
// The last characters may hold nothing but padding.
func TestStringsCutShort(t *testing.T) {
	for _, tt := range []struct {
		text  string
		core  int
		parse func([]byte) error
	}{
		{plain, len(plain) - 2, func(b []byte) error { _, err := Parse(b); return err }},
		{canadian, strings.IndexByte(canadian, '.') - 2, func(b []byte) error { _, err := ParseCanada(b); return err }},
	} {
		if err := tt.parse([]byte(tt.text)); err != nil {
			t.Fatal(err)
		}
		for n := range tt.core {
			if err := tt.parse([]byte(tt.text[:n])); err != ErrUnreadable {
				t.Errorf("the first %d characters: %v", n, err)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"version 1":                 "B" + plain[1:],
		"a core for a segment":      plain + "." + plain,
		"an empty segment":          plain + "..IAAA",
		"a disclosed segment twice": plain + ".IAAA.IAAA",
		"a publisher's cut short":   plain + ".YAAA",
	} {
		if _, err := Parse([]byte(text)); err != ErrUnreadable {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, text := range map[string]string{
		"version 2":               "C" + canadian[1:],
		"Europe's":                plain,
		"an unknown segment":      canadian + ".QAAA",
		"what does not come out":  canadian[:80] + "AAAA",
		"a disclosed list of two": canadian + ".IAAA",
	} {
		if _, err := ParseCanada([]byte(text)); err != ErrUnreadable {
			t.Errorf("Canada: %s: %v", name, err)
		}
	}
}

func TestWhoMustDisclose(t *testing.T) {
	since := uint64(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).UnixMilli() / 100)
	for _, tt := range []struct {
		created, updated uint64
		want             bool
	}{{since - 1, since - 1, true}, {since, since, false}, {since - 1, since, false}, {since, since - 1, false}} {
		s := String{Core: Core{Created: tt.created, Updated: tt.updated}}
		if s.Discloses(7) != tt.want {
			t.Errorf("created %d, updated %d: %v", tt.created, tt.updated, !tt.want)
		}
	}
}

func TestPurposesAndFeatures(t *testing.T) {
	if p := Of(1, 3, 24, 0, 25, -1); p != 1<<23|1<<21|1 || !p.Has(1) || p.Has(2) || p.Has(0) || p.Has(25) || Purposes(0).Has(99) {
		t.Errorf("purposes %b", p)
	}
	if f := Features(1 << 11); !f.Has(1) || f.Has(0) || f.Has(2) || f.Has(13) || f.Has(-7) {
		t.Error("special features")
	}
}

func TestNothingIsAllocated(t *testing.T) {
	europe, canada := []byte(plain+".IAAA"), []byte(canadian)
	if n := testing.AllocsPerRun(100, func() {
		s, err := Parse(europe)
		c, err2 := ParseCanada(canada)
		if err != nil || err2 != nil || s.VendorConsents.Has(9) || s.Restricted(9) != (Restrictions{}) || c.VendorExpress.Has(9) {
			t.Error(err, err2)
		}
		c.Restricted(9)
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte(plain + ".IAAA.YAAAAAAAAAA"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			if s.HasDisclosed || s.Consents != 0 || s.VendorConsents.Has(1) {
				t.Fatal("an unreadable string says something")
			}
			return
		}
		for _, id := range []int{-1, 0, 1, 755, MaxVendor, MaxVendor + 1} {
			for _, v := range []*Vendors{&s.VendorConsents, &s.VendorInterests, &s.Disclosed, &s.Allowed} {
				if v.Has(id) && (id < 1 || id > MaxVendor) {
					t.Fatalf("vendor %d is listed", id)
				}
			}
			if r := s.Restricted(id); (id < 1 || id > MaxVendor) && r != (Restrictions{}) {
				t.Fatalf("vendor %d is restricted", id)
			}
		}
	})
}

func FuzzParseCanada(f *testing.F) {
	f.Add([]byte(canadian))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseCanada(text)
		if err != nil {
			if c.HasDisclosed || c.Express != 0 || c.VendorExpress.Has(1) {
				t.Fatal("an unreadable string says something")
			}
			return
		}
		if c.VendorExpress.Has(0) || c.VendorImplied.Has(MaxVendor+1) || c.Disclosed.Has(-1) {
			t.Fatal("a vendor that cannot be is listed")
		}
		c.Restricted(42)
	})
}
