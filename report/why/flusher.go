package why

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/report/rotate"
)

const (
	// maxRows bounds one step: a transaction of some milliseconds.
	maxRows = 400
	// KeptDays is how long counts are kept.
	KeptDays = 30
)

// FlusherConfig is what NewFlusher works with. All fields are required.
type FlusherConfig struct {
	Rows        *Rows
	Incarnation uint64
	Catalog     func() *catalog.Snapshot
	Traffic     *catalog.Tally
	Clock       clock.Clock   // market time, for days
	Interval    time.Duration // real time between two steps
}

// flusher decides what is written. What it writes of a line item is all that
// was counted on the day. When the day ends, what a line item met since its
// last turn counts for the old day.
type flusher struct {
	FlusherConfig
	known map[event.LineItemID]flushed
}

// flushed is what was last written of a line item.
type flushed struct {
	day event.Period
	sum int64
}

// turn is a row with what it was counted by.
type turn struct {
	Row
	tally *catalog.Tally
	ends  bool // the day: the next row begins anew
}

// NewFlusher returns what writes what a bidder counted, some line items at each
// step and all of them in turn, those that met nothing left out.
func NewFlusher(c FlusherConfig) (*rotate.Flusher[turn], error) {
	if c.Rows == nil || c.Catalog == nil || c.Traffic == nil || c.Clock == nil {
		return nil, errors.New("cannot make the flusher of reasons: a required part is missing")
	}
	f := &flusher{c, map[event.LineItemID]flushed{}}
	return rotate.New(rotate.Config[turn]{
		Catalog: c.Catalog, Interval: c.Interval, MaxRows: maxRows, Write: f.write,
		Begin: func(rows []turn) []turn { return f.visit(rows, Traffic, c.Traffic) },
		Visit: func(rows []turn, li *catalog.LineItem) []turn { return f.visit(rows, li.ID, li.Counted()) },
		Prune: func(ctx context.Context) error { return c.Rows.Prune(ctx, day(c.Clock.Now().AddDate(0, 0, -KeptDays))) },
	})
}

func (f *flusher) write(ctx context.Context, turns []turn) error {
	rows := make([]Row, len(turns))
	for i := range turns {
		rows[i] = turns[i].Row
	}
	if err := f.Rows.Write(ctx, f.Incarnation, rows); err != nil {
		return err
	}
	today := day(f.Clock.Now())
	for i := range turns {
		t := &turns[i]
		if t.ends {
			t.tally.Forget(&t.Counts)
			f.known[t.LineItem] = flushed{day: today}
		} else {
			f.known[t.LineItem] = flushed{t.Day, t.Counts.Sum()}
		}
	}
	return nil
}

// visit adds a row if something was counted since the last.
func (f *flusher) visit(rows []turn, id event.LineItemID, t *catalog.Tally) []turn {
	if t == nil {
		return rows
	}
	today := day(f.Clock.Now())
	was, ok := f.known[id]
	if !ok {
		was = flushed{day: today}
	}
	row := turn{Row: Row{LineItem: id, Day: was.day}, tally: t, ends: was.day != today}
	t.Read(&row.Counts)
	switch sum := row.Counts.Sum(); {
	case row.ends && sum == 0:
		f.known[id] = flushed{day: today}
	case row.ends, sum != was.sum:
		rows = append(rows, row)
	}
	return rows
}

// day is a day in UTC.
func day(t time.Time) event.Period { return campaign.PeriodOf(t, time.UTC) }
