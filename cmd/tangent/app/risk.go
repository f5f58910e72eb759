package app

import (
	"context"
	"time"

	"github.com/tangent-dsp/tangent/pacing"
)

// sayRisksEvery is how often, in real time, a bidder tells the ledger what may
// arrive late. Little of it is written: what changed by much.
const sayRisksEvery = time.Second

// sayRisks tells until ctx ends, and then once more.
func (a *App) sayRisks(ctx context.Context) {
	risks := a.ledger.Risks(a.pacer.Incarnation())
	var all []pacing.Risk
	say := func(ctx context.Context) {
		all = a.pacer.Risks(all[:0])
		if err := risks.Say(ctx, all); err != nil && ctx.Err() == nil {
			a.log.Error("late risk", "error", err)
		}
	}
	tick := time.NewTicker(sayRisksEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), sayRisksEvery)
			defer cancel()
			say(last)
			return
		case <-tick.C:
			say(ctx)
		}
	}
}
