package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
)

const (
	wantDomain = "must be a bare domain in lower case such as example.com, in punycode if it is not ASCII"
	wantBundle = "must be an app bundle of 1 to 255 ASCII characters without spaces"
	wantID     = "must be an id, above 0"
)

func (c check) targeting(t *Targeting) {
	if c.count("exchanges", len(t.Exchanges), 0, MaxExchanges) {
		each(c.in("exchanges"), t.Exchanges, func(id event.ExchangeID) bool { return id > 0 }, wantID)
	}
	if c.count("sizes", len(t.Sizes), 0, MaxSizes) {
		for i, s := range t.Sizes {
			c.in("sizes").at(i).size(s)
		}
	}
	list(c.in("countries"), t.Countries, MaxCountries, isCountry, "must be an ISO 3166-1 alpha-3 code in upper case such as DEU")
	if c.count("device_types", len(t.DeviceTypes), 0, 8) {
		each(c.in("device_types"), t.DeviceTypes, func(d int) bool { return d >= 1 && d <= 8 }, "must be 1 to 8, of OpenRTB's list Device Types")
	}
	list(c.in("sites"), t.Sites, MaxSites, isDomain, wantDomain)
	list(c.in("apps"), t.Apps, MaxApps, isBundle, wantBundle)
	list(c.in("segments"), t.Segments, MaxSegments, func(id event.SegmentID) bool { return id > 0 }, wantID)
	if c.count("dayparts", len(t.Dayparts), 0, MaxDayparts) {
		for i, d := range t.Dayparts {
			c.in("dayparts").at(i).daypart(d)
		}
	}
}

func (c check) daypart(d Daypart) {
	if c.count("days", len(d.Days), 1, 7) {
		each(c.in("days"), d.Days, func(w time.Weekday) bool { return w >= time.Sunday && w <= time.Saturday }, "must be 0 (Sunday) to 6 (Saturday)")
	}
	c.want(d.From >= 0 && d.From <= 23, "from", "must be an hour, 0 to 23")
	c.want(d.To > d.From && d.To <= 24, "to", "must be an hour above from, at most 24")
}

func (c check) size(s Size) {
	c.want(s.W >= 1 && s.W <= MaxSide, "w", "must be 1 to %d", MaxSide)
	c.want(s.H >= 1 && s.H <= MaxSide, "h", "must be 1 to %d", MaxSide)
}

func list[T any](c check, l List[T], most int, ok func(T) bool, want string) {
	if c.count("include", len(l.Include), 0, most) {
		each(c.in("include"), l.Include, ok, want)
	}
	if c.count("exclude", len(l.Exclude), 0, most) {
		each(c.in("exclude"), l.Exclude, ok, want)
	}
}

// each wants ok of every value, and stops when nobody would hear of more.
func each[T any](c check, values []T, ok func(T) bool, want string) {
	for i, v := range values {
		if ok(v) {
			continue
		}
		if c.full() {
			return
		}
		c.at(i).want(false, "", "%s", want)
	}
}
