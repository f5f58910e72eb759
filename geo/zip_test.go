package geo

import (
	"os"
	"regexp"
	"testing"
)

func TestZipArea(t *testing.T) {
	for _, c := range []struct{ country, zip, want string }{
		{"USA", "94105", "94105"}, {"USA", "94105-1234", "94105"}, {"USA", " 941051234 ", "94105"},
		{"GBR", "SW1A 1AA", "SW1A"}, {"GBR", "SW1A1AA", "SW1A"}, {"GBR", "M1 1AE", "M1"}, {"GBR", "M11AE", "M1"}, {"GBR", "SW1A", "SW1A"},
		{"CAN", "K1A 0B1", "K1A"}, {"IRL", "D02 X285", "D02"}, {"NLD", "1012 AB", "1012"}, {"PRT", "1000-001", "1000"},
		{"BRA", "01310-100", "01310"}, {"SGP", "018956", "01"}, {"DEU", "10115", "10115"}, {"DEU", "", ""}, {"GBR", "", ""},
		{"GBR", "10 Downing Street SW1A 2AA", "10 Do"}, {"FRA", "75008 CEDEX 08", "75008"}, {"CZE", "110 00", "110 00"}, {"AUT", "A-1010", "A-101"},
		{"IND", "110 001", "110 001"}, {"ARG", "C1420ABC", "C1420"}, {"ARG", "c1420abc", "c1420"}, {"ARG", "1420", "1420"},
		{"JEY", "JE2 3AB", "JE2"}, {"GGY", "GY1 1WW", "GY1"}, {"IMN", "IM1 1AA", "IM1"},
		// What is not known not to be a street.
		{"MLT", "VLT 1117", "VLT"}, {"LTU", "LT-01103", "LT-0"}, {"LUX", "L-1234", "L-12"}, {"DNK", "1620", "162"}, {"POL", "00-950", "00-9"}, {"JPN", "100-0001", "100"},
		{"CYM", "KY1-1234", "KY1"}, {"ROU", "010101", "010"}, {"ISL", "101", "101"}, {"", "94105", "941"}, {"", "-", ""}, {"XXX", "1 2 3 4", "1 2 3"},
	} {
		var country [3]byte
		copy(country[:], c.country)
		if got := string(ZipArea(country, []byte(c.zip))); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.country, c.zip, got, c.want)
		}
	}
}

// The page lists the countries by what is left of their codes.
func TestTheTableOfPostalCodes(t *testing.T) {
	page, err := os.ReadFile("../docs/targeting.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]int{}
	for words, digits := range map[string]int{"the outward code": 4, "the first six": 6, "the first five": 5, "the first four": 4, "the first two": 2} {
		row := regexp.MustCompile(`(?m)^\| ` + words + `[^|]*\| (.*) \|$`).FindSubmatch(page)
		if row == nil {
			t.Fatalf("no row for %s", words)
		}
		for _, country := range regexp.MustCompile(`[A-Z]{3}`).FindAllString(string(row[1]), -1) {
			listed[country] = digits
		}
	}
	listed["ARG"] = 4 // without a letter
	for i := range 26 * 26 * 26 {
		country := [3]byte{byte('A' + i/676), byte('A' + i/26%26), byte('A' + i%26)}
		want := 3
		if n := listed[string(country[:])]; n != 0 {
			want = n
		}
		if got := len(ZipArea(country, []byte("123456789"))); got != want {
			t.Errorf("%s: %d digits are left, the page says %d", country, got, want)
		}
	}
}

// What is said of a point's accuracy is believed, but for one that comes from
// the address, and where nothing is said the point's source says it.
func TestAccuracy(t *testing.T) {
	for _, c := range []struct {
		device string
		want   int
	}{
		{`{"geo":{"lat":52.5,"lon":13.4}}`, 0},
		{`{"geo":{"lat":52.5,"lon":13.4,"accuracy":30}}`, 30},
		{`{"geo":{"lat":52.5,"lon":13.4,"type":1}}`, 0},
		{`{"geo":{"lat":52.5,"lon":13.4,"type":1,"accuracy":30}}`, 30},
		{`{"geo":{"lat":52.5,"lon":13.4,"type":2}}`, addressAccuracy},
		{`{"geo":{"lat":52.5,"lon":13.4,"type":2,"accuracy":30}}`, leastAddressAccuracy},
		{`{"geo":{"lat":52.5,"lon":13.4,"type":2,"accuracy":90000}}`, 90_000},
		{`{"geo":{"lat":52.5,"lon":13.4,"type":3}}`, typedAccuracy},
		{`{"ip":"192.0.2.1"}`, 20_000},
	} {
		var l Locator
		l.Use(testDatabase(t))
		var p Place
		if l.Locate(&p, decode(t, c.device)); !p.HasPoint || p.Accuracy != c.want {
			t.Errorf("%s: %+v, want accuracy %d", c.device, p, c.want)
		}
	}
}
