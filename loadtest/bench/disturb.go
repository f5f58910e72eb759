package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/api/client"
	"github.com/tangent-dsp/tangent/loadtest/load"
	"github.com/tangent-dsp/tangent/money"
)

// Disturbance is what became of a steady rate while something happened.
type Disturbance struct {
	What        string  `json:"what"`
	LineItems   int     `json:"line_items"` // of the bidder
	Rate        float64 `json:"rate"`
	Seconds     float64 `json:"seconds"`             // how long it took to happen
	Collections int     `json:"garbage_collections"` // from the beginning to the end, whatever they came from
	load.Disturbed
	Failed string `json:"failed,omitempty"` // why it did not happen, or was not seen to its end: the figures are none then
}

// event is something that happens to a bidder. It returns when it happened.
type event struct {
	what   string
	happen func(context.Context) error
	long   bool // what follows takes longer than that of others
}

// disturb plays the usual rate to the bidder with the most line items, while
// one thing after another happens to it, and first nothing.
func (b *bench) disturb(ctx context.Context) error {
	s := b.result.largest()
	calm := min(max(b.cfg.Each/2, load.Span), 5*time.Second)
	rest := min(max(b.cfg.Each, time.Second), 15*time.Second) // a second is what is to be as before
	err := b.disturbEach(ctx, b.events(ctx, s), func(e event) (Disturbance, error) {
		rest := rest
		if e.long {
			rest *= 4
		}
		d, _, err := b.watch(ctx, s.server, calm, rest, e)
		d.LineItems = s.LineItems
		return d, err
	})
	if err == nil {
		b.did()
	}
	return err
}

// disturbEach keeps what became of each event. One that fails is kept as that,
// and the others go on.
func (b *bench) disturbEach(ctx context.Context, events []event, watch func(event) (Disturbance, error)) error {
	for _, e := range events {
		d, err := watch(e)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			d.fail(err)
			b.say("  %s: failed: %s", d.What, d.Failed)
		default:
			b.say("  %s: p99 %.2f ms before, %.2f ms in the worst quarter second", d.What, float64(d.Before.P99)/1000, float64(d.Through.Worst)/1000)
		}
		b.result.Disturbed = append(b.result.Disturbed, d)
	}
	return nil
}

// fail says why there are no figures, in one line.
func (d *Disturbance) fail(err error) {
	d.Failed, d.Disturbed = strings.Join(strings.Fields(err.Error()), " "), load.Disturbed{Recovery: -1}
}

// events are in the order in which they leave least behind.
func (b *bench) events(ctx context.Context, s *Series) []event {
	edit, err := b.editor(ctx, s.server)
	if err != nil {
		edit = func(context.Context) error { return err }
	}
	all := []event{
		{what: "nothing", happen: func(context.Context) error { return nil }},
		{what: "one line item is edited", happen: edit},
		{what: "a garbage collection is forced", happen: func(context.Context) error {
			_, err := get(s.server.admin + "/debug/pprof/heap?gc=1")
			return err
		}},
	}
	if b.redis.cut != nil {
		all = append(all, event{what: "connections to Redis are cut", happen: b.redis.cut},
			event{what: fmt.Sprintf("Redis hangs for %v", hang), happen: b.redis.hang})
	}
	more := max(1, s.LineItems/20)
	// Who writes them to the database has a machine of its own, mostly.
	return append(all, event{what: thousands(more) + " line items are added", long: true, happen: func(ctx context.Context) error {
		return b.asideTool(ctx, "loadtest", "populate", "--yes", "--data-dir", s.server.data, "--seed", "2", "--line-items", strconv.Itoa(more))
	}})
}

// editor returns what raises the limit of a line item's bids by a cent,
// through the bidder's API.
func (b *bench) editor(ctx context.Context, s *server) (func(context.Context) error, error) {
	key, err := b.command(b.cfg.Executable, "key", "create", "bench", "--data-dir", s.data).Output()
	if err != nil {
		return nil, fmt.Errorf("cannot make an API key: %w", err)
	}
	c, err := client.New(client.Config{URL: s.api, Key: strings.TrimSpace(string(key))})
	if err != nil {
		return nil, err
	}
	some, err := c.LineItems.List(ctx, 0, 0, 1)
	if err != nil {
		return nil, err
	}
	if len(some.Items) == 0 {
		return nil, fmt.Errorf("%s has no line items", s.name)
	}
	li := some.Items[0]
	return func(ctx context.Context) error {
		_, err := c.LineItems.Update(ctx, li.ID, map[string]any{"max_bid_cpm": li.MaxBidCPM + money.Unit/100})
		return err
	}, nil
}

// watch plays the usual rate, and has something happen after a time of calm.
func (b *bench) watch(ctx context.Context, s *server, calm, rest time.Duration, e event) (Disturbance, *load.Report, error) {
	d := Disturbance{What: e.what, Rate: b.result.Rate}
	calm = calm.Truncate(load.Span)
	var before, after float64
	var counted error
	happened := make(chan error, 1)
	happened <- fmt.Errorf("%s: the generator did not come to the end of its warm-up", e.what)
	begin := func() {
		<-happened
		before, counted = s.metric("go_gc_duration_seconds_count", "")
		go func() {
			select {
			case <-time.After(calm):
			case <-ctx.Done():
			}
			begun := time.Now()
			err := e.happen(ctx)
			d.Seconds = time.Since(begun).Seconds()
			happened <- err
		}()
	}
	r, err := b.generate(ctx, s, begin, append([]string{"--hold", "--spans", "--rate", number(b.result.Rate), "--duration", (calm + rest).String()}, b.fresh(calm+rest)...)...)
	for _, e := range []error{err, <-happened, counted} {
		if e != nil {
			return d, nil, e
		}
	}
	if after, err = s.metric("go_gc_duration_seconds_count", ""); err != nil {
		return d, nil, err
	}
	d.Collections = int(after - before)
	b.found(r)
	d.Disturbed, err = load.Judge(r.Spans, int(calm/load.Span))
	return d, r, err
}
