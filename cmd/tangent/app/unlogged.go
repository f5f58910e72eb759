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
	u := newUnlogged(a.ledger, a.cfg.Name, a.market(logSlack), a.clock.Now(), a.spool.Stats().Records > 0)
	for {
		now, spool := a.clock.Now(), a.spool.Stats()
		if err := u.step(ctx, now, spool.Records > 0 || !spool.AwaySince.IsZero()); err != nil && ctx.Err() == nil {
			a.log.Warn("cannot say what the event log lacks", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// unlogged is what was said to the ledger of this bidder's spool. Times are
// market time.
type unlogged struct {
	ledger unloggedLedger
	name   string
	slack  time.Duration

	empty  time.Time // when the spool was last seen empty
	since  time.Time // since when it has been, zero while it is not
	said   bool      // the ledger knows that it is not
	unsure bool      // the ledger may believe that it is not: so did an earlier start, perhaps
}

type unloggedLedger interface {
	SetUnlogged(ctx context.Context, name string, since time.Time) error
	SetLogged(ctx context.Context, name string) error
	Booked(ctx context.Context) (time.Time, error)
}

// newUnlogged begins at now. filled says that an earlier start left events in
// the spool, perhaps without a word about them: they may be of any age, and
// nothing ages until they are booked.
func newUnlogged(l unloggedLedger, name string, slack time.Duration, now time.Time, filled bool) *unlogged {
	u := &unlogged{ledger: l, name: name, slack: slack, empty: now, unsure: true}
	if filled {
		u.empty = time.Unix(0, 0)
	}
	return u
}

// step takes in whether events wait in the spool now.
func (u *unlogged) step(ctx context.Context, now time.Time, waiting bool) error {
	if waiting {
		u.since = time.Time{}
		if u.said {
			return nil
		}
		err := u.ledger.SetUnlogged(ctx, u.name, u.empty.Add(-u.slack))
		u.said, u.unsure = err == nil, true // it may have been written all the same
		return err
	}
	u.empty = now
	if u.since.IsZero() {
		u.since = now
	}
	if !u.unsure {
		return nil
	}
	// What the spool had is in the log now. It is booked once booking has come
	// beyond the moment in which the spool was empty.
	booked, err := u.ledger.Booked(ctx)
	if err != nil || !booked.After(u.since) {
		return err
	}
	if err := u.ledger.SetLogged(ctx, u.name); err != nil {
		return err
	}
	u.said, u.unsure = false, false
	return nil
}
