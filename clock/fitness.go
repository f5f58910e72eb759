package clock

import "time"

// FitnessConfig says how far a clock may be from where it should be.
type FitnessConfig struct {
	// Speed is the watched clock's seconds per real second. Default 1.
	Speed float64
	// Tolerance is the jump, in the watched clock's time, that is forgiven.
	// Default 1 s times Speed.
	Tolerance time.Duration
	// Drift is how much faster or slower the clock may run than the monotonic
	// one, as when it is being slewed to the right time. Default 0.001, twice
	// what an operating system slews at most.
	Drift float64
}

// Fitness says whether a clock can be believed. It compares the clock with
// the monotonic one, which never jumps: both must have advanced alike. A wall
// clock that was set, a machine that was suspended (its monotonic clock stood
// still) or restored from a snapshot, all show as a jump.
//
// A clock that has jumped stays unfit until it is back where it should be.
// Nothing heals it by time: flights, days, leases and horizons were all
// reckoned on the old one. A process that should believe the new time is
// started again.
//
// Fitness reads no clock itself and is not safe for concurrent use.
type Fitness struct {
	cfg     FitnessConfig
	started bool
	unfit   bool
	at      time.Duration // monotonic, of the last reading while fit
	drift   time.Duration // that may have come since then
	base    time.Duration // the watched clock less the monotonic one, then
	origin  time.Time     // the watched clock's first reading
	first   time.Duration // the monotonic clock's
}

// NewFitness returns a detector that has read nothing yet.
func NewFitness(c FitnessConfig) *Fitness {
	if c.Speed <= 0 {
		c.Speed = 1
	}
	if c.Tolerance <= 0 {
		c.Tolerance = time.Duration(float64(time.Second) * c.Speed)
	}
	if c.Drift <= 0 {
		c.Drift = 0.001
	}
	return &Fitness{cfg: c}
}

// Observe takes what the watched clock shows and the monotonic time since any
// fixed instant, read together. It returns whether the clock is fit, and by
// how much it is off: above zero when it is ahead of where it should be. The
// first reading is believed.
//
//	started := time.Now()
//	fit, off := f.Observe(time.Now().Round(0), time.Since(started)) // Round drops the monotonic reading
func (f *Fitness) Observe(shown time.Time, monotonic time.Duration) (fit bool, off time.Duration) {
	shown = shown.Round(0)
	if !f.started {
		f.started, f.origin, f.first, f.at = true, shown, monotonic, monotonic
		return true, 0
	}
	passed := time.Duration(float64(monotonic-f.first) * f.cfg.Speed)
	lead := shown.Sub(f.origin) - passed // saturates at 292 years: off all the same
	off = lead - f.base
	if !f.unfit { // once unfit, time forgives nothing more
		f.drift = time.Duration(f.cfg.Drift * f.cfg.Speed * float64(max(0, monotonic-f.at)))
	}
	f.unfit = off.Abs() > f.cfg.Tolerance+f.drift
	if !f.unfit {
		// What was slewed is believed from now on, what jumped a little is not:
		// many small jumps would make a large one.
		f.base += min(f.drift, max(-f.drift, off))
		f.at = monotonic
	}
	return !f.unfit, off
}

// Fit returns what the last Observe did; true before the first.
func (f *Fitness) Fit() bool { return !f.unfit }
