package gpp

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"
)

func eachLine[T any](t *testing.T, file string, least int, check func(*testing.T, *T)) {
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
		var want T
		if err := json.Unmarshal(scan.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		check(t, &want)
	}
	if lines < least {
		t.Errorf("%s has %d lines only", file, lines)
	}
}

// header is what the IAB's own library reads in a string: see testdata/oracle
// of package tcf.
type header struct {
	Text     string
	IDs      []int
	Sections map[string]string
}

func TestHeadersAgreeWithTheOracle(t *testing.T) {
	eachLine(t, "testdata/headers.jsonl", 60, func(t *testing.T, want *header) {
		s, err := Parse([]byte(want.Text))
		if err != nil {
			t.Errorf("%.30s: %v", want.Text, err)
			return
		}
		var ids []int
		for i := range s.Len() {
			ids = append(ids, s.ID(i))
		}
		if !slices.Equal(ids, want.IDs) {
			t.Errorf("%.30s: sections %v, want %v", want.Text, ids, want.IDs)
		}
		for id := range 40 {
			text, ok := s.Section(id)
			if section, has := want.Sections[strconv.Itoa(id)]; ok != has || string(text) != section {
				t.Errorf("%.30s: section %d is %q, want %q", want.Text, id, text, section)
			}
		}
	})
}

// section is the same of one section of the United States.
type section struct {
	ID     int
	Text   string
	Fields map[string]json.RawMessage
}

func (s *section) number(name string) (n uint8) {
	if raw, ok := s.Fields[name]; ok {
		if err := json.Unmarshal(raw, &n); err != nil {
			panic(err)
		}
	}
	return n
}

// numbers is number for a list, of which some sections have one only.
func (s *section) numbers(name string) (list []int) {
	raw, ok := s.Fields[name]
	if !ok {
		return nil
	}
	if json.Unmarshal(raw, &list) != nil {
		return []int{int(s.number(name))}
	}
	return list
}

func ints(list []uint8) (out []int) {
	for _, n := range list {
		out = append(out, int(n))
	}
	return out
}

func TestUSSectionsAgreeWithTheOracle(t *testing.T) {
	seen := map[int]bool{}
	eachLine(t, "testdata/us.jsonl", 16*21, func(t *testing.T, want *section) {
		u, err := ParseUS(want.ID, []byte(want.Text))
		if err != nil {
			t.Errorf("%d %s: %v", want.ID, want.Text, err)
			return
		}
		seen[want.ID] = true
		read := map[string]bool{"MspaMode": true}
		if mode, ok := want.Fields["MspaMode"]; ok {
			modes := map[string][2]uint8{"0": {}, "1": {Yes, No}, "2": {No, Yes}}[string(mode)]
			if got := [2]uint8{u.OptOutOption, u.ServiceProvider}; got != modes {
				t.Errorf("%d %s: MspaMode %s is %v, want %v", want.ID, want.Text, mode, got, modes)
			}
			u.OptOutOption, u.ServiceProvider = NotApplicable, NotApplicable // nothing of their own
		}
		for _, f := range []struct {
			name string
			got  uint8
		}{
			{"Version", uint8(u.Version) - want.number("MspaVersion")}, {"MspaVersion", uint8(u.Version) - want.number("Version")},
			{"SaleOptOutNotice", u.SaleNotice}, {"SharingOptOutNotice", u.SharingNotice},
			{"TargetedAdvertisingOptOutNotice", u.TargetedNotice}, {"SensitiveDataLimitUseNotice", u.LimitUseNotice},
			{"SaleOptOut", u.SaleOptOut}, {"SharingOptOut", u.SharingOptOut}, {"TargetedAdvertisingOptOut", u.TargetedOptOut},
			{"MspaCoveredTransaction", u.Covered}, {"MspaOptOutOptionMode", u.OptOutOption}, {"MspaServiceProviderMode", u.ServiceProvider},
			// These have two names.
			{"SharingNotice", u.Notice - want.number("ProcessingNotice")}, {"ProcessingNotice", u.Notice - want.number("SharingNotice")},
			{"SensitiveDataProcessingOptOutNotice", u.SensitiveNotice - want.number("SensitiveDataOptOutNotice")},
			{"SensitiveDataOptOutNotice", u.SensitiveNotice - want.number("SensitiveDataProcessingOptOutNotice")},
			{"PersonalDataConsents", u.OtherPurposes - want.number("AdditionalDataProcessingConsent")},
			{"AdditionalDataProcessingConsent", u.OtherPurposes - want.number("PersonalDataConsents")},
		} {
			read[f.name] = true
			if f.got != want.number(f.name) {
				t.Errorf("%d %s: %s is %d, want %d", want.ID, want.Text, f.name, f.got, want.number(f.name))
			}
		}
		for _, f := range []struct {
			name string
			got  []uint8
		}{
			{"SensitiveDataProcessing", u.Sensitive[:u.Sensitives]},
			{"KnownChildSensitiveDataConsents", u.Child[:u.Children]},
		} {
			read[f.name] = true
			if !slices.Equal(ints(f.got), want.numbers(f.name)) {
				t.Errorf("%d %s: %s is %v, want %v", want.ID, want.Text, f.name, f.got, want.numbers(f.name))
			}
		}
		if gpc := string(want.Fields["Gpc"]) == "true"; u.HasGPC && u.GPC != gpc || !u.HasGPC && gpc {
			t.Errorf("%d %s: GPC is %v, want %v", want.ID, want.Text, u.GPC, gpc)
		}
		read["Gpc"], read["GpcSegmentType"], read["GpcSegmentIncluded"] = true, true, true
		read["SensitiveDataConsentSegmentIncluded"] = true
		for name := range want.Fields {
			if !read[name] {
				t.Errorf("%d: nobody reads %s", want.ID, name)
			}
		}
		if got, ok := want.Fields["SharingOptOut"]; (ok) != u.HasSharing {
			t.Errorf("%d: has sharing %v, want %s", want.ID, u.HasSharing, got)
		}
		if got, ok := want.Fields["TargetedAdvertisingOptOut"]; (ok) != u.HasTarget {
			t.Errorf("%d: has targeted advertising %v, want %s", want.ID, u.HasTarget, got)
		}
	})
	for id := range 40 {
		if seen[id] != IsUS(id) {
			t.Errorf("section %d: known %v, checked %v", id, IsUS(id), seen[id])
		}
	}
}

// Where precise geolocation stands among a section's sensitive categories, by
// the sections' own texts. The oracle does not know what the categories mean.
func TestLocationIsWhereTheSpecificationsHaveIt(t *testing.T) {
	want := map[int]int{
		USNational: 8, California: 3, Virginia: 8, Utah: 8, Connecticut: 8, Florida: 8, Montana: 8, Oregon: 11, Texas: 8,
		Delaware: 9, Iowa: 8, Nebraska: 8, NewHampshire: 8, NewJersey: 8, Tennessee: 8, Minnesota: 8, Colorado: 0,
		Maryland: 0, Indiana: 8, Kentucky: 8, RhodeIsland: 8,
	}
	for id := USNational; id <= lastUSSection; id++ {
		for _, version := range []int{1, 2} {
			if l, ok := layoutOf(id, version); ok && l.location != want[id] {
				t.Errorf("section %d: category %d, want %d", id, l.location, want[id])
			}
		}
	}
}
