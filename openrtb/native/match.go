package native

import (
	"bytes"

	"github.com/tangent-dsp/tangent/openrtb"
)

// MaxAssets is how many assets of a request are looked at. Requests have ten
// at most; what is beyond must not be required.
const MaxAssets = 32

// Match says which part serves which asset of a request. It is only good for
// the creative and the request that it was made of.
type Match struct {
	parts [MaxAssets]uint8 // index of the part and one; 0 for none
}

// The impression event and the image method (lists 7.6 and 7.7).
const (
	eventImpression = 1
	methodImage     = 1
)

// Match finds a part for every asset of the request that we have one for. It
// is false when the creative does not fit: a required asset cannot be had,
// none can, or an impression could not be counted by our pixel.
func (c *Creative) Match(r *openrtb.Native, m *Match) bool {
	*m = Match{}
	if r.Bad || !r.SupportsTracker(eventImpression, methodImage) {
		return false
	}
	some := false
	for i := range r.Assets {
		a := &r.Assets[i]
		at := -1
		if i < MaxAssets && !m.answered(r, i) {
			at = c.find(a)
		}
		switch {
		case at >= 0:
			m.parts[i] = uint8(at) + 1
			some = true
		case a.Required:
			return false
		}
	}
	return some
}

// Fits says whether Match would.
func (c *Creative) Fits(r *openrtb.Native) bool {
	var m Match
	return c.Match(r, &m)
}

// answered says whether an earlier asset has a part under the id of asset i:
// two under one id could not be told apart.
func (m *Match) answered(r *openrtb.Native, i int) bool {
	for k := range i {
		if m.parts[k] != 0 && r.Assets[k].ID == r.Assets[i].ID {
			return true
		}
	}
	return false
}

// find returns the first part that serves the asset, or -1.
func (c *Creative) find(a *openrtb.Asset) int {
	for i := range c.parts {
		if c.parts[i].serves(a) {
			return i
		}
	}
	return -1
}

func (p *part) serves(a *openrtb.Asset) bool {
	if p.kind != a.Kind {
		return false
	}
	switch p.kind {
	case openrtb.AssetTitle:
		return within(p.length, a.Length)
	case openrtb.AssetData:
		return p.typ == a.Type && within(p.length, a.Length)
	case openrtb.AssetImage:
		return (a.Type == 0 || a.Type == p.typ) && p.fits(a) && p.isOneOf(a.Mimes)
	case openrtb.AssetVideo:
		return p.plays(&a.Video)
	}
	return false
}

// within says whether a text of n characters is not longer than most, if that
// is said.
func within(n, most int) bool { return most == 0 || n <= most }

// fits says whether the image has the size that is asked for: to the pixel
// where one is given, else at least the least. The least alone also gives the
// ratio, which other images would be cropped to (section 4.4).
func (p *part) fits(a *openrtb.Asset) bool {
	return (a.Size.W == 0 || a.Size.W == p.size.W) && (a.Size.H == 0 || a.Size.H == p.size.H) &&
		p.size.W >= a.MinSize.W && p.size.H >= a.MinSize.H
}

// isOneOf says whether the image's MIME type is in the list; a list that was
// not sent has all.
func (p *part) isOneOf(mimes [][]byte) bool {
	for _, m := range mimes {
		if bytes.EqualFold(m, p.mime) {
			return true
		}
	}
	return len(mimes) == 0
}
