package app

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/ledger"
	"github.com/tangent-dsp/tangent/report/performance"
	"github.com/tangent-dsp/tangent/tracking"
)

const (
	workerLease     = "worker"
	workerLeaseTime = 5 * time.Second // real time until another worker takes over
	reclaimEvery    = time.Second     // real time
)

// openWorker makes what reads the log: booking, exposures for frequency caps,
// and the performance of creatives.
func (a *App) openWorker(context.Context) (err error) {
	if !a.roles.worker {
		return nil
	}
	c := ledger.BookerConfig{Ledger: a.ledger, Source: a.events, Clock: a.clock, Consumer: a.booking, Slack: a.market(logSlack), Registerer: a.metrics}
	if a.cfg.Events == "" {
		c.Arriving = a.arriving.Load // nobody else appends to our own log
	}
	a.booker, err = ledger.NewBooker(c)
	if err != nil {
		return err
	}
	a.exposures, err = tracking.NewExposures(tracking.ExposuresConfig{Source: a.events, Writer: a.writer})
	if err != nil {
		return err
	}
	a.learning, err = performance.New(performance.Config{
		Source: a.events, Counter: a.store, Clock: a.clock, Learns: a.learns,
		Consumer: performance.Consumer + strings.TrimPrefix(a.booking, ledger.Consumer), // a restored database's own
	})
	return err
}

// learns says whether a line item rotates its creatives by click rate.
func (a *App) learns(id event.LineItemID) bool {
	li, ok := a.catalog.Load().LineItem(id)
	return ok && li.Rotation == campaign.RotateOptimised
}

// scores is what a bidder's catalog knows of creatives' click rates. A worker
// shows none.
func (a *App) scores() catalog.Scores {
	if !a.roles.bidder {
		return nil
	}
	return a.store
}

// work runs the worker until ctx ends: at once where the log is our own, and
// while this process leads where workers share one. The lease saves work
// only: a bid is booked once whoever books it.
func (a *App) work(ctx context.Context) error {
	if a.cfg.Events == "" {
		a.leading.Store(true)
		return a.lead(ctx)
	}
	return a.ledger.Lead(ctx, ledger.LeadConfig{
		Name: workerLease, Holder: a.cfg.Name + "-" + rand.Text(),
		TTL: a.market(workerLeaseTime), Interval: workerLeaseTime / 5,
		Failed: func(err error) { a.log.Error("worker lease", "error", err) },
		Changed: func(leads bool) {
			a.leading.Store(leads)
			a.log.Info("worker", "leads", leads)
		},
	}, a.lead)
}

func (a *App) lead(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return a.booker.Run(ctx) })
	g.Go(func() error { return a.exposures.Run(ctx) })
	g.Go(func() error { return a.learning.Run(ctx) })
	g.Go(func() error { return a.pace(ctx) })
	g.Go(func() error {
		a.ledger.RunReclaim(ctx, reclaimEvery, func(err error) { a.log.Error("reclaim", "error", err) })
		return nil
	})
	return g.Wait()
}
