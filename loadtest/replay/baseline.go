package replay

import (
	"fmt"
	"math"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/pacing"
)

// setting is one choice of a baseline's parameters.
type setting struct {
	name string
	x, y float64
}

// grid returns the settings among which a baseline is tuned on yesterday.
func (p Policy) grid(k *known) (all []setting) {
	switch p {
	case Dual:
		for _, eta := range []float64{.0001, .0003, .001, .003, .01} {
			all = append(all, setting{name: fmt.Sprintf("eta %g", eta), x: eta})
		}
	case PID:
		for _, kp := range []float64{5, 15, 50} {
			for _, ki := range []float64{0, 50} {
				all = append(all, setting{name: fmt.Sprintf("kp %g ki %g", kp, ki), x: kp, y: ki})
			}
		}
	case Throttle:
		for _, f := range []float64{.03, .1, .3, .6, 1} {
			all = append(all, setting{name: fmt.Sprintf("lambda x%g", f), x: f})
		}
	case Constant:
		for _, q := range []float64{.02, .1, .2, .3, .45, .6, .8, 1} {
			bid := k.prices[min(len(k.prices)-1, int(q*float64(len(k.prices))))]
			all = append(all, setting{name: fmt.Sprintf("bid at the price's %g %% quantile", 100*q), x: float64(bid)})
		}
	}
	return all
}

// strategy returns a baseline at work.
func (p Policy) strategy(k *known, s setting) strategy {
	switch p {
	case Dual:
		return &mirror{known: k, eta: s.x}
	case PID:
		return &pid{known: k, kp: s.x, ki: s.y}
	case Throttle:
		return &throttle{known: k, lambda: k.lambda * s.x, pass: .5}
	case Constant:
		return &constant{price: s.x, still: still{lambda: 1}}
	default:
		return &still{lambda: k.lambda}
	}
}

// pace is what the baselines read off the sums.
type pace struct {
	day    time.Time
	last   float64 // spent by the last step
	billed float64 // spent so far today, as a share of the budget
	step   float64 // spent since the last step
}

// read takes in a tick, and says whether it is the first of a day.
func (p *pace) read(now time.Time, s pacing.Sums, budget float64) (first bool) {
	if today := now.Truncate(day); !p.day.Equal(today) {
		*p, first = pace{day: today}, true
	}
	for i := range s.Nodes {
		if n := &s.Nodes[i]; n.Node == firstNode && n.Period == campaign.PeriodOf(now, time.UTC) {
			p.billed = float64(n.Booked) / budget
		}
	}
	p.step, p.last = p.billed-p.last, p.billed
	return first
}

// plan is the share of the budget that yesterday's traffic says should be
// spent by now.
func (k *known) plan(now time.Time) float64 {
	at := now.Sub(now.Truncate(day))
	sum := 0.
	for h := range hour(at) {
		sum += k.traffic[h]
	}
	return sum + k.traffic[hour(at)]*float64(at%time.Hour)/float64(time.Hour)
}

// mirror is dual mirror descent: lambda follows what was billed against an
// even share for each auction that came.
type mirror struct {
	bidValue
	pace
	*known
	eta, log float64
}

func (m *mirror) Plan([]pacing.LineItem) {}

func (m *mirror) Step(now time.Time, s pacing.Sums) *pacing.Multipliers {
	if m.read(now, s, m.budget) {
		m.log = math.Log(m.lambda) // what it came to when yesterday's money was gone is no guide
	}
	came := 0.
	for i := range s.LineItems {
		came += float64(s.LineItems[i].Opportunities) * float64(m.bidders)
	}
	m.log += m.eta * (m.step*m.volume - came)
	m.log = max(0, m.log)
	return multiplier(math.Exp(-m.log))
}

// pid steers by the distance of what was billed to the plan.
type pid struct {
	bidValue
	pace
	*known
	kp, ki, sum float64
	at          time.Time
}

func (c *pid) Plan([]pacing.LineItem) {}

func (c *pid) Step(now time.Time, s pacing.Sums) *pacing.Multipliers {
	c.read(now, s, c.budget)
	e := c.plan(now) - c.billed
	if now.Truncate(day).Equal(c.at.Truncate(day)) {
		c.sum += e * float64(now.Sub(c.at)) / float64(day)
	} else {
		c.sum = 0
	}
	c.at = now
	return multiplier(min(1, math.Exp(c.kp*e+c.ki*c.sum)/c.lambda))
}

// throttle bids a fixed share of the value, on a share of the auctions that
// it moves by a tenth each minute.
type throttle struct {
	pace
	*known
	lambda, pass float64
	at           time.Time
}

func (t *throttle) Plan([]pacing.LineItem) {}

func (t *throttle) Step(now time.Time, s pacing.Sums) *pacing.Multipliers {
	t.read(now, s, t.budget)
	if now.Sub(t.at) >= time.Minute {
		t.at = now
		if t.billed > t.plan(now) {
			t.pass = max(.001, t.pass*.9)
		} else {
			t.pass = min(1, t.pass*1.1)
		}
	}
	return multiplier(min(1, 1/t.lambda))
}

func (t *throttle) bid(value, multiplier, draw float64) float64 {
	if draw >= t.pass {
		return 0
	}
	return value * multiplier
}
