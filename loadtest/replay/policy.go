package replay

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Policy is a way to pace, by its name.
type Policy string

// The policies.
const (
	Tangent   Policy = "tangent"   // the controller of production
	Dual      Policy = "dual"      // mirror descent on billed cost (Balseiro, Lu and Mirrokni)
	PID       Policy = "pid"       // a feedback loop on the distance to the plan (Zhang et al. 2016)
	Throttle  Policy = "throttle"  // bids on a share of the auctions (Agarwal et al. 2014)
	Fixed     Policy = "fixed"     // yesterday's best lambda
	Constant  Policy = "constant"  // the same bid for everything
	Hindsight Policy = "hindsight" // today's best lambda: knows all
)

// Policies are all that there are.
var Policies = []Policy{Tangent, Dual, PID, Throttle, Fixed, Constant, Hindsight}

// ParsePolicy finds a policy by its name.
func ParsePolicy(name string) (Policy, error) {
	if slices.Contains(Policies, Policy(name)) {
		return Policy(name), nil
	}
	all := make([]string, len(Policies))
	for i, p := range Policies {
		all[i] = string(p)
	}
	return "", fmt.Errorf("there is no policy %q; there are %s", name, strings.Join(all, ", "))
}

// strategy is a policy at work in one bidder. It is a controller, so that it
// sits where production's does: behind the same holds and slices, told the
// same sums at the same ticks.
type strategy interface {
	pacing.Controller
	// bid returns what to offer for an impression, given the multiplier that
	// is published. draw is uniform within [0, 1). Nothing to offer is 0.
	bid(value, multiplier, draw float64) float64
}

// known is what a policy may know before the day begins: yesterday.
type known struct {
	lambda  float64       // the best of yesterday in hindsight
	prices  []money.Nanos // of yesterday, sorted
	traffic Shape         // how yesterday's auctions were spread
	volume  float64       // how many there were
	budget  float64       // of today
	bidders int
}

// bidValue bids value times multiplier, as production does.
type bidValue struct{}

func (bidValue) bid(value, multiplier, _ float64) float64 { return value * multiplier }

// production is the controller that Tangent runs.
type production struct {
	pacing.Controller
	bidValue
}

// controllerOf is what the pacer steps: of production the controller itself,
// which may be more to the pacer than a strategy is.
func controllerOf(s strategy) pacing.Controller {
	if p, ok := s.(*production); ok {
		return p.Controller
	}
	return s
}

// still is a lambda that never moves.
type still struct {
	bidValue
	lambda float64
}

func (s *still) Plan([]pacing.LineItem) {}

func (s *still) Step(time.Time, pacing.Sums) *pacing.Multipliers { return multiplier(1 / s.lambda) }

// hindsight knows the best lambda, and of the auctions that are worth exactly
// so much per cost how many the money is for.
type hindsight struct {
	still
	share float64
}

func (h *hindsight) bid(value, multiplier, draw float64) float64 {
	const aBit = 1e-9 // above rounding, below any other auction
	if draw < h.share {
		return value * multiplier * (1 + aBit)
	}
	return value * multiplier * (1 - aBit)
}

// constant bids the same for everything.
type constant struct {
	still
	price float64
}

func (c *constant) bid(float64, float64, float64) float64 { return c.price }

// knowing bids what is best for who knows how prices are distributed.
type knowing struct {
	still
	static *static
}

func (k *knowing) bid(value, multiplier, _ float64) float64 { return k.static.bid(value * multiplier) }

const lineItem event.LineItemID = 1

func multiplier(m float64) *pacing.Multipliers {
	return pacing.NewMultipliers(1, map[event.LineItemID]float64{lineItem: m})
}
