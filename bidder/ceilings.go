package bidder

import (
	"sync/atomic"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/pacing"
)

// ceilings keeps what walks pass line items over by, for the catalog and the
// line items that pacing has at the moment. Making it takes milliseconds where
// there are many, so requests do not wait for it: they look at each.
type ceilings struct {
	current atomic.Pointer[ceilingsOf]
	making  atomic.Bool
}

type ceilingsOf struct {
	*catalog.Ceilings
	places *pacing.Multipliers // any set that has them
}

// of returns the ceilings of a snapshot, or nil while there are none.
func (c *ceilings) of(s *catalog.Snapshot, m *pacing.Multipliers) *catalog.Ceilings {
	if k := c.current.Load(); k != nil && k.Are(s) && m.SamePlaces(k.places) {
		return k.Ceilings
	}
	if c.making.CompareAndSwap(false, true) {
		go func() {
			defer c.making.Store(false)
			c.make(s, m)
		}()
	}
	return nil
}

func (c *ceilings) make(s *catalog.Snapshot, m *pacing.Multipliers) {
	c.current.Store(&ceilingsOf{s.Ceilings(m.Place), m})
}
