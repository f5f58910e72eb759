package replay

import (
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/central"
)

// fleet is the controller that steps for all bidders, as a worker runs it.
type fleet struct {
	controller pacing.Controller
	lostAt     time.Duration // of today: from then on nothing is heard; 0 is never, below 0 is always

	bus  central.Bus
	tick time.Duration
	all  *central.Controller
}

func (f *fleet) open(bus central.Bus, c clock.Clock, tick time.Duration, items func() (uint64, []pacing.LineItem)) (err error) {
	f.bus, f.tick = bus, tick
	// In production's proportions, where a tick is a second.
	f.all, err = central.New(central.Config{
		Controller: f.controller, Bus: f.bus, Clock: c, LineItems: items, Epoch: 1, Interval: tick, Silent: 5 * tick, Window: 60 * tick,
	})
	return err
}

// remote is a bidder's part.
func (f *fleet) remote(local pacing.Controller, number int) (*central.Remote, error) {
	return central.NewRemote(central.RemoteConfig{
		Local: local, Bus: f.bus, ID: uint64(number + 1), Fresh: 5 * f.tick, Window: 60 * f.tick,
	})
}

// step ticks it, after the bidders' ticks, for as long as it is there.
func (f *fleet) step(today int, now time.Time) error {
	if f.lostAt < 0 || f.lostAt > 0 && today == 1 && now.Sub(now.Truncate(day)) >= f.lostAt {
		return nil
	}
	return f.all.Step()
}

// shareEvery is how many ticks bidders keep what they observed to themselves.
const shareEvery = 5

// share has bidders tell each other the prices that they met.
func share(prices *landscape.Learner, bus central.Bus, tick time.Duration, number int) (*central.Sharing, error) {
	return central.NewSharing(central.SharingConfig{Counter: prices, Bus: bus, ID: uint64(number + 1), Every: shareEvery * tick})
}
