package audience

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// flush takes what waits in a lane and does one round trip after another, each
// with everything that waits, until the lane closes.
func (r *Reader) flush(l *lane) {
	var (
		ctx   = context.Background()
		parts = make([]part, 0, r.max)
		cmds  = make([]*redis.SliceCmd, 0, r.max*MaxIDs)
		pipe  = l.client.Pipeline()
	)
	for {
		parts = parts[:0]
		select {
		case <-l.closing:
			return
		case p := <-l.queue:
			parts = r.take(parts, p)
		}
	fill:
		for len(parts) < r.max {
			select {
			case p := <-l.queue:
				parts = r.take(parts, p)
			default:
				break fill
			}
		}
		if len(parts) > 0 {
			cmds = r.roundTrip(ctx, l, pipe, parts, cmds[:0])
		}
	}
}

// take adds a part to the batch, unless its caller has gone.
func (r *Reader) take(parts []part, p part) []part {
	if p.call.abandoned() {
		r.end(p)
		return parts
	}
	return append(parts, p)
}

// end ends a part. With the last one the call is answered, or put back if its
// caller has gone.
func (r *Reader) end(p part) {
	if p.end() && !p.call.answer() {
		r.calls.Put(p.call)
	}
}

func (r *Reader) roundTrip(ctx context.Context, l *lane, pipe redis.Pipeliner, parts []part, cmds []*redis.SliceCmd) []*redis.SliceCmd {
	start := time.Now()
	l.used.Store(int64(start.Sub(r.opened)))
	for _, p := range parts {
		c := p.call
		for i := range c.asks[:c.asked] {
			if c.lane[i] == p.lane {
				cmd := redis.NewSliceCmd(ctx, c.asks[i].args...)
				cmds = append(cmds, cmd)
				_ = pipe.Process(ctx, cmd) // queues only
			}
		}
	}
	// Every command carries its own error; in a Cluster some may succeed.
	_, err := pipe.Exec(ctx)
	if err != nil && l != r.lanes.first {
		err = r.lanes.again(ctx, cmds)
	}
	r.metrics.redis.Observe(time.Since(start).Seconds())
	r.metrics.batch.Observe(float64(len(parts)))
	l.ok.Store(err == nil)
	if l == r.lanes.first {
		r.lanes.learn(cmds)
	}
	next := 0
	for _, p := range parts {
		next += p.take(cmds[next:])
		r.end(p)
	}
	clear(cmds)
	return cmds
}
