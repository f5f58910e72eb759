package why

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

const (
	// maxRows and maxVisits bound one step: a transaction of some
	// milliseconds, and a look at so many line items.
	maxRows   = 400
	maxVisits = 8192
	// KeptDays is how long counts are kept.
	KeptDays   = 30
	pruneEvery = time.Hour // real time
	lastWords  = 3 * time.Second
)

// FlusherConfig is what a Flusher works with. All fields are required.
type FlusherConfig struct {
	Rows        *Rows
	Incarnation uint64
	Catalog     func() *catalog.Snapshot
	Traffic     *catalog.Tally
	Clock       clock.Clock   // market time, for days
	Interval    time.Duration // real time between two steps
}

// Flusher writes what a bidder counted, some line items at each step and all
// of them in turn, those that met nothing left out. What it writes is all that
// was counted on the day, so a step that fails costs nothing. When the day
// ends, what a line item met since its last turn counts for the old day.
type Flusher struct {
	cfg   FlusherConfig
	place int
	known map[event.LineItemID]flushed
	rows  []Row
	turns []turn // of rows
}

// flushed is what was last written of a line item.
type flushed struct {
	day event.Period
	sum int64
}

type turn struct {
	tally *catalog.Tally
	ends  bool // the day: the next row begins anew
}

// NewFlusher returns a flusher; Run it.
func NewFlusher(c FlusherConfig) (*Flusher, error) {
	if c.Rows == nil || c.Catalog == nil || c.Traffic == nil || c.Clock == nil || c.Interval <= 0 {
		return nil, errors.New("cannot make the flusher of reasons: a required part is missing")
	}
	return &Flusher{cfg: c, known: map[event.LineItemID]flushed{}}, nil
}

// Run flushes until ctx ends, and then what is left, as far as a few seconds
// allow. Errors go to failed.
func (f *Flusher) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(f.cfg.Interval)
	defer tick.Stop()
	var pruned time.Time
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
			defer cancel()
			if err := f.FlushAll(last); err != nil {
				failed(err)
			}
			return
		case <-tick.C:
		}
		err := f.Flush(ctx)
		if now := time.Now(); err == nil && now.Sub(pruned) > pruneEvery {
			pruned = now
			err = f.cfg.Rows.Prune(ctx, day(f.cfg.Clock.Now().AddDate(0, 0, -KeptDays)))
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

// FlushAll writes all that was counted.
func (f *Flusher) FlushAll(ctx context.Context) error {
	for left := f.cfg.Catalog().Places(); ; {
		visited, err := f.flush(ctx)
		if left -= visited; err != nil || left <= 0 || visited == 0 {
			return err
		}
	}
}

// Flush does one step.
func (f *Flusher) Flush(ctx context.Context) error {
	_, err := f.flush(ctx)
	return err
}

// flush returns how many places of the catalog it has been to.
func (f *Flusher) flush(ctx context.Context) (visited int, err error) {
	f.rows, f.turns = f.rows[:0], f.turns[:0]
	today := day(f.cfg.Clock.Now())
	f.visit(Traffic, f.cfg.Traffic, today)
	snap := f.cfg.Catalog()
	places := snap.Places()
	for visited < min(places, maxVisits) && len(f.rows) < maxRows {
		if f.place++; f.place >= places {
			f.place = 0
		}
		visited++
		if li := snap.At(f.place); li != nil {
			f.visit(li.ID, li.Counted(), today)
		}
	}
	if len(f.rows) == 0 {
		return visited, nil
	}
	if err := f.cfg.Rows.Write(ctx, f.cfg.Incarnation, f.rows); err != nil {
		return visited, err
	}
	for i, row := range f.rows {
		if f.turns[i].ends {
			f.turns[i].tally.Forget(&row.Counts)
			f.known[row.LineItem] = flushed{day: today}
		} else {
			f.known[row.LineItem] = flushed{row.Day, row.Counts.Sum()}
		}
	}
	return visited, nil
}

// visit adds a row if something was counted since the last.
func (f *Flusher) visit(id event.LineItemID, t *catalog.Tally, today event.Period) {
	if t == nil {
		return
	}
	was, ok := f.known[id]
	if !ok {
		was = flushed{day: today}
	}
	row := Row{LineItem: id, Day: was.day}
	t.Read(&row.Counts)
	ends := was.day != today
	switch sum := row.Counts.Sum(); {
	case ends && sum == 0:
		f.known[id] = flushed{day: today}
	case ends, sum != was.sum:
		f.rows, f.turns = append(f.rows, row), append(f.turns, turn{t, ends})
	}
}

// day is a day in UTC.
func day(t time.Time) event.Period { return campaign.PeriodOf(t, time.UTC) }
