package bidder

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/openrtb"
)

// consider checks and prices a line item for an imp: in each format that the
// imp takes, and where its value depends on the size, in each size of its
// banners. It says why it does not bid, and whether it was priced. again: an
// earlier walk came to it. What it is worth most in is left as it was priced.
func (a *auction) consider(l looking, li *catalog.LineItem, imp *openrtb.Imp, again bool) (why openrtb.Reason, priced bool) {
	var value float64
	var view, tried int
	var size openrtb.Size
	why = nothingYet
	for v := range a.query.Views() {
		r := a.admits(li, v, l.imp, l.again)
		if r != openrtb.None {
			why = further(why, r)
			continue
		}
		a.alike = append(a.alike[:0], a.fits...)
		for i, c := range a.alike {
			if i > 0 && (!li.BySize || slices.ContainsFunc(a.alike[:i], func(b *catalog.Creative) bool { return b.Size() == c.Size() })) {
				continue
			}
			if li.BySize {
				a.onlySize(c.Size())
			}
			why = further(why, a.score(l, li, imp))
			if tried++; tried == 1 || a.value > value {
				value, view, size = a.value, v, c.Size()
			}
		}
	}
	if tried == 0 {
		return why, false
	}
	if tried > 1 || a.query.Views() > 1 {
		a.admits(li, view, l.imp, l.again)
		if a.value = value; li.BySize {
			a.alike = append(a.alike[:0], a.fits...)
			a.onlySize(size)
		}
	}
	if !a.free && !again { // nobody can buy it, or it was counted
		a.b.Counters.Of(li.ID).Opportunity(min(value, float64(li.MaxBid)) * a.quantity.Float())
	}
	return why, true
}

// further returns None if either is, else the reason of who came further.
func further(a, b openrtb.Reason) openrtb.Reason {
	if a == openrtb.None || b != openrtb.None && rank(a) >= rank(b) {
		return a
	}
	return b
}

// onlySize leaves in a.fits what of a.alike is of a size.
func (a *auction) onlySize(s openrtb.Size) {
	a.query.Size, a.fits = s, a.fits[:0]
	for _, c := range a.alike {
		if c.Size() == s {
			a.fits = append(a.fits, c)
		}
	}
}

// admits turns the query to one of an imp's formats, and says why a line item
// may not bid in it whatever it offers. Else its creatives are in a.fits.
func (a *auction) admits(li *catalog.LineItem, view, imp int, again bool) openrtb.Reason {
	as := a.query.Look(view)
	why := li.Check(&a.query)
	if why == openrtb.None && !seatTaken(a.ex.SeatOf(li.Advertiser), a.req.AllowedSeats, a.req.BlockedSeats) {
		why = openrtb.SeatBlocked
	}
	if why == openrtb.None {
		why = a.besides(li, imp, again)
	}
	if why == openrtb.None {
		why = a.fitting(li, as, imp)
	}
	return why
}

// nothingYet comes before every reason that a line item may have.
const nothingYet = openrtb.None + 1
