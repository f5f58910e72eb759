package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Check says why the creative may not fill the imp, or None. It reads the
// imp's own format and size, so that one query may stand for several imps. It
// does not allocate.
func (c *Creative) Check(q *Query, imp *openrtb.Imp, r *openrtb.Request) openrtb.Reason {
	if c.Paused() {
		return openrtb.NotActive
	}
	if !c.targeted {
		return openrtb.WrongSize
	}
	why, battr, apis := c.checkFormat(imp, r)
	switch {
	case why != openrtb.None:
		return why
	case len(c.APIs) > 0 && !meets(c.APIs, apis):
		return openrtb.WrongMedia
	case imp.Secure && !c.Secure:
		return openrtb.NotSecure
	case !c.approved(q.Exchange, q.ApprovedOnly):
		return openrtb.NotApproved
	case c.blockedDomain(r.BlockedAdvertisers):
		return openrtb.BlockedAdvertiser
	case c.blockedApp(r.BlockedApps):
		return openrtb.BlockedApp
	case c.blockedCategory(r.BlockedCategories, r.CategoryTaxonomy), !c.allowedCategories(r.AllowedCategories, r.CategoryTaxonomy):
		return openrtb.BlockedCategory
	case meets(c.Attributes, battr), c.Format == campaign.FormatBanner && !c.mayExpand(imp.Banner):
		return openrtb.BlockedAttribute
	case imp.Banner != nil && c.Format == campaign.FormatBanner && slices.ContainsFunc(imp.Banner.BlockedTypes, c.Types.Has):
		return openrtb.BlockedType
	case !c.spoken(r.Languages):
		return openrtb.WrongLanguage
	}
	return openrtb.None
}

// checkFormat holds the creative to what the imp says of its format, and
// returns that format's blocked attributes and its frameworks.
func (c *Creative) checkFormat(imp *openrtb.Imp, r *openrtb.Request) (why openrtb.Reason, battr, apis []int) {
	switch c.Format {
	case campaign.FormatBanner:
		if imp.Banner == nil || !c.fitsBanner(imp, r) {
			return openrtb.WrongSize, nil, nil
		}
		if imp.Banner.MimesBad {
			return openrtb.WrongMedia, nil, nil
		}
		return c.checkMimes(imp.Banner), imp.Banner.BlockedAttributes, imp.Banner.APIs
	case campaign.FormatNative:
		n := imp.Native
		if n == nil {
			return openrtb.WrongSize, nil, nil
		}
		if !c.native.Fits(n) {
			return openrtb.WrongAssets, nil, nil
		}
		return openrtb.None, n.BlockedAttributes, n.APIs
	}
	m := mediaOf(imp, c.Format)
	if m == nil {
		return openrtb.WrongSize, nil, nil
	}
	return c.media.check(m, imp.Video), m.BlockedAttributes, m.APIs
}

// checkMimes goes by the MIME types that a banner imp lists: ours is HTML.
// Exchanges that list images alone mean what the banner shows, and there the
// image is what we know: markup may show anything.
func (c *Creative) checkMimes(b *openrtb.Banner) openrtb.Reason {
	if len(b.Mimes) == 0 {
		return openrtb.None
	}
	for _, m := range b.Mimes {
		if compareFold("text/html", m) == 0 || compareFold("application/javascript", m) == 0 || hasPrefixFold(m, "image/") {
			return openrtb.None
		}
	}
	return openrtb.WrongMedia
}

// mayExpand goes by expdir. Which way a creative expands is not known to us,
// so that it must have room on all sides, or the full screen.
func (c *Creative) mayExpand(b *openrtb.Banner) bool {
	if len(b.ExpandDirections) == 0 || !meets(c.Attributes, expandable) || slices.Contains(b.ExpandDirections, fullScreen) {
		return true
	}
	for side := 1; side <= 4; side++ { // left, right, up, down
		if !slices.Contains(b.ExpandDirections, side) {
			return false
		}
	}
	return true
}

// Of list "Creative Attributes" those that expand by themselves, by a click
// and by a pointer over them.
var expandable = []int{3, 4, 5}

const fullScreen = 5 // list "Expandable Direction"

// blockedDomain goes by badv: a domain blocks itself and all below it, be it
// the advertiser's or where a click leads. "www." before a domain is taken
// for the domain. A public suffix such as co.uk is taken at its word: a
// publisher who blocks it gets nothing from below it.
func (c *Creative) blockedDomain(badv [][]byte) bool {
	for _, blocked := range badv {
		blocked = trimDot(blocked)
		if hasPrefixFold(blocked, "www.") {
			blocked = blocked[len("www."):]
		}
		if Within(c.landing, blocked) {
			return true
		}
		for _, d := range c.Domains {
			if Within(d, blocked) {
				return true
			}
		}
	}
	return false
}

// blockedApp goes by bapp.
func (c *Creative) blockedApp(bapp [][]byte) bool {
	if c.Bundle == "" {
		return false
	}
	for _, b := range bapp {
		if compareFold(c.Bundle, b) == 0 {
			return true
		}
	}
	return false
}

// spoken goes by wlang: a creative without words is in every language. A list
// of languages and countries (wlangb) is one of languages to us.
func (c *Creative) spoken(languages [][]byte) bool {
	if len(languages) == 0 || c.Language == "" {
		return true
	}
	for _, l := range languages {
		n := len(c.Language)
		if len(l) >= n && (len(l) == n || l[n] == '-') && compareFold(c.Language, l[:n]) == 0 {
			return true
		}
	}
	return false
}

// meets says whether two short lists have a number in common.
func meets(a, b []int) bool {
	for _, n := range a {
		if slices.Contains(b, n) {
			return true
		}
	}
	return false
}

// common returns the first number of a that is in b, or 0.
func common(a, b []int) int {
	for _, n := range a {
		if slices.Contains(b, n) {
			return n
		}
	}
	return 0
}

func hasPrefixFold(text []byte, lower string) bool {
	return len(text) >= len(lower) && compareFold(lower, text[:len(lower)]) == 0
}
