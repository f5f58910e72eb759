package pacing

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
)

// Hours is a set of hours of the week: bit h of Hours[d] is the hour from h
// to h+1 of weekday d (0 is Sunday). The zero value is every hour.
type Hours [7]uint32

const wholeDay = 1<<24 - 1

// HoursOf returns the hours of the dayparts; of none, every hour.
func HoursOf(parts []campaign.Daypart) (h Hours) {
	for _, p := range parts {
		for _, d := range p.Days {
			h = h.With(d, p.From, p.To)
		}
	}
	return h
}

// With returns the set with the hours from (included) to to (not included)
// of a day added. 0 <= from < to <= 24.
func (h Hours) With(day time.Weekday, from, to int) Hours {
	h[day] |= (1<<to - 1) &^ (1<<from - 1)
	return h
}

// Always says whether every hour is in the set.
func (h Hours) Always() bool {
	if h == (Hours{}) {
		return true
	}
	for _, d := range h {
		if d != wholeDay {
			return false
		}
	}
	return true
}

// Has says whether the hour that local shows is in the set.
func (h Hours) Has(local time.Time) bool {
	return h == (Hours{}) || h[local.Weekday()]>>local.Hour()&1 == 1
}

// Union returns the hours that are in either set.
func (h Hours) Union(o Hours) Hours {
	if h.Always() || o.Always() {
		return Hours{}
	}
	for d := range h {
		h[d] |= o[d]
	}
	return h
}
