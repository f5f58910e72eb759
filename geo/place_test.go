package geo

import (
	"math"
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestParseRegion(t *testing.T) {
	for _, c := range []struct {
		text, want string
	}{
		{"US-CA", "US-CA"}, {"us-ca", "US-CA"}, {"GB-ENG", "GB-ENG"}, {"FR-2A", "FR-2A"}, {"AT-9", "AT-9"},
		{"", ""}, {"US", ""}, {"US-", ""}, {"US-CALI", ""}, {"U1-CA", ""}, {"USA-CA", ""}, {"US-C ", ""},
	} {
		code, ok := ParseRegion(c.text)
		if got := text(code[:]); got != c.want || ok != (c.want != "") {
			t.Errorf("%q: %q, %v", c.text, got, ok)
		}
	}
}

func TestRegionOfACountry(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"CA", "US-CA"}, {"ca", "US-CA"}, {"US-CA", "US-CA"}, {"DE-BE", ""}, {"", ""}, {"California", ""},
	} {
		code, _ := region([2]byte{'U', 'S'}, c.text)
		if got := text(code[:]); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// Whatever two people's places are, if they are in one cell they come out the
// same, and nobody comes out farther away than the accuracy says.
func TestCoarsenHidesWhereInTheCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		degrees := rapid.SampledFrom([]float64{0.01, 0.1, 1}).Draw(t, "degrees")
		lat, lon := rapid.Float64Range(-90, 90).Draw(t, "lat"), rapid.Float64Range(-180, 180).Draw(t, "lon")
		p := Place{Lat: lat, Lon: lon, HasPoint: true}
		p.Coarsen(degrees)
		if d := Distance(lat, lon, p.Lat, p.Lon); d > float64(p.Accuracy) {
			t.Fatalf("%v, %v moved by %.0f m, accuracy %d", lat, lon, d, p.Accuracy)
		}
		again := p
		if again.Coarsen(degrees); math.Abs(again.Lat-p.Lat) > 1e-9 || math.Abs(again.Lon-p.Lon) > 1e-9 {
			t.Fatalf("%v is not the middle of its cell", p)
		}
		if !onEarth(p.Lat, p.Lon) {
			t.Fatalf("%v is nowhere", p)
		}
	})
	none := Place{Accuracy: 7}
	if none.Coarsen(0.1); none.Accuracy != 7 || none.HasPoint {
		t.Errorf("%+v", none)
	}
}

// A postal code may be a street, with or without a point.
func TestCoarsenLeavesOfAPostalCodeItsArea(t *testing.T) {
	for _, p := range []Place{
		{Country: [3]byte{'G', 'B', 'R'}, Zip: []byte("SW1A 1AA")},
		{Country: [3]byte{'G', 'B', 'R'}, Zip: []byte("SW1A 1AA"), Lat: 51.5, Lon: -0.1, HasPoint: true},
	} {
		if p.Coarsen(CoarseDegrees); string(p.Zip) != "SW1A" {
			t.Errorf("point %v: %q is left", p.HasPoint, p.Zip)
		}
	}
}

func TestNetworkOf(t *testing.T) {
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.0/24", "::ffff:192.0.2.7": "192.0.2.0/24", "2001:db8:1:2::3": "2001:db8:1::/48",
	} {
		if got := NetworkOf(netip.MustParseAddr(address)); got.String() != want {
			t.Errorf("%s: %v, want %s", address, got, want)
		}
	}
	if p := NetworkOf(netip.Addr{}); p.IsValid() {
		t.Errorf("no address is in %v", p)
	}
}
