package geo

import (
	"testing"

	"github.com/tangent-dsp/tangent/openrtb"
)

func decode(t testing.TB, device string) *openrtb.Request {
	t.Helper()
	r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(`{"id":"1","imp":[{"id":"1","banner":{"w":300,"h":250}}],"site":{"domain":"example.com"},"device":` + device + `}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Release)
	return r
}

func TestTheRequestSaysAndTheDatabaseAdds(t *testing.T) {
	var l Locator
	l.Use(testDatabase(t))
	for _, c := range []struct {
		name, device                       string
		country, region, city, fromAddress string
		point                              bool
		source                             Source
	}{
		{"nothing", `{}`, "", "", "", "", false, Unknown},
		{"an address only", `{"ip":"192.0.2.1"}`, "DEU", "DE-BE", "Berlin", "DEU", true, FromDatabase},
		{"the country", `{"ip":"192.0.2.1","geo":{"country":"DEU"}}`, "DEU", "DE-BE", "Berlin", "DEU", true, FromBoth},
		{"all", `{"ip":"192.0.2.1","geo":{"country":"DEU","region":"BE","city":"Berlin","lat":52.5,"lon":13.4}}`, "DEU", "DE-BE", "Berlin", "DEU", true, FromRequest},
		{"another region", `{"ip":"192.0.2.1","geo":{"country":"DEU","region":"BY"}}`, "DEU", "DE-BY", "", "DEU", false, FromRequest},
		{"another country", `{"ip":"192.0.2.1","geo":{"country":"USA"}}`, "USA", "", "", "DEU", false, FromRequest},
		{"an address that nobody knows", `{"ip":"203.0.113.1","geo":{"country":"USA","region":"US-CA"}}`, "USA", "US-CA", "", "", false, FromRequest},
		{"null island", `{"geo":{"country":"USA","lat":0,"lon":0}}`, "USA", "", "", "", false, FromRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Place
			l.Locate(&p, decode(t, c.device))
			if text(p.Country[:]) != c.country || text(p.Region[:]) != c.region || string(p.City) != c.city ||
				text(p.AddressCountry[:]) != c.fromAddress || p.HasPoint != c.point || p.Source != c.source {
				t.Errorf("%+v", p)
			}
		})
	}
	l.Use(nil)
	var p Place
	l.Locate(&p, decode(t, `{"ip":"192.0.2.1","geo":{"metro":"501","zip":"10115"}}`))
	if p.Metro != 501 || string(p.Zip) != "10115" || p.Source != FromRequest {
		t.Errorf("without a database: %+v", p)
	}
}

func TestLocateAllocatesNothing(t *testing.T) {
	var l Locator
	l.Use(testDatabase(t))
	r := decode(t, `{"ip":"192.0.2.1","geo":{"country":"DEU","region":"BE"}}`)
	var p Place
	if n := testing.AllocsPerRun(100, func() { l.Locate(&p, r); p.Coarsen(CoarseDegrees) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLocate(b *testing.B) {
	var l Locator
	l.Use(testDatabase(b))
	r := decode(b, `{"ip":"198.51.100.1","geo":{"country":"USA","region":"CA"}}`)
	var p Place
	b.ReportAllocs()
	for b.Loop() {
		l.Locate(&p, r)
	}
}
