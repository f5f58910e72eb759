package pacing

import (
	"math"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/event"
)

// Standing is how a controller sees one budget.
type Standing struct {
	Node        event.NodeID
	Lambda      float64 // value per money that the last auctions bought are worth; 1 where the budget is slack
	Planned     float64 // part of the budget that should be spent by now
	Seen, Left  float64 // opportunities that came in the period, and that are forecast until its end
	Calibration float64 // billed per cost expected
}

// Explainer is a Controller that tells how it sees its budgets.
type Explainer interface {
	// Standings appends every budget that money is spread over to dst. It is
	// called between two Steps.
	Standings(dst []Standing) []Standing
}

// Standings appends every budget that money is spread over to dst.
func (c *Dual) Standings(dst []Standing) []Standing {
	for _, d := range c.order {
		if d.plan == nil || !d.plan.Spread() {
			continue
		}
		dst = append(dst, d.standing())
	}
	return dst
}

func (d *dual) standing() Standing {
	return Standing{
		Node: d.budget.Node, Lambda: math.Exp(d.log), Planned: d.part(d.unplanned(d.at)),
		Seen: d.seen, Left: d.left, Calibration: d.cal.ratio(float64(d.maxBid)),
	}
}

// standings collects how the controller sees the budgets, when it is asked for.
type standings struct {
	mu  sync.Mutex
	all []Standing
}

var standingDescs = [...]*prometheus.Desc{
	standingDesc("tangent_pacing_lambda", "Value per money at which the budget buys: its dual price. 1 where the budget is slack."),
	standingDesc("tangent_pacing_planned_ratio", "Part of the budget that should be spent by now, by traffic that came and that is forecast."),
	standingDesc("tangent_pacing_seen_opportunities", "Opportunities that came in the period of the budget."),
	standingDesc("tangent_pacing_left_opportunities", "Opportunities that are forecast until the end of the period of the budget."),
	standingDesc("tangent_pacing_calibration_ratio", "What bids are billed over what they were expected to cost."),
}

func standingDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"budget"}, nil)
}

func (s *standings) Describe(c chan<- *prometheus.Desc) {
	for _, d := range standingDescs {
		c <- d
	}
}

func (s *standings) Collect(c chan<- prometheus.Metric) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.all {
		x, node := &s.all[i], strconv.FormatInt(int64(s.all[i].Node), 10)
		for k, v := range [...]float64{x.Lambda, x.Planned, x.Seen, x.Left, x.Calibration} {
			c <- prometheus.MustNewConstMetric(standingDescs[k], prometheus.GaugeValue, v, node)
		}
	}
}

// take asks the controller, if it tells.
func (s *standings) take(c Controller) {
	if e, ok := c.(Explainer); ok {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = e.Standings(s.all[:0])
	}
}
