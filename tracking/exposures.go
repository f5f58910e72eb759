package tracking

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// ExposuresConsumer is the name under which [Exposures] reads the log.
const ExposuresConsumer = "exposures"

// ExposureWriter keeps what a user saw and did. Writing something twice must
// count once.
type ExposureWriter interface {
	AddExposures(ctx context.Context, writes []audience.ExposureWrite) error
}

// ExposuresConfig of an [Exposures].
type ExposuresConfig struct {
	Source event.Source
	Writer ExposureWriter
}

// Exposures carries impressions, clicks and conversions from the log to the
// audience, for frequency caps and recency. Bids and wins do not count: only
// the pixel tells that a person may have seen something.
type Exposures struct {
	ExposuresConfig
	writes []audience.ExposureWrite // of the batch at hand
}

// NewExposures returns a consumer; Run it.
func NewExposures(c ExposuresConfig) (*Exposures, error) {
	if c.Source == nil || c.Writer == nil {
		return nil, errors.New("cannot make the consumer of exposures: source and writer are needed")
	}
	return &Exposures{ExposuresConfig: c}, nil
}

// Run carries exposures until ctx ends. While the audience is away it tries
// again, and the log keeps what is due.
func (x *Exposures) Run(ctx context.Context) error {
	return x.Source.Consume(ctx, ExposuresConsumer, x.handle)
}

func (x *Exposures) handle(ctx context.Context, b event.Batch) error {
	x.writes = x.writes[:0]
	for i := range b.Events {
		e := &b.Events[i]
		kind, needs := touchOf(e.Kind)
		if kind == "" || e.Expired || e.PriceState == event.PriceAudit {
			continue // AUDIT is the exchange's test render
		}
		key, permit, ok := audience.ParseKeptKey(e.UserKey)
		if !ok || !allows(permit, needs) {
			continue // nobody's, or not for this
		}
		x.writes = append(x.writes, audience.ExposureWrite{
			Key: key,
			Exposure: campaign.Exposure{
				At: e.OccurredAt, LineItem: e.LineItem, Campaign: e.Campaign, Advertiser: e.Advertiser, Kind: kind,
			},
			Hash: touchHash(e),
		})
	}
	if len(x.writes) == 0 {
		return nil
	}
	return x.Writer.AddExposures(ctx, x.writes)
}

// touchOf returns what a kind of event is to the audience, and the uses that
// the user must allow for it to be kept, all of them; nothing for other kinds.
// Clicks and conversions tell more of a person than that an ad was shown.
func touchOf(k event.Kind) (campaign.TouchKind, []audience.Use) {
	switch k {
	case event.KindImpression:
		return campaign.TouchImpression, []audience.Use{audience.CapFrequency}
	case event.KindClick:
		return campaign.TouchClick, []audience.Use{audience.CapFrequency, audience.Measure, audience.BuildProfile}
	case event.KindConversion:
		return campaign.TouchConversion, []audience.Use{audience.CapFrequency, audience.Measure, audience.BuildProfile}
	}
	return "", nil
}

func allows(p audience.Permit, needs []audience.Use) bool {
	for _, u := range needs {
		if !p.Allows(u) {
			return false
		}
	}
	return true
}

// touchHash names what a user saw or did in 64 bits. A bid is for one imp, so
// its id is the impression's; a click that comes twice is one, and so is an
// order, whatever click it is told to come from.
func touchHash(e *event.Event) uint64 {
	switch {
	case e.Kind == event.KindImpression:
		return impHash(e.Bid)
	case e.Kind == event.KindConversion && len(e.Order) >= 8:
		return mix(binary.BigEndian.Uint64(e.Order) ^ uint64(e.Kind))
	}
	return mix(impHash(e.Bid) ^ uint64(e.Kind))
}

// impHash names an impression in 64 bits. A bid is for one imp, so its id is
// the impression's. The two halves are mixed one after the other (the
// finalizer of MurmurHash3), since both are small numbers in practice.
func impHash(id event.BidID) uint64 {
	h := mix(binary.BigEndian.Uint64(id[:8]))
	return mix(h ^ binary.BigEndian.Uint64(id[8:]))
}

func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
