package geo

import (
	"net/netip"
	"testing"

	"github.com/tangent-dsp/tangent/geo/geotest"
)

func testDatabase(t testing.TB) *Database {
	t.Helper()
	d, err := NewDatabase(geotest.Database(map[string]geotest.City{
		"192.0.2.0/24":    {Country: "DE", Region: "BE", City: "Berlin", Zip: "10115", Lat: 52.53, Lon: 13.38, Kilometres: 20},
		"198.51.100.0/25": {Country: "US", Region: "CA", City: "San Francisco", Zip: "94105", Metro: 807, Lat: 37.79, Lon: -122.39, Kilometres: 5, Zone: "America/Los_Angeles"},
		"198.18.0.0/16":   {Country: "US", Zone: "America/Nowhere"},
		"2001:db8::/32":   {Country: "FR"},
		"203.0.113.0/24":  {Country: "??"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDatabaseFindsAddresses(t *testing.T) {
	d := testDatabase(t)
	if err := d.reader.Verify(); err != nil {
		t.Fatalf("our writer writes what is no database: %v", err)
	}
	if d.Type() != "Test-City" {
		t.Errorf("type %q", d.Type())
	}
	for range 2 { // from the database, and from its cache
		for _, c := range []struct {
			address, country, region, city string
			found                          bool
		}{
			{"192.0.2.7", "DEU", "DE-BE", "Berlin", true},
			{"::ffff:192.0.2.7", "DEU", "DE-BE", "Berlin", true},
			{"198.51.100.127", "USA", "US-CA", "San Francisco", true},
			{"198.51.100.128", "", "", "", false},
			{"2001:db8:1::1", "FRA", "", "", true},
			{"2001:db9::1", "", "", "", false},
			{"203.0.113.1", "", "", "", false},
		} {
			var p Place
			if ok := d.Lookup(&p, netip.MustParseAddr(c.address)); ok != c.found {
				t.Errorf("%s: found %v", c.address, ok)
			} else if ok && (text(p.Country[:]) != c.country || text(p.Region[:]) != c.region || string(p.City) != c.city || p.AddressCountry != p.Country) {
				t.Errorf("%s: %+v", c.address, p)
			}
		}
	}
	var p Place
	d.Lookup(&p, netip.MustParseAddr("198.51.100.1"))
	if !p.HasPoint || p.Lat != 37.79 || p.Lon != -122.39 || p.Accuracy != 5000 || p.Metro != 807 || string(p.Zip) != "94105" {
		t.Errorf("%+v", p)
	}
	if p.Zone == nil || p.Zone.String() != "America/Los_Angeles" {
		t.Errorf("the zone is %v", p.Zone)
	}
	if d.Lookup(&p, netip.MustParseAddr("198.18.0.1")); p.Zone != nil {
		t.Errorf("a zone that there is not is %v", p.Zone)
	}
	if d.Lookup(&p, netip.Addr{}) || (*Database)(nil).Lookup(&p, netip.MustParseAddr("192.0.2.1")) {
		t.Error("no address, or no database, finds something")
	}
}

func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

func TestWhatIsNoDatabase(t *testing.T) {
	whole := geotest.Database(map[string]geotest.City{"192.0.2.0/24": {Country: "DE"}})
	for _, b := range [][]byte{nil, []byte("text"), whole[:len(whole)-20]} {
		if _, err := NewDatabase(b); err == nil {
			t.Errorf("%d bytes are taken", len(b))
		}
	}
}

func FuzzDatabase(f *testing.F) {
	f.Add(geotest.Database(map[string]geotest.City{"192.0.2.0/24": {Country: "DE", City: "Berlin"}}), []byte{192, 0, 2, 1})
	f.Fuzz(func(t *testing.T, file, address []byte) {
		a, ok := netip.AddrFromSlice(address)
		if !ok {
			return
		}
		d, err := NewDatabase(file)
		if err != nil {
			return
		}
		var p Place
		if d.Lookup(&p, a) && p.HasPoint && !onEarth(p.Lat, p.Lon) {
			t.Fatalf("%+v", p)
		}
	})
}

func TestLookupAllocatesNothing(t *testing.T) {
	d, a := testDatabase(t), netip.MustParseAddr("192.0.2.1")
	var p Place
	if n := testing.AllocsPerRun(100, func() { d.Lookup(&p, a); p.Coarsen(CoarseDegrees) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkLookupUncached reads every record anew, as traffic from ever new
// places would.
func BenchmarkLookupUncached(b *testing.B) {
	d := testDatabase(b)
	a := netip.MustParseAddr("198.51.100.1")
	cell := d.cell(d.reader.Lookup(a).Offset())
	var p Place
	b.ReportAllocs()
	for b.Loop() {
		cell.Store(nil)
		d.Lookup(&p, a)
	}
}
