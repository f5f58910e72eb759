package catalog

import (
	"bytes"
	"math/bits"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
)

// segmentValue is the value of a data provider's segment: of its parts' values,
// 0 for what is not named.
func segmentValue(provider, taxonomy, id, value uint64) (h uint64) {
	for _, part := range [...]uint64{provider, taxonomy, id, value} {
		h = (bits.RotateLeft64(h, 23) ^ part) * 0x9e3779b97f4a7c15
	}
	return h
}

func configuredSegment(s *campaign.DataSegment) uint64 {
	return segmentValue(providerValue(s.Provider), uint64(s.Taxonomy), exactPart(s.ID), exactPart(s.Value))
}

// providerValue is the value of a data provider: many are domains, so case does
// not count.
func providerValue[T string | []byte](name T) uint64 {
	if len(name) == 0 {
		return 0
	}
	return textValue(name)
}

// exactPart is the value of what a provider named, as it is.
func exactPart[T string | []byte](text T) uint64 {
	if len(text) == 0 {
		return 0
	}
	return exactValue(text)
}

// segments adds, for each segment, all that a configured one may name of it:
// six values at most.
func (v *facetValues) segments(all []openrtb.DataSegment) {
	provider := uint64(0)
	for i := range all {
		s := &all[i]
		if i == 0 || !bytes.Equal(s.Provider, all[i-1].Provider) {
			provider = providerValue(s.Provider)
		}
		id, value := exactPart(s.ID), exactPart(s.Value)
		v.segment(provider, uint64(max(s.Taxonomy, 0)), id, 0)
		if value != 0 {
			v.segment(provider, uint64(max(s.Taxonomy, 0)), id, value)
		}
	}
}

func (v *facetValues) segment(provider, taxonomy, id, value uint64) {
	if provider != 0 {
		v.add(segmentValue(provider, 0, id, value))
	}
	if taxonomy != 0 {
		v.add(segmentValue(0, taxonomy, id, value))
	}
	if provider != 0 && taxonomy != 0 {
		v.add(segmentValue(provider, taxonomy, id, value))
	}
}
