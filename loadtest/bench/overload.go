package bench

import (
	"context"
	"errors"
	"time"
)

// overload plays twice what the bidder keeps up with, between two times of
// half of it. Where it can, it sets the cores apart, half of one for the bidder
// and Redis and the others for the generator, and looks for saturation anew: a
// generator that shares the bidder's cores cannot send twice of what both keep up
// with, nor can one that has a core of its own of what a bidder can do with another.
func (b *bench) overload(ctx context.Context, s *server) (err error) {
	saturation, from := b.result.Kept, max(firstStep, b.result.Kept/8)
	if all, first, rest, ok := parted(); ok {
		b.say("cores apart: half of one for the bidder and Redis, the others for the generator")
		served := []int{s.cmd.Process.Pid}
		if pid, err := b.redis.figure("server", "process_id"); err != nil {
			return err
		} else if pid > 0 {
			served = append(served, int(pid))
		}
		for _, pid := range served {
			if err := pin(pid, &first); err != nil {
				return err
			}
			defer func() { err = errors.Join(err, pin(pid, &all)) }()
		}
		var leave func()
		if leave, err = crowd(&first); err != nil {
			return err
		}
		defer leave()
		b.generatorCPUs = &rest
		defer func() { b.generatorCPUs = nil }()
		if saturation, err = b.saturation(ctx, s, from); err != nil {
			return err
		}
		b.result.ShedApart = true
	}
	b.did()
	b.result.ShedKept = saturation
	if saturation == 0 {
		saturation = from / 2 // it kept up with nothing: half of the first step
	}
	b.say("twice the saturation: %.0f requests per second", 2*saturation)
	each := min(max(b.cfg.Each, time.Second), 25*time.Second) // what load.Overload allows
	r, err := b.generate(ctx, s, func() {}, "--overload", "--rate", number(saturation), "--duration", (3 * each).String())
	if err != nil {
		return err
	}
	if r.Shed == nil {
		return errors.New("the overload was not played")
	}
	b.found(r)
	b.result.Shed = r.Shed
	b.did()
	return nil
}
