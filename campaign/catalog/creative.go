package catalog

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Creative is a banner as bidders read it.
type Creative struct {
	ID         event.CreativeID
	Size       openrtb.Size
	Wire       *openrtb.CreativeWire // its part of a response, escaped already
	Domains    []string              // adomain, lower case
	Categories []string              // IAB Content Taxonomy 1.0, lower case
	Attributes []int                 // OpenRTB list "Creative Attributes"
	Types      BannerTypes
	Secure     bool // every resource is HTTPS
	LandingURL string

	live     *liveness
	targeted bool // the size is among those that the line item targets
}

// Paused says whether the creative itself is paused at this moment.
func (c *Creative) Paused() bool { return c.live.bits.Load() != 0 }

// serves says whether the creative could fill one of the sizes.
func (c *Creative) serves(sizes []openrtb.Size) bool {
	if !c.targeted || c.Paused() {
		return false
	}
	for _, s := range sizes {
		if s == c.Size {
			return true
		}
	}
	return false
}
