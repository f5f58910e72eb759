package catalog

import "github.com/tangent-dsp/tangent/openrtb"

// An imp that takes several formats says other things of each: the banner may
// be above the fold and the video below it. A bid is for one of them, so what
// decides on it are the facts of that one. A walk is for all of them.

// maxViews is how many formats an imp may take.
const maxViews = 4

// views are an imp as it is for each of its formats alone.
type views struct {
	imps [maxViews]openrtb.Imp
	n    int
	all  *openrtb.Imp
	at   int // that the query is turned to, from 1; 0 is the imp with all its formats
}

// see takes the imp apart where it has several formats.
func (v *views) see(imp *openrtb.Imp) {
	clear(v.imps[:v.n])
	v.n, v.at, v.all = 0, 0, imp
	has := [maxViews]bool{imp.Banner != nil, imp.Video != nil, imp.Native != nil, imp.Audio != nil}
	formats := 0
	for _, is := range has {
		if is {
			formats++
		}
	}
	if formats < 2 {
		return
	}
	for f, is := range has {
		if !is {
			continue
		}
		x := &v.imps[v.n]
		*x = *imp
		v.n++
		if f != 0 {
			x.Banner = nil
		}
		if f != 1 {
			x.Video = nil
		}
		if f != 2 {
			x.Native = nil
		}
		if f != 3 {
			x.Audio = nil
		}
	}
}

// Views returns how many formats the imp takes, at least 1: bids are for one.
func (q *Query) Views() int { return max(1, q.known().views.n) }

// Look turns the query to one of the imp's formats, and returns the imp as it
// is for that alone: what LineItem.Check, Creative.Check and LineItem.Factor
// say is of bids in that format. What it returns is valid until ForImp.
func (q *Query) Look(view int) *openrtb.Imp {
	v := &q.known().views
	q.Size = openrtb.Size{}
	if v.n > 0 && v.at != view+1 {
		v.at = view + 1
		q.imp = &v.imps[view]
		q.Sizes, q.Formats = formatsOf(q.imp)
	}
	return q.imp
}

// whole turns the query back to the imp with all its formats.
func (q *Query) whole() {
	if v := &q.known().views; v.at > 0 {
		v.at = 0
		q.imp = v.all
		q.Sizes, q.Formats = formatsOf(q.imp)
	}
}
