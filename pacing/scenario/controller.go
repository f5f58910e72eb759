package scenario

import (
	"errors"

	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/central"
)

// StartController starts the controller that steps for all bidders. Those that
// start from then on listen, and go on by themselves when it is lost.
func (w *World) StartController() error {
	if w.controller != nil {
		return errors.New("a controller runs already")
	}
	steps, err := pacing.NewDual(pacing.DualConfig{})
	if err != nil {
		return err
	}
	w.epoch++
	w.controller, err = central.New(central.Config{
		Controller: steps, Bus: &w.bus, Clock: w.Clock, Epoch: w.epoch,
		LineItems: func() (uint64, []pacing.LineItem) { return w.version, w.paced },
	})
	return err
}

// LoseController ends it as a crash does.
func (w *World) LoseController() error {
	if w.controller == nil {
		return errors.New("no controller runs")
	}
	w.controller.Close()
	w.controller = nil
	return nil
}

// listens returns the controller of a bidder that starts; nil is production's
// of a bidder that is alone.
func (w *World) listens() (*central.Remote, error) {
	if w.epoch == 0 {
		return nil, nil
	}
	own, err := pacing.NewDual(pacing.DualConfig{})
	if err != nil {
		return nil, err
	}
	return central.NewRemote(central.RemoteConfig{Local: own, Bus: &w.bus})
}
