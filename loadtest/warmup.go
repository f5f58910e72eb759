package loadtest

import (
	"context"
	"math"
	"time"
)

// firstWarm is the number of the first request of a warm-up less one: no run
// comes so far, so a run with a warm-up sends what it sends without.
const firstWarm = 1 << 48

// warmUp plays traffic before anything counts, and waits for its answers:
// connections are open then, and both sides have grown their buffers. Nothing
// is bought in it, so that all that is bought is in the books.
func (x *exchange) warmUp(ctx context.Context) error {
	if x.cfg.WarmUp == 0 {
		return nil
	}
	rate := x.cfg.Rate
	if x.cfg.Stages != nil {
		rate = RateAt(x.cfg.Stages, 0)
	}
	w := *x
	w.tally = newTally(false, 1, x.cfg.Targets...)
	w.cfg.Stages, w.cfg.Duration = []Stage{{From: rate, To: rate, For: x.cfg.WarmUp}}, x.cfg.WarmUp
	w.cfg.Requests, w.cfg.Skip = 0, firstWarm+x.cfg.Skip
	w.cfg.BidsOnly, w.cfg.CheckEvery = true, math.MaxInt
	if err := w.bid(ctx); err != nil {
		return err
	}
	if x.cfg.Warm != nil && !x.stopped() {
		x.cfg.Warm()
	}
	x.cfg.Start = time.Now()
	x.cpu = cpuTime()
	x.requests.sent.Store(0)
	x.requests.received.Store(0)
	return nil
}
