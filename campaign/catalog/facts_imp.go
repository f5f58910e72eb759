package catalog

import "github.com/tangent-dsp/tangent/openrtb"

func (q *Query) fillImp(f facet, v *facetValues) {
	imp := q.imp
	switch f {
	case facetDeal:
		for i := range imp.Deals {
			v.exact(imp.Deals[i].ID)
		}
	case facetSeat:
		for _, s := range q.request.AllowedSeats {
			v.text(s)
		}
		for i := range imp.Deals {
			for _, s := range imp.Deals[i].AllowedSeats {
				v.text(s)
			}
		}
	case facetPlacement:
		v.exact(imp.TagID)
	case facetRewarded:
		v.add(truth(imp.Rewarded))
	case facetPosition:
		if imp.Banner != nil {
			v.add(uint64(imp.Banner.Position))
		}
		if imp.Video != nil {
			v.add(uint64(imp.Video.Position))
		}
	case facetFormat:
		for i, takes := range [...]bool{imp.Banner != nil, imp.Video != nil, imp.Native != nil, imp.Audio != nil} {
			if takes {
				v.add(uint64(i))
			}
		}
	case facetSkippable:
		if imp.Video != nil && imp.Video.Skippable >= 0 {
			v.add(truth(imp.Video.Skippable == 1))
		}
		if imp.Audio != nil && imp.Audio.Skippable >= 0 {
			v.add(truth(imp.Audio.Skippable == 1))
		}
	case facetNativeContext:
		if imp.Native != nil && imp.Native.Context > 0 {
			v.add(uint64(imp.Native.Context))
		}
	case facetNativePlacement:
		if imp.Native != nil && imp.Native.PlacementType > 0 {
			v.add(uint64(imp.Native.PlacementType))
		}
	default:
		v.mediaFacts(f, imp)
	}
}

// mediaFacts adds how video and audio play.
func (v *facetValues) mediaFacts(f facet, imp *openrtb.Imp) {
	switch {
	case f == facetRoll && imp.Video != nil && imp.Video.HasStartDelay:
		v.roll(&imp.Video.Media)
	case f == facetRoll && imp.Audio != nil && imp.Audio.HasStartDelay:
		v.roll(&imp.Audio.Media)
	case imp.Video == nil:
	case f == facetPlayback:
		for _, method := range imp.Video.PlaybackMethods {
			v.add(uint64(method))
		}
	case f == facetVideoPlacement:
		if p := videoPlacement(imp.Video); p > 0 {
			v.add(uint64(p))
		}
	}
}

// roll adds when an ad plays, in the numbers of rollOrder: 0 is before the
// content, -2 behind it, and -1 or any second amid it.
func (v *facetValues) roll(m *openrtb.Media) {
	switch d := m.StartDelay; {
	case d == 0:
		v.add(0)
	case d == -2:
		v.add(2)
	case d >= -1:
		v.add(1)
	}
}

// videoPlacement returns plcmt, or what OpenRTB 2.5's placement is in it: in
// banner, article or feed there is no content, and what floats or fills the
// screen is an interstitial. In stream may be 1 or 2 now, so it is neither.
func videoPlacement(v *openrtb.Video) int {
	switch p := v.Placement; {
	case v.Plcmt != 0:
		return v.Plcmt
	case p >= 2 && p <= 4:
		return 4
	case p == 5:
		return 3
	}
	return 0
}
