package geo

import (
	"net/netip"
	"sync/atomic"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Locator finds out where requests come from. Its database can be replaced
// while it is used. The zero value has none, as has
// a nil one.
type Locator struct{ database atomic.Pointer[Database] }

// Use takes a database; nil is none.
func (l *Locator) Use(d *Database) { l.database.Store(d) }

// Locate sets p to where the device is: what the request says, else what the
// database says of the client's address. It allocates only for records that
// the database has not read lately. p is valid until r is released.
func (l *Locator) Locate(p *Place, r *openrtb.Request) {
	p.said(&r.Device)
	if l == nil || !r.Device.HasIP {
		return
	}
	db := l.database.Load()
	if db == nil {
		return
	}
	var found Place
	if db.Lookup(&found, r.ClientIP()) {
		p.Fill(&found)
	}
}

// Country returns the country of an address (ISO 3166-1 alpha-3), zero when the
// database does not know it.
func (l *Locator) Country(a netip.Addr) [3]byte {
	var p Place
	if db := l.database.Load(); db != nil && a.IsValid() {
		db.Lookup(&p, a)
	}
	return p.Country
}

// said sets p to what a request says.
func (p *Place) said(d *openrtb.Device) {
	g := &d.Geo
	*p = Place{Country: d.Country, City: g.City, Zip: g.Zip, Metro: number(g.Metro)}
	if alpha2, ok := openrtb.CountryAlpha2(d.Country); ok && len(g.Region) > 0 {
		p.Region, _ = region(alpha2, g.Region)
	}
	if g.HasPoint && onEarth(g.Lat, g.Lon) {
		p.Lat, p.Lon, p.HasPoint, p.Accuracy = g.Lat, g.Lon, true, accuracyOf(g.Type, g.Accuracy)
	}
	if p.Country != [3]byte{} || len(p.City) > 0 || len(p.Zip) > 0 || p.Metro != 0 || p.HasPoint {
		p.Source = FromRequest
	}
}

// number reads a metro code. Some exchanges send names, which are none.
func number(text []byte) (n int) {
	if len(text) > 6 {
		return 0
	}
	for _, c := range text {
		if c-'0' > 9 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
