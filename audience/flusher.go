package audience

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// flush takes calls from the queue and does one round trip after another,
// each with everything that waits, until the reader closes.
func (r *Reader) flush() {
	var (
		ctx   = context.Background()
		calls = make([]*call, 0, r.max)
		cmds  = make([]*redis.SliceCmd, 0, r.max*MaxIDs)
		pipe  = r.client.Pipeline()
	)
	for {
		calls = calls[:0]
		select {
		case <-r.closing:
			return
		case c := <-r.queue:
			calls = r.take(calls, c)
		}
	fill:
		for len(calls) < r.max {
			select {
			case c := <-r.queue:
				calls = r.take(calls, c)
			default:
				break fill
			}
		}
		if len(calls) > 0 {
			cmds = r.roundTrip(ctx, pipe, calls, cmds[:0])
		}
	}
}

// take adds a call to the batch, unless its caller has gone.
func (r *Reader) take(calls []*call, c *call) []*call {
	if c.abandoned() {
		r.calls.Put(c)
		return calls
	}
	return append(calls, c)
}

func (r *Reader) roundTrip(ctx context.Context, pipe redis.Pipeliner, calls []*call, cmds []*redis.SliceCmd) []*redis.SliceCmd {
	start := time.Now()
	for _, c := range calls {
		for i := range c.asks[:c.asked] {
			cmd := redis.NewSliceCmd(ctx, c.asks[i].args...)
			cmds = append(cmds, cmd)
			_ = pipe.Process(ctx, cmd) // queues only
		}
	}
	// Every command carries its own error; in a Cluster some may succeed.
	_, err := pipe.Exec(ctx)
	r.metrics.redis.Observe(time.Since(start).Seconds())
	r.metrics.batch.Observe(float64(len(calls)))
	if err != nil {
		r.metrics.up.Set(0)
	} else {
		r.metrics.up.Set(1)
	}
	next := 0
	for _, c := range calls {
		c.take(cmds[next : next+c.asked])
		next += c.asked
		if !c.answer() {
			r.calls.Put(c)
		}
	}
	clear(cmds)
	return cmds
}
