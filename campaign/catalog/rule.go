package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// rule is one thing that a line item's targeting asks for, beyond what rules
// has fields for. Few line items have many.
type rule interface {
	// holds says whether the query is as the rule wants. It does not allocate.
	holds(q *Query) bool
	// why is what a line item says when it is not.
	why() openrtb.Reason
}

// facetIn wants one of the facet's values to be in the set.
type facetIn struct {
	facet facet
	set   values
}

func (r *facetIn) holds(q *Query) bool {
	return r.set.hasAny(q.of(r.facet))
}

func (r *facetIn) why() openrtb.Reason { return reasonOf[r.facet] }

// facetNotIn wants none of the facet's values to be in the set.
type facetNotIn facetIn

func (r *facetNotIn) holds(q *Query) bool {
	return !r.set.hasAny(q.of(r.facet))
}

func (r *facetNotIn) why() openrtb.Reason { return reasonOf[r.facet] }

// softwareRule wants the device to run one of the versions that it takes,
// and none of those that it leaves.
type softwareRule struct {
	facet      facet // facetOS or facetBrowser
	take, skip []softwareRange
}

type softwareRange struct {
	name        uint64
	least, most openrtb.Version
	versioned   bool // not every version, so an unknown one is not in the range
}

func (r *softwareRule) holds(q *Query) bool {
	name, version := uint64(0), openrtb.Version(0)
	if s := q.runs(); r.facet == facetOS {
		name, version = uint64(s.OS), s.OSVersion
	} else {
		name, version = uint64(s.Browser), s.BrowserVersion
	}
	return (len(r.take) == 0 || inRanges(r.take, name, version)) && !inRanges(r.skip, name, version)
}

func inRanges(all []softwareRange, name uint64, v openrtb.Version) bool {
	for i := range all {
		if r := &all[i]; r.name == name && (!r.versioned || v != 0 && v >= r.least && v <= r.most) {
			return true
		}
	}
	return false
}

func (r *softwareRule) why() openrtb.Reason { return openrtb.WrongDevice }

// areaRule is about circles around points. Who may be outside of a circle by
// the point's accuracy is not in it, and who may be inside of one that is
// excluded is: on doubt nothing is spent.
type areaRule struct{ take, skip *geo.Circles }

func (r *areaRule) holds(q *Query) bool {
	p := q.place
	if p == nil || !p.HasPoint {
		return r.take == nil
	}
	return (r.take == nil || r.take.Contains(p.Lat, p.Lon, float64(p.Accuracy))) &&
		(r.skip == nil || !r.skip.MayContain(p.Lat, p.Lon, float64(p.Accuracy)))
}

func (r *areaRule) why() openrtb.Reason { return openrtb.WrongPlace }

// addressRule is about ranges of addresses. Of an address of which only the
// network is known, a range is wanted that has the whole network, and none of
// those that are excluded may have a part of it: on doubt nothing is spent. Of
// two addresses either may be in a range that is included or excluded.
type addressRule struct{ take, skip *geo.Ranges }

func (r *addressRule) holds(q *Query) bool {
	taken := r.take == nil
	for _, p := range q.Addresses {
		if r.skip.Overlaps(p) {
			return false
		}
		taken = taken || r.take.Covers(p)
	}
	return taken
}

func (r *addressRule) why() openrtb.Reason { return openrtb.WrongNetwork }

// authorisedRule wants an authorised seller.
type authorisedRule struct{}

func (authorisedRule) holds(q *Query) bool { return q.Authorised }
func (authorisedRule) why() openrtb.Reason { return openrtb.NotAuthorised }

// lengthRule is about the content's length in seconds.
type lengthRule struct{ campaign.Range }

func (r *lengthRule) holds(q *Query) bool {
	p := q.publication()
	return p != nil && p.Content != nil && p.Content.Length > 0 && r.Contains(p.Content.Length)
}

func (r *lengthRule) why() openrtb.Reason { return openrtb.WrongContent }

// viewabilityRule wants a predicted viewability, in percent.
type viewabilityRule struct{ least float64 }

func (r *viewabilityRule) holds(q *Query) bool {
	return q.imp != nil && q.imp.Viewability >= r.least/100 // 0.58*100 is less than 58
}

func (r *viewabilityRule) why() openrtb.Reason { return openrtb.WrongPlacement }

// sizeRule is about the size of the banner that a bid is for, or those that
// the imp takes while none is chosen: it is a modifier's.
type sizeRule struct{ take, skip []openrtb.Size }

func (r *sizeRule) holds(q *Query) bool {
	if q.Size != (openrtb.Size{}) {
		return (len(r.take) == 0 || slices.Contains(r.take, q.Size)) && !slices.Contains(r.skip, q.Size)
	}
	return (len(r.take) == 0 || sizesMeet(r.take, q.Sizes)) && !sizesMeet(r.skip, q.Sizes)
}

func sizesMeet(a, b []openrtb.Size) bool {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				return true
			}
		}
	}
	return false
}

func (r *sizeRule) why() openrtb.Reason { return openrtb.WrongSize }

// ageRule is about the user's age.
type ageRule struct{ campaign.Range }

func (r *ageRule) holds(q *Query) bool { return q.Age > 0 && r.Contains(q.Age) }
func (r *ageRule) why() openrtb.Reason { return openrtb.WrongDemographics }

// hoursRule is about the hour of the week where the user is.
type hoursRule struct{ hours *weekHours }

func (r *hoursRule) holds(q *Query) bool {
	h, known := q.userHour()
	return known && r.hours.has(h)
}

func (r *hoursRule) why() openrtb.Reason { return openrtb.OutsideDaypart }

// recencyRule is about what the user did lately.
type recencyRule struct{ take, skip []campaign.Recency }

func (r *recencyRule) holds(q *Query, o campaign.Owners) bool {
	return (len(r.take) == 0 || did(r.take, q, o)) && !did(r.skip, q, o)
}

func did(some []campaign.Recency, q *Query, o campaign.Owners) bool {
	for i := range some {
		if some[i].Holds(q.Exposures, q.Now, o) {
			return true
		}
	}
	return false
}
