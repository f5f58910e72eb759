package catalog

import (
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
		for _, s := range q.Sizes {
			if s == c.Size {
				return true
			}
		}
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
	for _, s := range b.Sizes {
		if s == c.Size {
			return true
		}
	}
	for _, f := range b.Ratios {
		if c.Size.W*f.H == c.Size.H*f.W && c.Size.W >= f.MinWidth {
			return true
		}
	}
	if hasLimits(b) {
		return c.Size.W >= b.MinSize.W && c.Size.H >= b.MinSize.H && atMost(c.Size.W, b.MaxSize.W) && atMost(c.Size.H, b.MaxSize.H)
	}
	return imp.Interstitial && len(b.Sizes)+len(b.Ratios) == 0 && atMost(c.Size.W, r.Device.W) && atMost(c.Size.H, r.Device.H)
}

// atMost says whether n is within a limit; 0 is none.
func atMost(n, limit int) bool { return limit <= 0 || n <= limit }
