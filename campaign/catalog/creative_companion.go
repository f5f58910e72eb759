package catalog

import (
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

// companion is a banner beside video or audio, as it is asked for.
type companion struct {
	size openrtb.Size
	kind int // list "Companion Types"
}

const (
	staticCompanion = 1
	htmlCompanion   = 2
)

// dressed returns a version with the creative's companions where the imp asks
// for such, else without: a player has room only for what the page gives it.
// The player chooses by size, so one that fits brings all.
func (x *media) dressed(w *mediaWire, m *openrtb.Media) *openrtb.CreativeWire {
	if w.beside == nil || m == nil {
		return w.wire
	}
	for i := range x.companions {
		if x.companions[i].asked(m) {
			return w.beside
		}
	}
	return w.wire
}

// asked says whether the imp has a place for the companion (companionad) and
// takes its kind (companiontype; none is all).
func (p *companion) asked(m *openrtb.Media) bool {
	if len(m.CompanionTypes) > 0 && !slices.Contains(m.CompanionTypes, p.kind) {
		return false
	}
	for i := range m.CompanionAds {
		b := &m.CompanionAds[i]
		if asks(b, p.size) || len(b.Sizes)+len(b.Ratios) == 0 && !hasLimits(b) {
			return true
		}
	}
	return false
}

func vastCompanions(m *campaign.Media) (all []vast.Companion) {
	for i := range m.Companions {
		c := &m.Companions[i]
		all = append(all, vast.Companion{
			Width: c.Size.W, Height: c.Size.H, StaticURL: c.ImageURL, StaticType: c.MIME, HTML: c.Markup, AltText: c.AltText, ViewTracking: c.ViewTrackers,
		})
	}
	return all
}
