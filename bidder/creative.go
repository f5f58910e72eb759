package bidder

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// fitting collects the creatives of a line item that may fill an imp in
// a.fits. Without any it says why the one that came furthest may not.
func (a *auction) fitting(li *catalog.LineItem, imp *openrtb.Imp, index int) openrtb.Reason {
	clear(a.fits)
	a.fits = a.fits[:0]
	why := openrtb.WrongSize
	for i := range li.Creatives {
		c := &li.Creatives[i]
		r := c.Check(&a.query, imp, a.req)
		switch {
		case r != openrtb.None:
		case a.repeats(c, index):
			r = openrtb.Repeated
		case !a.rest.has(imp, c):
			r = openrtb.WrongDuration
		}
		if r == openrtb.None {
			a.fits = append(a.fits, c)
		} else if rank(r) > rank(why) {
			why = r
		}
	}
	if len(a.fits) > 0 {
		return openrtb.None
	}
	return why
}

// choose returns the creative for a way, of those that fit the imp and that
// what the impression is worth pays for: the one with the highest lot in the
// line item's rotation.
func (a *auction) choose(w *way, li *catalog.LineItem, imp *openrtb.Imp, worth money.Nanos) (best *catalog.Creative, why openrtb.Reason) {
	var top float64
	why = openrtb.BelowFloor
	for _, c := range a.fits {
		floor, ok := a.floorFor(w, imp, c)
		switch {
		case !ok:
			why = openrtb.FloorCurrencyUnknown
			continue
		case worth < floor:
			continue
		case w.deal != nil && !domainsAllowed(c, w.deal.AllowedDomains):
			why = openrtb.DealDomain
			continue
		}
		if lot := a.snap.Draw(li, c, a.seed); best == nil || lot > top {
			best, top = c, lot
		}
	}
	return best, why
}

// domainsAllowed goes by a deal's wadomain: when it is given, it lists each
// domain of the creative, or one above it.
func domainsAllowed(c *catalog.Creative, allowed [][]byte) bool {
	if len(allowed) == 0 {
		return true
	}
	for _, d := range c.Domains {
		if !slices.ContainsFunc(allowed, func(above []byte) bool { return catalog.Within(d, above) }) {
			return false
		}
	}
	return len(c.Domains) > 0
}
