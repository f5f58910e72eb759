package pacing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// KeptConfig is what a Kept works with.
type KeptConfig struct {
	Controller Controller // one that is no Rememberer keeps nothing
	Memory     Memory
	Name       string // in Memory; one controller at a time should keep under it
	Clock      clock.Clock
	Every      time.Duration // market time between two times that it keeps; default a minute
	// ReadOnly recalls and keeps nothing: for those that another one steps for.
	ReadOnly bool
	Failed   func(error) // told what could not be recalled or kept; nil: nobody
}

// Kept is a Controller that goes on, after a restart, from what it learned
// before. Without its memory it starts cold, and paces all the same.
type Kept struct {
	Controller
	cfg     KeptConfig
	last    time.Time // it was kept
	writing chan struct{}
	done    sync.WaitGroup
}

var (
	_ Priced  = (*Kept)(nil)
	_ Planner = (*Kept)(nil)
)

// NewKept returns a controller that remembers.
func NewKept(ctx context.Context, c KeptConfig) (*Kept, error) {
	if c.Controller == nil || c.Memory == nil || c.Name == "" || c.Clock == nil {
		return nil, errors.New("cannot make a controller that remembers: a controller, memory, name and clock are needed")
	}
	if c.Every == 0 {
		c.Every = time.Minute
	}
	if c.Failed == nil {
		c.Failed = func(error) {}
	}
	k := &Kept{Controller: c.Controller, cfg: c, last: c.Clock.Now(), writing: make(chan struct{}, 1)}
	if err := k.recall(ctx); err != nil {
		c.Failed(fmt.Errorf("cannot recall what pacing learned: %w", err))
	}
	return k, nil
}

func (k *Kept) recall(ctx context.Context) error {
	r, ok := k.Controller.(Rememberer)
	if !ok {
		return nil
	}
	memory, at, err := k.cfg.Memory.Recall(ctx, k.cfg.Name)
	if err != nil || at.IsZero() {
		return err
	}
	return r.Remember(memory, at, k.cfg.Clock.Now())
}

// Step steps, and keeps what was learned when it is time to. It does not wait
// for that.
func (k *Kept) Step(now time.Time, sums Sums) *Multipliers {
	m := k.Controller.Step(now, sums)
	if now.Sub(k.last) < k.cfg.Every {
		return m
	}
	select {
	case k.writing <- struct{}{}:
		k.last = now
		k.keep(context.Background(), func() { <-k.writing })
	default: // the last one is being written still
	}
	return m
}

// keep writes down what was learned, and calls done.
func (k *Kept) keep(ctx context.Context, done func()) {
	r, ok := k.Controller.(Rememberer)
	if !ok || k.cfg.ReadOnly {
		done()
		return
	}
	memory, err := r.Memory()
	k.done.Go(func() {
		defer done()
		if err == nil && memory != nil {
			err = k.cfg.Memory.Keep(ctx, k.cfg.Name, memory)
		}
		if err != nil {
			k.cfg.Failed(fmt.Errorf("cannot keep what pacing learned: %w", err))
		}
	})
}

// Close keeps what was learned a last time, after the last Step.
func (k *Kept) Close(ctx context.Context) {
	k.done.Wait()
	if !k.last.Equal(k.cfg.Clock.Now()) {
		k.keep(ctx, func() {})
		k.done.Wait()
	}
}

// Prices are those of the controller, if it tells them.
func (k *Kept) Prices(dst []Price) []Price {
	if p, ok := k.Controller.(Priced); ok {
		return p.Prices(dst)
	}
	return dst
}

// Adopt has the controller go on from prices, if it can.
func (k *Kept) Adopt(prices []Price) {
	if p, ok := k.Controller.(Priced); ok {
		p.Adopt(prices)
	}
}

// Planned is what the controller says, if it says so.
func (k *Kept) Planned(n event.NodePeriod, amount money.Nanos, at time.Time) (money.Nanos, bool) {
	if p, ok := k.Controller.(Planner); ok {
		return p.Planned(n, amount, at)
	}
	return 0, false
}

// Standings are those of the controller, if it tells them.
func (k *Kept) Standings(dst []Standing) []Standing {
	if e, ok := k.Controller.(Explainer); ok {
		return e.Standings(dst)
	}
	return dst
}

// View is the controller's, if it tells one.
func (k *Kept) View(id event.LineItemID) (View, bool) {
	if v, ok := k.Controller.(Viewer); ok {
		return v.View(id)
	}
	return View{}, false
}
