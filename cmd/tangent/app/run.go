package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// watchInterval is how often, in real time, it is looked at whether money can
// still be accounted for.
const watchInterval = 100 * time.Millisecond

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
	start := func(g *errgroup.Group, what string, run func() error) {
		g.Go(func() error {
			if err := run(); err != nil {
				failed <- fmt.Errorf("%s: %w", what, err)
			}
			return nil
		})
	}

	start(&working, "booking", func() error { return a.booker.Run(work) })
	start(&working, "exposures", func() error { return a.exposures.Run(work) })
	start(&working, "catalog", func() error { return a.refreshCatalog(work) })
	start(&working, "pacing", func() error { return a.pacer.Run(work) })
	start(&working, "reclaim", func() error {
		a.ledger.RunReclaim(work, time.Second, func(err error) { a.log.Error("reclaim", "error", err) })
		return nil
	})
	start(&working, "watch", func() error { a.watch(work); return nil })
	start(&serving, "exchange port", func() error { return a.exchangeFace.Serve(a.listeners.exchange) })
	start(&serving, "API port", func() error { return serve(a.apiFace, a.listeners.api) })
	start(&serving, "admin port", func() error { return serve(a.adminFace, a.listeners.admin) })
	a.log.Info("tangent is up", "version", a.version, "exchanges", a.URL(), "api", a.APIURL(), "admin", a.AdminURL())

	select {
	case <-ctx.Done():
		a.log.Info("draining: no more bids")
	case err = <-failed:
		a.log.Error("stopping: no more bids", "error", err)
	}
	a.bidding.Drain()
	if err == nil {
		time.Sleep(a.cfg.DrainTime) // exchanges go on sending notices; they get their 200
	}
	stopped, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	errs := []error{err, a.exchangeFace.ShutdownWithContext(stopped), a.apiFace.Shutdown(stopped)}
	a.awaitBooked(stopped)
	stopWork()
	working.Wait()
	errs = append(errs, a.adminFace.Shutdown(stopped))
	serving.Wait()
	a.log.Info("tangent is down")
	return errors.Join(errs...)
}

func serve(s *http.Server, ln net.Listener) error {
	if err := s.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// refreshCatalog polls the store, and looks at once when the API wrote.
func (a *App) refreshCatalog(ctx context.Context) error {
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

// watch keeps the switch true to what we know: bidding is on only while the
// ledger grants and the log takes events. On doubt we do not spend.
func (a *App) watch(ctx context.Context) {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	for {
		fit := a.pacer.Ready() && a.watched.fit()
		if fit && a.bidding.Start() {
			a.log.Info("bidding is on")
		}
		if !fit && a.bidding.Stop() {
			a.log.Error("bidding is off", "because", a.missing())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
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
