package bidder

import (
	"bytes"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/openrtb"
)

// shown is a bid for an earlier imp of the request, for what may not stand
// beside it.
type shown struct {
	imp      int
	item     *catalog.LineItem
	creative *catalog.Creative
	pod      []byte // of the imp; empty for none
}

// besides says what keeps a line item from an imp because of bids for other
// imps of the request. Imps of a request are of one page, screen or stream,
// and few advertisers want it twice. So a line item bids on one of them, and
// on another (again) only where nobody else does; and one ad break has one ad
// of an advertiser.
func (a *auction) besides(li *catalog.LineItem, imp int, again bool) openrtb.Reason {
	pod := podOf(&a.req.Imps[imp])
	for i := range a.shown {
		s := &a.shown[i]
		switch {
		case s.imp == imp && a.rest.media == nil: // one imp shows one of its bids
		case s.imp == imp && s.item.Advertiser == li.Advertiser:
			return openrtb.Repeated
		case len(pod) > 0 && bytes.Equal(pod, s.pod) && s.item.Advertiser == li.Advertiser:
			return openrtb.Repeated
		case s.imp != imp && s.item.ID == li.ID && !again:
			a.heldBack = true
			return openrtb.Repeated
		}
	}
	return openrtb.None
}

// repeats says whether a creative is bid on another imp of the request. All
// imps of a page may have the same one where the exchange says that these are
// all (allimps): then that is a roadblock.
func (a *auction) repeats(c *catalog.Creative, imp int) bool {
	if a.req.AllImps {
		return false
	}
	for i := range a.shown {
		if s := &a.shown[i]; s.imp != imp && s.creative.ID == c.ID {
			return true
		}
	}
	return false
}

// podOf returns what the imps of one ad break have in common, or nothing.
func podOf(imp *openrtb.Imp) []byte {
	switch {
	case imp.Video != nil && len(imp.Video.PodID) > 0:
		return imp.Video.PodID
	case imp.Audio != nil:
		return imp.Audio.PodID
	}
	return nil
}
