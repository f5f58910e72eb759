package frontiers

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/report/rotate"
)

const (
	// maxRows bounds one step: a transaction of some ten milliseconds.
	maxRows = 100

	// kept is how long rows are kept, in market time: a day, and what an hour
	// that is not over has of the one before.
	kept = (frontier.Span + 1) * time.Hour
)

// FlusherConfig is what NewFlusher works with. All fields are required.
type FlusherConfig struct {
	Rows        *Rows
	Incarnation uint64
	Samples     *frontier.Sampler
	Catalog     func() *catalog.Snapshot
	Multipliers func() *pacing.Multipliers
	Landscape   func() *landscape.Model
	Clock       clock.Clock   // market time
	Interval    time.Duration // real time between two steps
}

// NewFlusher returns what writes what a bidder sampled, some line items at each
// step and all of them in turn, those without news left out.
func NewFlusher(c FlusherConfig) (*rotate.Flusher[frontier.Record], error) {
	if c.Rows == nil || c.Samples == nil || c.Catalog == nil || c.Multipliers == nil || c.Landscape == nil || c.Clock == nil {
		return nil, errors.New("cannot make the flusher of opportunities: a required part is missing")
	}
	return rotate.New(rotate.Config[frontier.Record]{
		Catalog: c.Catalog, Interval: c.Interval, MaxRows: maxRows, Visit: c.visit,
		Write: func(ctx context.Context, rows []frontier.Record) error { return c.Rows.Write(ctx, c.Incarnation, rows) },
		Prune: func(ctx context.Context) error { return c.Rows.Prune(ctx, c.Clock.Now().Add(-kept)) },
	})
}

func (c *FlusherConfig) visit(rows []frontier.Record, li *catalog.LineItem) []frontier.Record {
	in := c.Samples.Met(li.ID)
	if in == nil {
		return rows
	}
	row, news := in.Record(c.Clock.Now(), c.Landscape())
	if !news {
		return rows
	}
	row.LineItem, row.Multiplier = li.ID, c.Multipliers().Of(li.ID)
	row.Terms = frontier.Terms{Worth: li.Worth, MaxBid: li.MaxBid, CostLimit: li.CostLimit}
	return append(rows, row)
}
