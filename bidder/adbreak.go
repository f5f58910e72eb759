package bidder

import (
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/openrtb"
)

// adBreak is what is left of an imp that takes several ads, one after another
// (OpenRTB 2.6, dynamic pods: poddur and maxseq). The exchange may show all
// bids for it, so together they fit.
type adBreak struct {
	media        *openrtb.Media // what the ads so far are of; nil before the first
	seconds, ads int            // left
}

// maxAdsPerBreak bounds the ads of a break where the request does not.
const maxAdsPerBreak = maxBidsPerImp

// isBreak says whether the imp takes several ads.
func isBreak(imp *openrtb.Imp) bool {
	return imp.Video != nil && imp.Video.IsPodBreak() || imp.Audio != nil && imp.Audio.IsPodBreak()
}

// has says whether there is room for a creative.
func (b *adBreak) has(imp *openrtb.Imp, c *catalog.Creative) bool {
	m := mediaOf(imp, c)
	if b.media != nil {
		return m == b.media && c.Seconds <= b.seconds
	}
	return m == nil || !m.IsPodBreak() || c.Seconds <= m.PodDuration
}

// take makes room smaller by a bid. One that is not of the break, such as a
// banner beside it, leaves none: which of them is shown is the exchange's
// choice.
func (b *adBreak) take(imp *openrtb.Imp, c *catalog.Creative) {
	m := mediaOf(imp, c)
	switch {
	case m == nil || !m.IsPodBreak():
		b.ads = 0
		return
	case b.media == nil:
		b.media, b.seconds, b.ads = m, m.PodDuration, maxAdsPerBreak
		if m.MaxSequence > 0 {
			b.ads = min(b.ads, m.MaxSequence)
		}
	}
	b.seconds -= c.Seconds
	b.ads--
}

// more says whether another ad may fit.
func (b *adBreak) more() bool { return b.ads > 0 && b.seconds > 0 && b.seconds >= b.media.MinDuration }

// slotOf returns the place in its ad break that a bid is for (slotinpod): the
// one that the imp guarantees. Of several ads in one imp, the first has it.
func (b *adBreak) slotOf(imp *openrtb.Imp, c *catalog.Creative) int {
	m := mediaOf(imp, c)
	if m == nil || b.media != nil {
		return 0
	}
	switch m.SlotInPod {
	case 1, 2, -1: // first, first or last, last
		return m.SlotInPod
	}
	return 0
}
