package central

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/pacing"
)

// A bidder that hears nothing goes on, after a while, with its own controller,
// from the prices that it heard last and as if all met what it does. When the
// controller for all is back, it is followed within a tick, from the prices
// that the bidders have come to.
func TestFallBackAndReturn(t *testing.T) {
	market, bus := clock.NewManual(midnight), new(Direct)
	steps := newRecorder()
	steps.log[1], steps.log[9] = 3, 2
	central := newController(t, bus, market, 1, steps)
	own := []*recorder{newRecorder(), newRecorder()}
	all := []*Remote{newRemote(t, bus, 1, own[0]), newRemote(t, bus, 2, own[1])}
	var last *pacing.Multipliers
	run := func(ticks int, with *Controller) {
		t.Helper()
		for range ticks {
			for _, r := range all {
				m := r.Step(market.Now(), met(6, 1e6))
				if r == all[0] {
					if last != nil && m.Version() < last.Version() {
						t.Fatalf("version %x came after %x", m.Version(), last.Version())
					}
					last = m
				}
			}
			if with != nil {
				if err := with.Step(); err != nil {
					t.Fatal(err)
				}
			}
			market.Advance(tick)
		}
	}
	want := func(when string, led bool, log float64) {
		t.Helper()
		if all[0].Led() != led || last.Of(1) != math.Exp(-log) {
			t.Errorf("%s it is led: %t, and its multiplier is %v, want %t and %v", when, all[0].Led(), last.Of(1), led, math.Exp(-log))
		}
		if local := value(t, all[0].metrics.local); led != (local == 0) {
			t.Errorf("%s the metric of pacing by itself is %v", when, local)
		}
	}
	run(1, central)
	want("at the first tick", false, 0)
	run(120, central)
	want("while it hears,", true, 3)
	if s := all[0].Share(9); math.Abs(s-.5) > .02 {
		t.Errorf("of two alike its share is %v", s)
	}

	central.Close()
	run(5, nil)
	want("for as long as what it heard is fresh", true, 3)
	before := own[0].sums[1].Opportunities
	run(2, nil)
	want("when nothing is fresh any more", false, 3)
	if own[0].log[9] != 2 {
		t.Errorf("its own controller goes on from %v", own[0].log)
	}
	run(10, nil)
	if got := own[0].sums[1].Opportunities - before; got < 140 || got > 148 {
		t.Errorf("in 12 ticks of 6 its own controller met %d opportunities, want those of two bidders", got)
	}
	own[0].log[1], own[1].log[1] = 4, 4.5
	run(1, nil)
	want("by itself", false, 4)

	back := newController(t, bus, market, 2, newRecorder())
	run(1, back)
	want("before the new controller has spoken", false, 4)
	run(int(grace)+2, back)
	if log := -math.Log(last.Of(1)); !all[0].Led() || log < 4 || log > 4.5 {
		t.Errorf("led: %t by the new controller, whose price is %v; want one between the bidders' 4 and 4.5", all[0].Led(), log)
	}
	if age := value(t, all[0].metrics.age); age > tick.Seconds() {
		t.Errorf("what it heard is %v old", time.Duration(age*float64(time.Second)))
	}
}
