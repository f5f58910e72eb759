package geo

import "testing"

func TestZipArea(t *testing.T) {
	for _, c := range []struct{ country, zip, want string }{
		{"USA", "94105", "94105"}, {"USA", "94105-1234", "94105"}, {"USA", " 941051234 ", "94105"},
		{"GBR", "SW1A 1AA", "SW1A"}, {"GBR", "SW1A1AA", "SW1A"}, {"GBR", "M1 1AE", "M1"}, {"GBR", "M11AE", "M1"}, {"GBR", "SW1A", "SW1A"},
		{"CAN", "K1A 0B1", "K1A"}, {"IRL", "D02 X285", "D02"}, {"NLD", "1012 AB", "1012"}, {"PRT", "1000-001", "1000"},
		{"BRA", "01310-100", "01310"}, {"SGP", "018956", "01"}, {"DEU", "10115", "10115"}, {"DEU", "", ""}, {"GBR", "", ""}, {"", "94105", "94105"},
	} {
		var country [3]byte
		copy(country[:], c.country)
		if got := string(ZipArea(country, []byte(c.zip))); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.country, c.zip, got, c.want)
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
