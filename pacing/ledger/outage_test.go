package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// TestPostgreSQLDies kills the server under bidders and bookers, twice. Each
// tries until it is done. Whatever they were told: in the end every bid is
// booked once, no more was granted than there is, and bidders who ask know
// what they have.
func TestPostgreSQLDies(t *testing.T) {
	t.Parallel()
	server, err := postgrestest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	w := newWorld(t, func(t testing.TB) string {
		dsn, err := server.Schema(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return dsn
	})
	const limit, rounds = 20_000, 150
	w.budget(life, limit)
	a := w.open("a")
	w.grant(a, life, 2000)
	var steps, failures atomic.Int64
	insist := func(do func() error) {
		for {
			steps.Add(1)
			err := do()
			if err == nil {
				return
			}
			failures.Add(1)
			select {
			case <-ctx.Done():
				t.Errorf("in vain: %v", err)
				return
			case <-time.After(time.Millisecond):
			}
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		all(w.processes(t, 4), func(i int, p *world) {
			if i < 2 { // two bookers of the same events
				for k := range uint64(rounds) {
					insist(func() error {
						_, err := p.Book(ctx, []event.Event{p.billing(a, k, 3, 5, life), p.billing(a, k+1, 3, 5, life)})
						return err
					})
				}
				return
			}
			var b uint64
			insist(func() (err error) { b, err = p.Open(ctx, fmt.Sprint("b", i)); return err })
			var have money.Nanos
			for range rounds {
				grants, err := p.Grant(ctx, b, []pacing.Want{{NodePeriod: life, Amount: 70}})
				steps.Add(1)
				if errors.Is(err, pacing.ErrFenced) {
					t.Error(err)
					return
				}
				if err == nil {
					have += grants[0].Amount
					continue
				}
				failures.Add(1)
				// Nobody knows whether it was granted: ask.
				insist(func() error {
					s, err := p.Slices(ctx, b, 0)
					if err == nil && len(s) == 1 {
						have = s[0].Granted
					}
					return err
				})
			}
			var s []pacing.Slice
			insist(func() (err error) { s, err = p.Slices(ctx, b, 0); return err })
			if len(s) != 1 || s[0].Granted != have {
				t.Errorf("a bidder has %d, the ledger says %+v", have, s)
			}
		})
	}()
	for kill := range int64(2) {
		tick := time.NewTicker(time.Millisecond)
		for steps.Load() < 100*(kill+1) && ctx.Err() == nil {
			<-tick.C
		}
		tick.Stop()
		server.Kill()
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	<-done
	if failures.Load() == 0 {
		t.Error("nobody noticed that the server died")
	}
	w.restart() // its connections died too
	if r := w.report(life); r.Bookings != rounds+1 || r.Booked != 3*(rounds+1) || r.Booked+r.Outstanding > limit || r.Overrun != 0 {
		t.Errorf("the budget stands at %+v", r)
	}
	w.expectBalanced()
}
