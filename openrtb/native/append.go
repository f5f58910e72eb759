package native

import (
	"strconv"

	"github.com/tangent-dsp/tangent/openrtb"
)

// Form is how an exchange wants native markup.
type Form struct {
	Object bool // as JSON in adm, not as a string that holds JSON
	Wrap   bool // in {"native":...} even if the request was not
}

// Append appends the value of adm: a string, or an object. Of b it reads the
// id and the URLs. It does not allocate when dst has room.
func (c *Creative) Append(dst []byte, b *openrtb.Bid, r *openrtb.Native, m *Match, f Form) []byte {
	wrap := f.Wrap || r.Wrapped
	if !f.Object {
		dst = append(dst, '"')
	}
	if wrap {
		dst = f.text(dst, `{"native":`)
	}
	dst = f.text(dst, `{"ver":"`)
	dst = append(dst, version(r)...)
	dst = f.text(dst, `","assets":[`)
	first := true
	for i := range min(len(r.Assets), MaxAssets) {
		if m.parts[i] == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = f.text(dst, `{"id":`)
		dst = strconv.AppendInt(dst, int64(r.Assets[i].ID), 10)
		dst = c.append(dst, c.parts[m.parts[i]-1].json, b, f)
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	if c.link == none {
		dst = common().append(dst, commonLink, b, f)
	} else {
		dst = c.append(dst, c.link, b, f)
	}
	dst = c.appendTrackers(dst, b, r, f)
	if r.Privacy && c.privacy != none {
		dst = c.append(dst, c.privacy, b, f)
	}
	dst = append(dst, '}')
	if wrap {
		dst = append(dst, '}')
	}
	if !f.Object {
		dst = append(dst, '"')
	}
	return dst
}

// appendTrackers appends what counts: event trackers where the request lists
// them, else the image URLs that 1.0 and 1.1 have.
func (c *Creative) appendTrackers(dst []byte, b *openrtb.Bid, r *openrtb.Native, f Form) []byte {
	events := len(r.EventTrackers) > 0
	if events {
		dst = f.text(dst, `,"eventtrackers":[`)
		dst = common().append(dst, commonPixel, b, f)
	} else {
		dst = f.text(dst, `,"imptrackers":[`)
		dst = common().append(dst, commonImage, b, f)
	}
	for i := range c.trackers {
		t := &c.trackers[i]
		if !r.SupportsTracker(t.event, t.method) {
			continue
		}
		dst = append(dst, ',')
		if events {
			dst = c.append(dst, t.object, b, f)
		} else {
			dst = c.append(dst, t.url, b, f)
		}
	}
	return append(dst, ']')
}

// text appends JSON of our own, in which only quotes need escaping.
func (f Form) text(dst []byte, s string) []byte {
	if f.Object {
		return append(dst, s...)
	}
	for i := range len(s) {
		if s[i] == '"' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return dst
}

// version is the request's, as far as we know it.
func version(r *openrtb.Native) string {
	switch string(r.Version) {
	case "1", "1.0", "1.0.0":
		return "1.0"
	case "1.1":
		return "1.1"
	}
	return "1.2"
}
