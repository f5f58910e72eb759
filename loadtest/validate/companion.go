package validate

import (
	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/openrtb2"
)

// checkCompanions holds the banners beside an ad to those that the imp has room
// for: a player chooses from them, so one that fits will do.
func (c *checker) checkCompanions(m *media, v *vastAd) {
	if len(v.companions) == 0 {
		return
	}
	for i := range v.companions {
		p := &v.companions[i]
		if p.StaticResource == nil && p.HTMLResource == nil && p.IFrameResource == nil {
			c.add(Companion, "without a resource")
		}
	}
	for i := range v.companions {
		p := &v.companions[i]
		if !p.taken(m.besideTypes) {
			continue
		}
		for j := range m.beside {
			if fitsBanner(&bid{Bid: openrtb2.Bid{W: p.Width, H: p.Height}}, &m.beside[j]) {
				return
			}
		}
	}
	c.add(Companion, "none of %d fits one of %d that the imp takes", len(v.companions), len(m.beside))
}

// taken goes by companiontype.
func (p *vastCompanion) taken(types []adcom1.CompanionType) bool {
	return len(types) == 0 || p.StaticResource != nil && contains(types, adcom1.CompanionStatic) ||
		p.HTMLResource != nil && contains(types, adcom1.CompanionHTML) || p.IFrameResource != nil && contains(types, adcom1.CompanionIFrame)
}
