package performance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// Consumer is the name under which the event log remembers how far a
// [Performance] is.
const Consumer = "performance"

// memory is how long after its bid left an impression or a click may count:
// as long as a bill may be booked.
const memory = 30 * 24 * time.Hour

// Counter adds touches to sums, each once. campaign/store is one.
type Counter interface {
	CountTouches(ctx context.Context, touches []store.Touch, since time.Time) error
}

// Config of a [Performance].
type Config struct {
	Source   event.Source
	Counter  Counter
	Clock    clock.Clock // market time
	Consumer string      // default Consumer

	// Learns says whether a line item's creatives are counted. Most line items
	// do not ask, and nothing is kept of them.
	Learns func(event.LineItemID) bool
}

// Performance carries impressions and clicks from the log to the sums.
type Performance struct {
	cfg     Config
	touches []store.Touch // of the batch at hand
}

// New returns a consumer; Run it.
func New(c Config) (*Performance, error) {
	if c.Source == nil || c.Counter == nil || c.Clock == nil || c.Learns == nil {
		return nil, errors.New("cannot make the consumer of creatives' performance: source, counter, clock and learns are needed")
	}
	if c.Consumer == "" {
		c.Consumer = Consumer
	}
	return &Performance{cfg: c}, nil
}

// Run counts until ctx ends, then returns nil. While the sums cannot be
// written, the log keeps what is due.
func (p *Performance) Run(ctx context.Context) error {
	if err := p.cfg.Source.Consume(ctx, p.cfg.Consumer, p.handle); err != nil {
		return fmt.Errorf("cannot consume events for the performance of creatives: %w", err)
	}
	return nil
}

func (p *Performance) handle(ctx context.Context, b event.Batch) error {
	p.touches = p.touches[:0]
	for i := range b.Events {
		e := &b.Events[i]
		switch {
		case e.Kind != event.KindImpression && e.Kind != event.KindClick:
		case e.Test, e.Expired, e.PriceState == event.PriceAudit: // AUDIT is the exchange's test render
		case e.Creative == 0, !p.cfg.Learns(e.LineItem):
		default:
			p.touches = append(p.touches, store.Touch{Bid: e.Bid, Kind: e.Kind, Creative: e.Creative, Issued: e.IssuedAt})
		}
	}
	if len(p.touches) == 0 {
		return nil
	}
	return p.cfg.Counter.CountTouches(ctx, p.touches, p.cfg.Clock.Now().Add(-memory))
}
