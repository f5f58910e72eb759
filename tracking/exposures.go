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

// ExposureWriter keeps which impressions a user saw. Writing one twice must
// count once.
type ExposureWriter interface {
	AddExposures(ctx context.Context, writes []audience.ExposureWrite) error
}

// ExposuresConfig of an [Exposures].
type ExposuresConfig struct {
	Source event.Source
	Writer ExposureWriter
}

// Exposures carries impressions from the log to the audience, for frequency
// caps. Bids and wins do not count: only the pixel tells that a person may
// have seen something.
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
		if e.Kind != event.KindImpression || e.Expired || e.PriceState == event.PriceAudit {
			continue // AUDIT is the exchange's test render
		}
		key, permit, ok := audience.ParseKeptKey(e.UserKey)
		if !ok || !permit.Allows(audience.CapFrequency) {
			continue // nobody's, or not for this
		}
		x.writes = append(x.writes, audience.ExposureWrite{
			Key:      key,
			Exposure: campaign.Exposure{At: e.OccurredAt, LineItem: e.LineItem, Campaign: e.Campaign},
			ImpHash:  impHash(e.Bid),
		})
	}
	if len(x.writes) == 0 {
		return nil
	}
	return x.Writer.AddExposures(ctx, x.writes)
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
