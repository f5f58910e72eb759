package app

import (
	"context"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// watchInterval is how often, in real time, it is looked at whether money can
// still be accounted for.
const watchInterval = 100 * time.Millisecond

// watchGuard follows the switch that stops all bidders.
func (a *App) watchGuard(ctx context.Context) {
	a.ledger.WatchGuard(ctx, ledger.GuardInterval, func(g ledger.Guard) {
		a.guard.Store(&g)
		if g.Stopped {
			a.log.Error("the guard stops all bidding", "reason", g.Reason, "by", g.By)
		} else if !g.At.IsZero() {
			a.log.Info("the guard lets bidding go on", "reason", g.Reason, "by", g.By)
		}
	}, func(err error) { a.log.Error("guard", "error", err) })
}

// watch keeps the bidder's own switch true to what we know: bidding is on only
// while the guard allows it, the ledger grants, the log takes events, booking
// gets on and the clock can be believed. On doubt we do not spend.
func (a *App) watch(ctx context.Context) {
	tick := time.NewTicker(watchInterval)
	defer tick.Stop()
	start := time.Now()
	fitness := clock.NewFitness(clock.FitnessConfig{})
	audienceDown := false
	for {
		now := time.Now()
		fit, off := fitness.Observe(now.Round(0), now.Sub(start)) // the wall clock against the monotonic one
		if was := a.clockFit.Swap(fit); was && !fit {
			a.log.Error("the clock jumped: start this process again to believe the new time", "by", off)
		}
		if down := a.reader.Down(); down != audienceDown {
			audienceDown = down
			a.log.Warn("audience", "down", down) // what needs no user goes on
		}
		unfit := a.unfit()
		if len(unfit) == 0 && a.bidding.Start() {
			a.log.Info("bidding is on")
		}
		if len(unfit) > 0 && a.bidding.Stop() {
			a.log.Error("bidding is off", "because", unfit)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// unfit names what keeps this bidder from spending.
func (a *App) unfit() []string {
	var why []string
	say := func(bad bool, what string) {
		if bad {
			why = append(why, what)
		}
	}
	g := a.guard.Load()
	say(g == nil, "the guard has not been read")
	say(g != nil && g.Stopped, "the guard stops all bidding")
	say(!a.refresher.Ready(), "the catalog has not been loaded")
	say(!a.pacer.Ready(), "the ledger has not granted money: no bids")
	say(!a.watched.fit() || a.spool != nil && a.spool.Fit() != nil, "neither the event log nor the spool takes events: no bids, notices are answered 503")
	say(!a.clockFit.Load(), "the clock jumped")
	if still := a.progress.still(time.Now()); still != "" {
		why = append(why, still)
	}
	return why
}
