package gpp

import (
	"strings"
	"testing"
)

func TestTheSpecificationsExamples(t *testing.T) {
	for text, ids := range map[string][]int{
		"DBABM~x":      {2},
		"DBABMA~x":     {2},
		"DBACNY~x~y":   {2, 6},
		"DBACNYA~x~y":  {2, 6},
		"DBABjw~x~y":   {5, 6},
		"DBABjw~x~y==": {5, 6},
	} {
		s, err := Parse([]byte(text))
		if err != nil || s.Len() != len(ids) {
			t.Errorf("%s: %d sections, %v", text, s.Len(), err)
			continue
		}
		for i, id := range ids {
			if s.ID(i) != id {
				t.Errorf("%s: section %d is %d, want %d", text, i, s.ID(i), id)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":                     "",
		"a TCF string":              "CQif5YAQif5YAAO4-jITfd7kAAAA",
		"another type":              "CBABMA~x",
		"another version":           "DCABMA~x",
		"the header cut short":      "DBAB",
		"a section too few":         "DBACNYA~x",
		"a section too many":        "DBABMA~x~y",
		"sections without any":      "DBAA~x",
		"something behind it":       "DBABMAAAAA~x",
		"not base64":                "DB!BMA~x",
		"more than any string has":  "DBABMA~" + strings.Repeat("x", MaxText),
		"more sections than we may": "DB__" + strings.Repeat("b", 3000) + strings.Repeat("~x", 4095),
	} {
		if _, err := Parse([]byte(text)); err != ErrUnreadable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseUSRefuses(t *testing.T) {
	good := "BAAAABA"
	if _, err := ParseUS(Virginia, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		id   int
		text string
	}{
		"empty":                      {Virginia, ""},
		"cut short":                  {Virginia, good[:5]},
		"something behind it":        {Virginia, good + "AA"},
		"ones behind it":             {Virginia, "BAAAABB"},
		"another version":            {Virginia, "C" + good[1:]},
		"the third version":          {USNational, "D" + good[1:]},
		"an undefined answer":        {Virginia, "BDAAABA"},
		"a section of Europe":        {TCFEurope, good},
		"a section after the last":   {28, good},
		"Maryland with a header":     {Maryland, "YBW.BQAA.QA"},
		"sensitive data with a type": {Kentucky, "BQAA.gkkk"},
		"sensitive data twice":       {Kentucky, "BQAA.AAA.AAA"},
		"sensitive data cut short":   {Indiana, "BQAA.AA"},
		"a control in Rhode Island":  {RhodeIsland, "BQAA.YA"},
		"both modes":                 {Maryland, "BcAA"},
		"an unknown sub-section":     {Virginia, good + ".gA"},
		"two controls":               {Colorado, "BAQAAEA.QA.QA"},
		"a control that goes on":     {Colorado, "BAQAAEA.QAAA"},
		"a control that says much":   {Colorado, "BAQAAEA.fA"},
		"not base64":                 {Virginia, "B" + "!" + good[2:]},
	} {
		if _, err := ParseUS(tt.id, []byte(tt.text)); err != ErrUnreadable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	text := []byte("DBACNYA~x~1YNN")
	us := []byte("CkBFiRVgkWKE.YA")
	if n := testing.AllocsPerRun(100, func() {
		s, _ := Parse(text)
		s.Section(6)
		if _, err := ParseUS(USNational, us); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("DBACNYA~CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA~1YNN"))
	f.Add([]byte("DBABjw~x~y"))
	f.Add([]byte("DBAA"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			if s.Len() != 0 {
				t.Fatal("an unreadable string has sections")
			}
			return
		}
		last := 0
		for i := range s.Len() {
			if s.ID(i) <= last {
				t.Fatal("the sections are not in order")
			}
			last = s.ID(i)
			if _, ok := s.Section(last); !ok {
				t.Fatalf("section %d is named and not there", last)
			}
		}
	})
}

func FuzzParseUS(f *testing.F) {
	f.Add(USNational, []byte("BpVREVkJBRA.YA"))
	f.Add(USNational, []byte("CkBFiRVgkWKE.YA"))
	f.Add(Minnesota, []byte("BEQiGpVA.YA"))
	f.Add(Colorado, []byte("BAQAAEA.QA"))
	f.Add(Maryland, []byte("BVVU.YA"))
	f.Add(Kentucky, []byte("BVVV.kkk"))
	f.Fuzz(func(t *testing.T, id int, text []byte) {
		u, err := ParseUS(id, text)
		if err != nil {
			if u != (US{}) {
				t.Fatal("an unreadable section says something")
			}
			return
		}
		if !IsUS(id) || u.Version < 1 || u.Version > 2 || u.HasLocation && u.Location != u.Sensitive[u.LocationIndex] {
			t.Fatalf("section %d: %+v", id, u)
		}
		for _, answers := range [][]uint8{u.Sensitive[:], u.Child[:], {u.SaleOptOut, u.SharingOptOut, u.TargetedOptOut, u.Notice}} {
			for _, a := range answers {
				if a > No {
					t.Fatalf("an answer of %d", a)
				}
			}
		}
	})
}
