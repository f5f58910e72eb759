package bench

import (
	"context"
	"errors"
	"time"
)

// overload plays twice what the bidder keeps up with, between two times of
// half of it.
func (b *bench) overload(ctx context.Context, s *server) error {
	saturation := b.result.Kept
	if saturation == 0 {
		saturation = b.result.Rate
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
