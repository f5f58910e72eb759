package app

import (
	"context"
	"time"
)

// logSlack is how long, in real time, an event may take from its receipt
// until it is in the log or it is known that it waits on this disk.
const logSlack = 3 * time.Second

// watchUnlogged tells the ledger when notices wait on this disk for the event
// log, so that no bidder takes their bills for bills that did not come.
func (a *App) watchUnlogged(ctx context.Context) {
	tick := time.NewTicker(a.cfg.Tick)
	defer tick.Stop()
	w := unlogged{empty: a.clock.Now(), unsure: true} // an earlier start may have said so
	for {
		if err := w.step(ctx, a); err != nil && ctx.Err() == nil {
			a.log.Warn("cannot say that the event log lacks events", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// unlogged is what was said to the ledger of this bidder's spool.
type unlogged struct {
	empty  time.Time // market time when the spool was last seen empty
	since  time.Time // since when it has been, zero while it is not
	said   bool      // the ledger knows that it is not
	unsure bool      // the ledger may believe that it is not
}

func (w *unlogged) step(ctx context.Context, a *App) error {
	now, stats := a.clock.Now(), a.spool.Stats()
	if stats.Records > 0 || !stats.AwaySince.IsZero() {
		w.since = time.Time{}
		if w.said {
			return nil
		}
		err := a.ledger.SetUnlogged(ctx, a.cfg.Name, w.empty.Add(-a.market(logSlack)))
		w.said = err == nil
		w.unsure = true // it may have been written all the same
		return err
	}
	w.empty = now
	if w.since.IsZero() {
		w.since = now
	}
	if !w.unsure {
		return nil
	}
	// What the spool had is in the log now. It is booked once booking is
	// beyond the moment in which the spool was empty.
	booked, err := a.ledger.Booked(ctx)
	if err != nil || !booked.After(w.since) {
		return err
	}
	if err := a.ledger.SetLogged(ctx, a.cfg.Name); err != nil {
		return err
	}
	w.said, w.unsure = false, false
	return nil
}
