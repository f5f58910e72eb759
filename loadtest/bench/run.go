package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// bench is one run.
type bench struct {
	cfg     Config
	dir     string
	redis   redis
	servers []*server // all that were started
	result  *Result
	sent    int64 // numbers of requests that rounds have used
	done    int   // measurements

	generatorCPUs *cpuSet // nil: all
}

// Run measures, which takes about Each times Rounds for each of the series,
// and what it takes to fill the databases. Where it does not come to its end,
// it returns with the error what was measured until then, marked as partial, if
// a round was.
func Run(ctx context.Context, cfg Config) (*Result, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("cannot run the benchmark: %w", err)
	}
	dir, err := os.MkdirTemp("", "tangent-bench-")
	if err != nil {
		return nil, fmt.Errorf("cannot run the benchmark: %w", err)
	}
	defer os.RemoveAll(dir)
	b := &bench{cfg: cfg, dir: dir, result: newResult(&cfg), redis: redis{stop: func() {}}}
	defer b.stop()
	if err = b.run(ctx); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err() // what it broke says nothing
		}
		err = fmt.Errorf("cannot run the benchmark: %w", err)
		if b.result.Partial = b.reached(); b.result.Partial == "" {
			return nil, err
		}
	}
	b.result.sum(&cfg)
	return b.result, err
}

// reached says how far a benchmark came that has an end before its time; empty:
// not through one round.
func (b *bench) reached() string {
	rounds := b.cfg.Rounds
	for _, s := range b.result.Series {
		rounds = min(rounds, len(s.rounds))
	}
	switch {
	case rounds == 0 || len(b.result.Series) == 0:
		return ""
	case rounds < b.cfg.Rounds:
		return fmt.Sprintf("%d of %d rounds, and nothing that comes after them", rounds, b.cfg.Rounds)
	}
	return "all rounds, but not all that comes after them"
}

// stop ends what still runs.
func (b *bench) stop() {
	endAll(endLimit, b.servers...)
	b.redis.stop()
}

func (b *bench) say(format string, args ...any) { b.tell(fmt.Sprintf(format, args...)) }

// did counts a measurement.
func (b *bench) did() { b.done++; b.tell("") }

func (b *bench) tell(line string) {
	if b.cfg.Progress != nil {
		b.cfg.Progress(Progress{Done: b.done, All: b.all(), Line: line})
	}
}

// all is how many measurements there are: each series in each round and once
// to warm up, the databases and bidders, saturation twice, overload, what disturbs and the soak.
func (b *bench) all() int {
	series := len(b.cfg.Sizes) + 5 + len(b.cfg.Try)
	if b.cfg.Beside != "" {
		series++
	}
	n := len(b.cfg.Sizes) + series*(b.cfg.Rounds+1) + 4
	if b.cfg.Soak > 0 {
		n += soakParts + 1 // Redis fails over
	}
	if b.cfg.Cached > 0 {
		n++
	}
	return n
}

func (b *bench) run(ctx context.Context) error {
	if err := b.preflight(ctx); err != nil {
		return err
	}
	if err := b.startRedis(); err != nil {
		return err
	}
	if err := b.populate(ctx); err != nil {
		return err
	}
	if err := b.startAll(ctx); err != nil {
		return err
	}
	home := b.result.find(ofBid, b.cfg.Sizes[b.cfg.home()]).server
	if err := b.findRate(ctx, home); err != nil {
		return err
	}
	if err := b.rounds(ctx); err != nil {
		return err
	}
	for _, s := range b.result.Series {
		var err error
		if s.Resident, err = residentOf(s.server.cmd.Process.Pid); err != nil {
			return err
		}
	}
	if err := b.overload(ctx, home); err != nil {
		return err
	}
	if err := b.disturb(ctx); err != nil {
		return err
	}
	if b.cfg.Cached > 0 {
		if err := b.cached(ctx); err != nil {
			return err
		}
	}
	if b.cfg.Soak > 0 {
		return b.soak(ctx)
	}
	return nil
}

// fresh numbers requests so that no two rounds see the same, as far as the
// generator may come in a time.
func (b *bench) fresh(d time.Duration) []string {
	skip := b.sent
	b.sent += int64(2*b.result.Rate*d.Seconds()) + 1000
	return []string{"--skip", strconv.FormatInt(skip, 10)}
}

// rounds plays to each in turns, after one that does not count. The order
// changes, so that nobody always follows the same. All see the same requests
// in a round.
func (b *bench) rounds(ctx context.Context) error {
	all := b.result.Series
	log := b.result.find(ofNotices, 0).server.data
	var busy busyTime
	var logged int64
	defer func() { b.result.Conditions.Others = b.busy().others(busy) }()
	for round := -1; round < b.cfg.Rounds; round++ {
		length := b.cfg.Each
		if round < 0 {
			b.say("warming up")
			length /= 2
		}
		fresh := b.fresh(length)
		if round == 0 {
			busy, logged = b.busy(), sizeOfDir(filepath.Join(log, "events"))
		}
		for k := range all {
			s := all[(k+max(0, round))%len(all)]
			s.Rate = b.result.Rate * s.pace
			m, err := b.measure(ctx, s.server, s.Rate, length, append(fresh, s.load...)...)
			if err != nil {
				return err
			}
			b.did()
			if round >= 0 {
				s.rounds = append(s.rounds, m)
				if s.Resident, err = residentOf(s.server.cmd.Process.Pid); err != nil {
					return err
				}
				b.say("  round %d of %d, %-22s %7.1f us CPU per request, p99 %.2f ms", round+1, b.cfg.Rounds, s.title(), m.CPU, m.P99/1000)
			}
		}
	}
	var notices int64
	for _, m := range b.result.find(ofNotices, 0).rounds {
		notices += m.report.Notices.Sent
	}
	b.result.EventBytes = float64(sizeOfDir(filepath.Join(log, "events"))-logged) / float64(max(1, notices))
	return nil
}
