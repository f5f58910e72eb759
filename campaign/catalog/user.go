package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
)

// inSegments says whether an expression holds for the user. Its depth and
// size are bounded by validation.
func (q *Query) inSegments(r *campaign.SegmentRule) bool {
	switch {
	case r.Segment != 0:
		at, in := slices.BinarySearch(q.Segments, r.Segment)
		if !in || r.WithinHours == 0 {
			return in
		}
		since := int64(0)
		if at < len(q.Since) {
			since = int64(q.Since[at])
		}
		return since != 0 && q.Now.Unix()-since < int64(r.WithinHours)*secondsPerHour
	case r.Not != nil:
		return !q.inSegments(r.Not)
	case len(r.All) > 0:
		for i := range r.All {
			if !q.inSegments(&r.All[i]) {
				return false
			}
		}
		return true
	}
	for i := range r.Any {
		if q.inSegments(&r.Any[i]) {
			return true
		}
	}
	return false
}

// userClock is the hour of the week where the user is, once somebody asked.
type userClock struct {
	hour  uint
	has   bool
	known bool
}

// userHour returns the hour of the week where the user is, counted from
// Sunday midnight: by the offset that the request gives, else by the zone that
// the database of places gives, else by that of a country that has one.
func (q *Query) userHour() (hour uint, has bool) {
	c := &q.known().clock
	if !c.known {
		c.known, c.has = true, false
		if r := q.request; r != nil && r.Device.HasUTCOffset {
			c.hour, c.has = hourOfWeek(q.Now.Unix()+int64(r.Device.UTCOffset)*60), true
		} else if q.place != nil && q.place.Zone != nil {
			_, offset := q.Now.In(q.place.Zone).Zone()
			c.hour, c.has = hourOfWeek(q.Now.Unix()+int64(offset)), true
		} else if z := zoneOf(q.Country); z != nil {
			c.hour, c.has = z.hourOfWeek(q.Now.Unix()), true
		}
	}
	return c.hour, c.has
}
