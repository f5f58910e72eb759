package chaos

import (
	"context"
	"fmt"
	"syscall"
	"time"
)

// slowBy is what every answer of a slow PostgreSQL takes longer.
const slowBy = 150 * time.Millisecond

// inject breaks what the fault breaks, and mends it after its time. It returns
// how to tell that all flows again since then.
func (w *world) inject(ctx context.Context, p planned, f *flow) (since time.Time, again func() bool, err error) {
	var mend func() error
	all := func() bool { return f.bidSince(since, w.bidders...) }
	switch p.Fault {
	case KillBidder:
		n := w.bidders[p.draw%uint64(len(w.bidders))]
		n.kill()
		mend = n.start
		again = func() bool { return f.bidSince(since, n) }
	case KillWorker:
		n := w.leader(ctx)
		n.kill()
		since = time.Now() // nothing has to be mended: the other takes over
		defer f.bookedAfter(&again)()
		mend = n.start
	case RestartRedis:
		w.redis.Kill()
		mend = w.redis.Restart
		again = func() bool { return f.knownUserSince(since) }
	case WipeRedis:
		mend = func() error {
			c := w.redis.Client()
			defer c.Close()
			return c.FlushAll(ctx).Err()
		}
		p.length = 0
		again = func() bool { return f.knownUserSince(since) }
	case StopNATS:
		mend = w.stopNATS(p.draw)
		defer f.bookedAfter(&again)()
	case StopPostgres:
		if p.draw%2 == 0 {
			w.postgres.Kill()
			mend = w.postgres.Restart
		} else {
			err = w.postgres.Freeze()
			mend = w.postgres.Thaw
		}
		defer f.bookedAfter(&again, all)()
	case SlowPostgres:
		w.proxy.slow(slowBy)
		mend = func() error { w.proxy.slow(0); return nil }
		defer f.bookedAfter(&again, all)()
	default:
		return since, nil, fmt.Errorf("cannot inject %q", p.Fault)
	}
	if err == nil {
		pause(ctx, p.length)
		err = mend()
	}
	if err != nil {
		return since, nil, fmt.Errorf("cannot inject %s: %w", p.Fault, err)
	}
	if since.IsZero() {
		since = time.Now()
	}
	return since, again, nil
}

// stopNATS takes most of the servers away, so that no majority is left, and
// returns what brings them back.
func (w *world) stopNATS(draw uint64) (mend func() error) {
	var away []*process
	for i := range len(w.nats)/2 + 1 {
		away = append(away, w.nats[(int(draw>>8%64)+i)%len(w.nats)])
	}
	kill := draw%2 == 0
	for _, p := range away {
		if kill {
			p.kill()
		} else {
			_ = p.signal(syscall.SIGSTOP) // it runs, or is about to be started again
		}
	}
	return func() error {
		for _, p := range away {
			var err error
			if kill {
				err = p.start()
			} else {
				err = p.signal(syscall.SIGCONT)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// leader returns the worker that books; if none says so, the first.
func (w *world) leader(ctx context.Context) *node {
	for _, n := range w.workers {
		if w.gauges(ctx, n)["tangent_worker_leading"] == 1 {
			return n
		}
	}
	return w.workers[0]
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
