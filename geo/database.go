package geo

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/tangent-dsp/tangent/openrtb"
)

// cachedBits makes a database keep 2^15 decoded records, some 10 MB, at most.
// Reading a record takes a microsecond and some allocations, and traffic comes
// from few of the places that a database knows.
const cachedBits = 15

// Database finds places by address in a database of MaxMind's format, with the
// fields of GeoIP2 City (GeoLite2 and others ship the same). It is safe for
// concurrent use.
//
// It lives in memory rather than in a memory map: a file that is overwritten
// under a map kills the process, and what places point to must outlive the
// database's replacement.
type Database struct {
	reader *maxminddb.Reader
	cache  []atomic.Pointer[known] // by the record's position; one of those that share a cell wins
	zones  map[string]*time.Location
}

// known is a decoded record.
type known struct {
	offset uintptr
	place  Place
}

// record is what is read of a record.
type record struct {
	Country struct {
		ISOCode string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	Subdivisions []struct {
		ISOCode string `maxminddb:"iso_code"`
	} `maxminddb:"subdivisions"`
	City struct {
		Names struct {
			English string `maxminddb:"en"`
		} `maxminddb:"names"`
	} `maxminddb:"city"`
	Postal struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"postal"`
	Location struct {
		Latitude  float64 `maxminddb:"latitude"`
		Longitude float64 `maxminddb:"longitude"`
		Radius    uint16  `maxminddb:"accuracy_radius"` // km
		Metro     uint16  `maxminddb:"metro_code"`
		TimeZone  string  `maxminddb:"time_zone"`
	} `maxminddb:"location"`
}

// NewDatabase reads a database. It keeps the bytes.
func NewDatabase(file []byte) (*Database, error) {
	if len(file) == 0 {
		return nil, errors.New("cannot read the geo database: it is empty")
	}
	r, err := maxminddb.OpenBytes(file)
	if err != nil {
		return nil, fmt.Errorf("cannot read the geo database: %w", err)
	}
	return &Database{reader: r, cache: make([]atomic.Pointer[known], 1<<cachedBits), zones: zonesOf(r)}, nil
}

// Type is what the database calls itself: "GeoLite2-City".
func (d *Database) Type() string { return d.reader.Metadata.DatabaseType }

// Lookup sets p to where an address is, or says that it does not know and
// leaves p alone. It allocates only for records that are not in its cache.
func (d *Database) Lookup(p *Place, address netip.Addr) bool {
	if d == nil || !address.IsValid() {
		return false
	}
	found := d.reader.Lookup(address.Unmap())
	if !found.Found() { // also when the lookup failed
		return false
	}
	offset := found.Offset()
	cell := d.cell(offset)
	k := cell.Load()
	if k == nil || k.offset != offset {
		var rec record
		if found.Decode(&rec) != nil {
			return false
		}
		k = &known{offset, rec.place()}
		k.place.Zone = d.zones[rec.Location.TimeZone]
		cell.Store(k)
	}
	*p = k.place
	return p.Source != Unknown
}

// cell is where a record is cached. Positions lie close together: the
// multiplication spreads them.
func (d *Database) cell(offset uintptr) *atomic.Pointer[known] {
	return &d.cache[uint64(offset)*0x9E3779B97F4A7C15>>(64-cachedBits)]
}

func (r *record) place() (p Place) {
	var ok bool
	if p.Country, ok = openrtb.CountryCode([]byte(r.Country.ISOCode)); !ok {
		return Place{}
	}
	p.Source, p.AddressCountry = FromDatabase, p.Country
	if alpha2, ok := openrtb.CountryAlpha2(p.Country); ok && len(r.Subdivisions) > 0 {
		p.Region, _ = region(alpha2, r.Subdivisions[0].ISOCode)
	}
	p.City, p.Zip, p.Metro = []byte(r.City.Names.English), []byte(r.Postal.Code), int(r.Location.Metro)
	if l := r.Location; onEarth(l.Latitude, l.Longitude) {
		p.Lat, p.Lon, p.HasPoint, p.Accuracy = l.Latitude, l.Longitude, true, accuracyOf(2, int(l.Radius)*1000)
	}
	return p
}

// Fill adds to p what it does not know and from does, from the country down as
// long as both agree: the database's city is of no use where the exchange says
// another region.
func (p *Place) Fill(from *Place) {
	if from.Source == Unknown {
		return
	}
	p.AddressCountry = from.AddressCountry
	if p.Source == Unknown {
		*p = *from
		return
	}
	added := false
	if p.Country == [3]byte{} {
		p.Country, added = from.Country, true
	}
	if p.Country != from.Country {
		return
	}
	if p.Region == [6]byte{} && from.Region != [6]byte{} && len(p.City) == 0 && len(p.Zip) == 0 && !p.HasPoint {
		p.Region, added = from.Region, true
	}
	if p.Region == from.Region {
		if len(p.City) == 0 && len(p.Zip) == 0 && !p.HasPoint {
			p.City, p.Zip = from.City, from.Zip
			p.Lat, p.Lon, p.HasPoint, p.Accuracy = from.Lat, from.Lon, from.HasPoint, from.Accuracy
			added = true
		}
		if p.Metro == 0 {
			p.Metro = from.Metro
		}
		p.Zone = from.Zone
	}
	if added {
		p.Source = FromBoth
	}
}
