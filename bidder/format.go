package bidder

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/native"
)

// How long from the auction to the impression where the request does not say,
// by what is shown (OpenRTB 2.6, implementation notes on expiry).
const (
	webExpiry    = time.Minute
	appExpiry    = 5 * time.Minute
	nativeExpiry = 10 * time.Minute
	longExpiry   = 30 * time.Minute // video, audio and interstitials, which are loaded ahead
)

// mostExpiry is what is taken of an imp's exp at most, in seconds: what is
// beyond it would not fit a time.Duration, and no exchange's horizon is as long.
const mostExpiry = 30 * 24 * 3600

// expiry returns how long from the auction to the impression we accept: what
// the imp asks for, else what its kind is known to take; at most what the
// exchange is set to.
func (a *auction) expiry(imp *openrtb.Imp, c *catalog.Creative) time.Duration {
	asked := time.Duration(min(imp.Exp, mostExpiry)) * time.Second
	if asked <= 0 {
		switch f := c.Wire.Type(); {
		case f == openrtb.MarkupVideo, f == openrtb.MarkupAudio, imp.Interstitial:
			asked = longExpiry
		case f == openrtb.MarkupNative:
			asked = nativeExpiry
		case a.req.App != nil:
			asked = appExpiry
		default:
			asked = webExpiry
		}
	}
	return min(asked, a.ex.Horizon)
}

// horizon is how long a bid's hold lasts: for as long as an impression may
// follow, and for the win deadline after it, by which notices arrive; at most
// what the exchange is set to. Later bills still book.
func (a *auction) horizon(expiry time.Duration) time.Duration {
	return min(expiry+a.ex.WinDeadline, a.ex.Horizon)
}

// takesAny says whether the imp takes a format at all that we have.
func takesAny(imp *openrtb.Imp) bool {
	return imp.Banner != nil || imp.Video != nil || imp.Audio != nil || imp.Native != nil
}

// mediaOf returns what the imp says about the video or audio that a creative
// is, or nil for other creatives.
func mediaOf(imp *openrtb.Imp, c *catalog.Creative) *openrtb.Media {
	switch f := c.Wire.Type(); {
	case f == openrtb.MarkupVideo && imp.Video != nil:
		return &imp.Video.Media
	case f == openrtb.MarkupAudio && imp.Audio != nil:
		return &imp.Audio.Media
	}
	return nil
}

// fill puts what the creative shows for the imp into a bid that has its id and
// URLs.
func (a *auction) fill(b *openrtb.Bid, c *catalog.Creative, imp *openrtb.Imp) {
	form := native.Form{Object: a.ex.Wire.Native != openrtb.NativeText, Wrap: a.ex.Wire.NativeWrapped}
	a.markup = c.Fill(a.markup, b, imp, form)
	b.Taxonomy, b.AdID = a.req.CategoryTaxonomy, c.ExchangeID(a.ex.ID)
}
