package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Formats is a set of what an imp takes beside banners of given sizes.
type Formats uint8

// The formats.
const (
	TakesAnyBanner Formats = 1 << iota // banners that no list of sizes tells apart: ratios, limits, the whole screen
	TakesVideo
	TakesAudio
	TakesNative
)

// row is how the index names a single format among the sizes, none of which
// is negative.
func (f Formats) row() openrtb.Size { return openrtb.Size{W: -int(f)} }

func formatsOf(imp *openrtb.Imp) (sizes []openrtb.Size, f Formats) {
	if b := imp.Banner; b != nil {
		sizes = b.Sizes
		if len(b.Ratios) > 0 || hasLimits(b) || len(b.Sizes) == 0 && imp.Interstitial {
			f |= TakesAnyBanner
		}
	}
	if imp.Video != nil {
		f |= TakesVideo
	}
	if imp.Audio != nil {
		f |= TakesAudio
	}
	if imp.Native != nil {
		f |= TakesNative
	}
	return sizes, f
}

// format is the creative's in terms of what an imp takes.
func (c *Creative) format() Formats {
	switch c.Format {
	case campaign.FormatVideo:
		return TakesVideo
	case campaign.FormatAudio:
		return TakesAudio
	case campaign.FormatNative:
		return TakesNative
	}
	return TakesAnyBanner
}

// serves says whether the creative could fill an imp of these formats and
// sizes.
func (c *Creative) serves(q *Query) bool {
	if !c.targeted || c.Paused() {
		return false
	}
	if q.Formats&c.format() != 0 {
		return true
	}
	if c.Format == campaign.FormatBanner {
		return slices.Contains(q.Sizes, c.Size())
	}
	return false
}

func hasLimits(b *openrtb.Banner) bool {
	return b.MinSize != (openrtb.Size{}) || b.MaxSize != (openrtb.Size{})
}

// fitsBanner says whether the creative's size is one that the imp asks for: a
// size of its list, one of a ratio (wratio, hratio, wmin), or one within the
// limits of OpenRTB 2.3. An interstitial that asks for none takes what the
// screen has room for.
func (c *Creative) fitsBanner(imp *openrtb.Imp, r *openrtb.Request) bool {
	b := imp.Banner
	size := c.Size()
	if asks(b, size) {
		return true
	}
	return imp.Interstitial && !hasLimits(b) && len(b.Sizes)+len(b.Ratios) == 0 && atMost(size.W, r.Device.W) && atMost(size.H, r.Device.H)
}

// asks says whether a size is one that a banner's lists or limits name.
func asks(b *openrtb.Banner, s openrtb.Size) bool {
	for _, want := range b.Sizes {
		if want == s {
			return true
		}
	}
	for _, f := range b.Ratios {
		if s.W*f.H == s.H*f.W && s.W >= f.MinWidth {
			return true
		}
	}
	return hasLimits(b) && s.W >= b.MinSize.W && s.H >= b.MinSize.H && atMost(s.W, b.MaxSize.W) && atMost(s.H, b.MaxSize.H)
}

// atMost says whether n is within a limit; 0 is none.
func atMost(n, limit int) bool { return limit <= 0 || n <= limit }
