package bench

import (
	"context"
	"errors"
	"time"
)

// overload plays twice what the bidder keeps up with, between two times of
// half of it. Where it can, it sets the cores apart, one for the bidder and the
// others for the generator, and looks for saturation anew: a generator that
// shares the bidder's cores cannot send twice of what both keep up with. Redis
// may use all: of two cores, the generator needs the whole of its own.
func (b *bench) overload(ctx context.Context, s *server) (err error) {
	saturation, from := b.result.Kept, max(firstStep, b.result.Kept/4)
	if all, first, rest, ok := parted(); ok {
		b.say("cores apart: one for the bidder, the others for the generator")
		if err := pin(s.cmd.Process.Pid, &first); err != nil {
			return err
		}
		b.generatorCPUs = &rest
		defer func() {
			b.generatorCPUs = nil
			err = errors.Join(err, pin(s.cmd.Process.Pid, &all))
		}()
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
