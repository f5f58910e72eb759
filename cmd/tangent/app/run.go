package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tangent-dsp/tangent/bidder/arrival"
)

// Run serves until ctx ends or something that money depends on fails, then
// drains: bidding stops at once, notices are taken for the drain time, what
// the log holds is booked as far as it goes, and unspent money goes back to
// the ledger. It closes the App.
func (a *App) Run(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, a.closeAll()) }()

	// Three circles that end one after the other: what makes bids, what takes
	// notices, what books them.
	work, stopWork := context.WithCancel(context.Background())
	defer stopWork()
	var serving, working errgroup.Group
	failed := make(chan error, 16)
	var exchanges net.Listener
	start := func(g *errgroup.Group, what string, run func() error) {
		g.Go(func() error {
			if err := run(); err != nil {
				failed <- fmt.Errorf("%s: %w", what, err)
			}
			return nil
		})
	}

	if a.catalog != nil {
		start(&working, "outcomes", func() error { a.watchOutcomes(work); return nil })
		start(&working, "catalog", func() error { return a.refreshCatalog(work) })
	}
	if a.progress != nil {
		start(&working, "booking", func() error { a.watchBooking(work); return nil })
	}
	if a.roles.worker {
		start(&working, "worker", func() error { return a.work(work) })
	}
	if a.roles.bidder {
		stop, err := a.owners.listen(a.clock.Now)
		if err != nil {
			return err
		}
		defer stop()
		start(&working, "pacing", func() error { return a.pacer.Run(work) })
		start(&working, "landscape", func() error { a.learnPrices(work); return nil })
		start(&working, "lists", func() error { a.lists.watch(work); return nil })
		start(&working, "shared prices", func() error { return a.sharePrices(work) })
		start(&working, "guard", func() error { a.watchGuard(work); return nil })
		for _, f := range a.flushers {
			start(&working, f.what, func() error { f.run(work, a.log); return nil })
		}
		start(&working, "late risk", func() error { a.sayRisks(work); return nil })
		if a.spool != nil {
			start(&working, "unlogged", func() error { a.watchUnlogged(work); return nil })
		}
		start(&working, "log", func() error { a.watched.probe(work); return nil })
		start(&working, "watch", func() error { a.watch(work); return nil })
		exchanges = patient(arrival.Listen(a.listeners.exchange), a.exchangeFace)
		start(&serving, "exchange port", func() error { return a.exchangeFace.Serve(exchanges) })
	}
	if a.roles.control {
		start(&serving, "API port", func() error { return serve(a.apiFace, a.listeners.api) })
	}
	start(&serving, "admin port", func() error { return serve(a.adminFace, a.listeners.admin) })
	a.log.Info("tangent is up", append([]any{"version", a.version, "roles", a.roles.names()}, a.addresses()...)...)

	select {
	case <-ctx.Done():
		a.log.Info("draining: no more bids")
	case err = <-failed:
		a.log.Error("stopping: no more bids", "error", err)
	}
	a.bidding.Drain()
	stopped, cancel := context.WithTimeout(context.Background(), a.cfg.DrainTime+5*time.Second)
	defer cancel()
	errs := []error{err}
	if a.roles.bidder {
		if err == nil {
			time.Sleep(a.cfg.DrainTime) // exchanges go on sending notices; they get their 200
		}
		// The server ends nothing while it does not serve yet, and would serve after that for good.
		errs = append(errs, exchanges.Close(), a.cut("exchange port", ignoreClosed(a.exchangeFace.ShutdownWithContext(stopped))))
	}
	if a.roles.control {
		errs = append(errs, a.cut("API port", a.apiFace.Shutdown(stopped)))
	}
	if a.booker != nil && a.cfg.Events == "" {
		a.awaitBooked(stopped) // nobody else reads our own log
	}
	stopWork()
	working.Wait()
	errs = append(errs, a.cut("admin port", a.adminFace.Shutdown(stopped)))
	serving.Wait()
	a.log.Info("tangent is down")
	return errors.Join(errs...)
}

// cut says that connections were still open when the time to stop was over, which
// is no failure: clients open some that they never use, and keep them.
func (a *App) cut(port string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		a.log.Warn("connections were open to the end and are cut", "port", port)
		return nil
	}
	return err
}

func serve(s *http.Server, ln net.Listener) error {
	if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// refreshCatalog polls the store, and looks at once when the API wrote.
func (a *App) refreshCatalog(ctx context.Context) error {
	context.AfterFunc(ctx, a.catalog.Close) // a large change is not waited for
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.refresh:
		case <-time.After(a.cfg.CatalogRefresh):
		}
		_ = a.refresher.Refresh(ctx) // counted and logged by the refresher
	}
}

// awaitBooked waits until the log has nothing left to book, or ctx ends: what
// is left is booked at the next start.
func (a *App) awaitBooked(ctx context.Context) {
	for ctx.Err() == nil {
		if n, err := a.Unbooked(ctx); err != nil || n == 0 {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
