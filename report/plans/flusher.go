package plans

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"time"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/report/rotate"
)

const (
	// maxRows bounds one step: a transaction of some ten milliseconds.
	maxRows = 100
	// kept is how long rows are kept, in market time.
	kept = 8 * 24 * time.Hour
)

// FlusherConfig is what NewFlusher works with. All fields but Steers are
// required.
type FlusherConfig struct {
	Rows       *Rows
	Controller string // Central, or the bidder's name
	Catalog    func() *catalog.Snapshot
	View       func(event.LineItemID) (pacing.View, bool)
	// Steers says whether this controller's multipliers are bid with: another
	// one's views are of no use. nil: they always are.
	Steers   func() bool
	Clock    clock.Clock   // market time
	Interval time.Duration // real time between two steps
}

// flusher decides what is written.
type flusher struct {
	FlusherConfig
	steers   bool
	at, told time.Time // when the controller stepped, as seen and as written last
	known    map[event.LineItemID]uint64
}

// NewFlusher returns what writes how a controller sees line items, some at each
// step and all of them in turn, those that did not change left out.
func NewFlusher(c FlusherConfig) (*rotate.Flusher[row], error) {
	if c.Rows == nil || c.Catalog == nil || c.View == nil || c.Clock == nil {
		return nil, errors.New("cannot make the flusher of plans: a required part is missing")
	}
	if c.Steers == nil {
		c.Steers = func() bool { return true }
	}
	f := &flusher{FlusherConfig: c, known: map[event.LineItemID]uint64{}}
	return rotate.New(rotate.Config[row]{
		Catalog: c.Catalog, Interval: c.Interval, MaxRows: maxRows, Begin: f.begin, Visit: f.visit,
		Write: func(ctx context.Context, rows []row) error { return c.Rows.write(ctx, c.Controller, rows) },
		Prune: func(ctx context.Context) error { return c.Rows.Prune(ctx, c.Clock.Now().Add(-kept)) },
	})
}

func (f *flusher) begin(rows []row) []row {
	if f.steers = f.Steers(); f.steers && f.at.After(f.told) {
		f.told = f.at
		rows = append(rows, row{everyStep, f.at, "{}"})
	}
	return rows
}

func (f *flusher) visit(rows []row, li *catalog.LineItem) []row {
	if !f.steers {
		return rows
	}
	v, ok := f.View(li.ID)
	if !ok {
		return rows
	}
	f.at = v.At
	v.At = time.Time{} // it has a column
	text, err := json.Marshal(v)
	if err != nil {
		return rows // cannot be: views are finite numbers
	}
	h := fnv.New64a()
	h.Write(text)
	if sum := h.Sum64(); f.known[li.ID] != sum {
		f.known[li.ID] = sum
		rows = append(rows, row{li.ID, f.at, string(text)})
	}
	return rows
}
