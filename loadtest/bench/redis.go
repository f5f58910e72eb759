package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/audience/embedded"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/clock"
)

// redis is where the users are.
type redis struct {
	addr string // host:port
	stop func()
	info func(section string) (string, error) // nil: it cannot say
	cut  func(context.Context) error          // closes its connections; nil: it cannot
	hang func(context.Context) error          // has it answer nobody for a while; nil: it cannot
}

// hang is how long Redis hangs.
const hang = 200 * time.Millisecond

// startRedis starts Redis, or what stands in for it.
func (b *bench) startRedis() error {
	s, err := redistest.Start()
	if err == nil {
		client := s.Client()
		b.redis = redis{addr: s.Addr(),
			stop: func() { client.Close(); s.Close() },
			info: func(section string) (string, error) {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				defer cancel()
				return client.Info(ctx, section).Result()
			},
			cut: func(ctx context.Context) error { return client.ClientKillByFilter(ctx, "TYPE", "normal").Err() },
			hang: func(context.Context) error {
				err := s.Freeze()
				time.Sleep(hang)
				return errors.Join(err, s.Thaw())
			},
		}
		b.result.Conditions.Redis = "redis-server, a process of its own"
		return nil
	}
	b.say("%v; the embedded one stands in, which is slower", err)
	e, err := embedded.Start(embedded.Config{Clock: clock.Real()})
	if err != nil {
		return err
	}
	b.redis.addr, b.redis.stop = e.Addr(), e.Close
	b.result.Conditions.Redis = "embedded in the benchmark's process: redis-server is not installed"
	return nil
}

// redisCPU returns what Redis's process has used; 0 if it is embedded.
func (b *bench) redisCPU() (time.Duration, error) {
	user, err := b.redis.figure("cpu", "used_cpu_user")
	if err != nil {
		return 0, err
	}
	system, err := b.redis.figure("cpu", "used_cpu_sys")
	return time.Duration((user + system) * float64(time.Second)), err
}

// memory returns the bytes that Redis keeps; 0 if it is embedded.
func (r *redis) memory() (int64, error) {
	n, err := r.figure("memory", "used_memory")
	return int64(n), err
}

// figure reads a number of INFO.
func (r *redis) figure(section, name string) (float64, error) {
	if r.info == nil {
		return 0, nil
	}
	text, err := r.info(section)
	if err != nil {
		return 0, fmt.Errorf("cannot ask Redis: %w", err)
	}
	for line := range strings.Lines(text) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strconv.ParseFloat(strings.TrimSpace(value), 64)
		}
	}
	return 0, fmt.Errorf("cannot find %s in what Redis says", name)
}
