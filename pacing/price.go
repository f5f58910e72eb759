package pacing

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

const (
	mostLog    = 21  // ln of the largest lambda: 1e9
	maxLogStep = 0.3 // per tick, so that one odd tick cannot throw a budget off

	// eta, the step per whole plan: more at both ends, where there is nothing
	// learned to lose, or no time left to be wrong.
	etaMiddle, etaEdge, startEdge, endEdge = 10, 3, 0.02, 0.005
	etaMost, bidsPerEta                    = 60, 20 // where a price follows the clock
	// One bid moves ln lambda by so much at most: of a budget for few bids each
	// tick without one tells next to nothing. But eta is never below the least.
	oneBid, leastEta = 0.25, 1
	// rho stays within these of what was planned at first. Where less is left the
	// money is gone.
	leastRate, mostRate = 0.05, 20

	// In the last part of a plan, or of the money, the price may go anywhere: it
	// has little left to steer. It is no guide to the next morning.
	endOfPlan    = 0.05
	steadyMemory = 0.2 // of the plan: the mean price forgets so fast
)

// dual is the state of one budget. It outlives the period: a day starts from
// the price of the day before.
type dual struct {
	budget Budget
	hours  Hours
	maxBid money.Nanos

	log      float64 // ln lambda
	steady   float64 // its mean over the plan, the end apart: where the next period begins
	learned  float64 // of the plan: how much steady is the mean of, at most steadyMemory
	plan     *Plan
	period   event.Period
	seen     float64 // traffic of this period
	base     float64 // nanos that were booked when seen began
	over     float64 // open nanos of the plan that were over then
	begun    bool
	gone     bool    // nothing is left to bid with: lambda is tomorrow's
	sound    float64 // ln lambda when there was something left last
	dry      float64 // part of the plan that passed since
	left     float64 // that is forecast from at on
	at       int64
	midnight int64 // unix nanos at which the day ends whose traffic is counted

	cal      calibration
	traffic  traffic
	forecast forecast
	stale    bool // the forecast is to be built anew
	outlook  outlook
	course   course
	spent    float64 // booked and what open bids will probably cost, nanos

	rules float64 // the lowest -ln multiplier of its line items

	// Of the tick.
	met, offered, expected, bids float64
}

// begin takes over a period, or a new plan for it.
func (d *dual) begin(c *Dual, n *NodeSum, last time.Time) {
	if d.begun && d.period != n.Period {
		d.log = d.steady
	}
	if d.begun && d.period == n.Period && d.gone {
		// The amount was edited, and what is learned from money that is gone takes
		// time: after a slip of the pen the price is what it was.
		d.log += (d.sound - d.log) * math.Exp(-d.dry/endOfPlan)
	}
	b := d.budget
	b.Amount = n.Limit // the ledger's word: the catalog may lag behind it
	d.plan = NewPlan(b, d.hours, n.Period)
	if d.period != n.Period || !d.begun {
		d.seen, d.base, d.over, d.gone = 0, float64(n.Booked), float64(d.plan.Open(last)), false
		d.sound, d.dry = d.log, 0
	}
	d.begun, d.period = true, n.Period
	d.build(c, last)
}

// build works the forecast out anew from what was learned.
func (d *dual) build(c *Dual, at time.Time) {
	known := d.forecast.known
	var open [weekHours]float32
	d.plan.openHours(&open, at)
	d.forecast.build(&d.traffic, &c.all, &open)
	d.stale = false
	if !known && d.forecast.known { // it was a shape, and has a size now
		d.outlook.begin(d.outlook.Start)
	}
}

// step moves one budget's price for the time from last to now.
func (d *dual) step(c *Dual, now time.Time, n *NodeSum) {
	last := c.last
	if d.plan == nil || d.period != n.Period || d.plan.amount != n.Limit {
		d.begin(c, n, last)
	}
	if !d.gone { // the few that the rest of the money pays are not like the others
		d.cal.matured(float64(n.Matured), float64(n.Worth))
	}
	d.stand(n)
	if !d.plan.Spread() {
		d.log = 0 // nothing to spread over
		return
	}
	from, to := last.UnixNano(), now.UnixNano()
	passed := d.plan.Open(now) - d.plan.Open(last)
	if passed <= 0 {
		return // closed hours teach nothing
	}
	if from >= d.midnight {
		start, next := campaign.PeriodBounds(campaign.PeriodOf(now, d.budget.zone()), d.budget.zone())
		d.midnight = next.UnixNano()
		if first := max(start.UnixNano(), d.plan.start.UnixNano()); first != d.outlook.Start {
			d.outlook.begin(first)
			d.stale = true
		}
	}
	// What an hour taught is for other days, where this one is forecast as a
	// whole: the outlook compares it with what was forecast.
	if d.traffic.add(to, d.met, passed.Hours()) && !d.traffic.whole() {
		d.stale = true
	}
	if d.stale && c.chores > 0 {
		c.chores--
		d.build(c, last)
	}
	d.outlook.count(to, d.met, d.forecast.between(from, to), passed.Hours())
	if to >= d.outlook.Due && c.chores > 0 {
		c.chores--
		d.outlook.look(&d.forecast, to, d.midnight)
		d.outlook.Due = to + int64(lookHours*float64(hour))
	}
	d.seen += d.met
	left := d.outlook.left(&d.forecast, to, d.midnight, d.plan.end.UnixNano())
	d.left, d.at = left, to
	d.course.note(d.plan, to, int64(d.spent), d.part(d.unplanned(to)))
	total := d.seen + left
	x := d.met
	if d.budget.Pace == PaceEven || !d.forecast.known && !d.outlook.Looked {
		total = max(float64(d.plan.total)-d.over, float64(passed))
		left = float64(d.plan.total) - float64(d.plan.Open(now))
		if x > 0 {
			x = float64(passed)
		}
	}
	part := x / max(total, 1e-9)
	d.cal.fade(part)
	d.cal.offered(d.offered, d.expected, d.bids)
	if part <= 0 {
		return
	}

	ratio, lump := d.cal.ratio(float64(d.maxBid)), d.cal.Lumps.size(float64(d.maxBid))
	demand := d.expected * ratio
	lump *= ratio
	amount := float64(n.Limit)
	unspent := float64(n.Limit-n.Booked-n.Pending) - d.cal.perPrice(float64(d.maxBid))*float64(n.Young)
	l := max(left/total, part)
	even := amount * part
	share := min(mostRate*even, unspent*part/l)
	// Who has no money left can learn at what price it would have lasted.
	if d.gone = share < leastRate*even || unspent < lump; d.gone {
		share = even
	}
	if d.budget.Pace == PaceAhead {
		share *= aheadFactor
	}
	d.cal.Lumps.add(d.expected, d.bids, min(1, share/max(demand, 1e-9)))
	middle := float64(etaMiddle)
	if d.budget.Pace == PaceEven { // the price has to follow the traffic all day
		middle = min(etaMost, max(middle, amount/d.cal.bid(float64(d.maxBid))/bidsPerEta))
	}
	eta := max(middle, etaEdge/(1-l+startEdge), etaEdge/(l+endEdge))
	eta = min(eta, max(leastEta, oneBid*amount/lump))
	move := eta * part * (demand/max(share, 1e-9) - 1)
	d.log = min(mostLog, max(0, d.log+min(maxLogStep, max(-maxLogStep, move))))
	if d.dry += part; !d.gone {
		d.sound, d.dry = d.log, 0
	}
	if l > endOfPlan && (d.gone || unspent > endOfPlan*amount) {
		d.learned = min(steadyMemory, d.learned+part)
		d.steady += (d.log - d.steady) * min(1, part/d.learned)
	}
}

// aheadFactor is how much more than its share a tick may spend where money is
// to be ahead of the traffic: half of the traffic then meets 56 % of the money.
const aheadFactor = 1.2

// Planned returns what of amount should have been spent up to a time, by the
// traffic that came and that is forecast to.
func (c *Dual) Planned(n event.NodePeriod, amount money.Nanos, at time.Time) (money.Nanos, bool) {
	d := c.nodes[n.Node]
	if d == nil || d.plan == nil || d.period != n.Period || !d.plan.Spread() || d.seen+d.left <= 0 {
		return 0, false
	}
	left := d.unplanned(at.UnixNano()) // of what was not booked when seen began
	return amount - money.FromFloat(max(0, float64(amount)-d.base)*left), true
}

// clockLeft returns which part of the open time that was to come when seen
// began is left at a time.
func (d *dual) clockLeft(at int64) float64 {
	left := float64(d.plan.total) - float64(d.plan.Open(time.Unix(0, at)))
	return min(1, left/max(1, float64(d.plan.total)-d.over))
}

// unplanned returns which part of what was not booked when seen began should be
// left at a time after the last Step.
func (d *dual) unplanned(at int64) (left float64) {
	if total := d.seen + d.left; d.budget.Pace == PaceEven || total <= 0 {
		left = d.clockLeft(at)
	} else { // what was left when it was last looked at, less what comes until then
		left = max(0, d.left-d.outlook.near(&d.forecast, d.at, at)) / total
	}
	if d.budget.Pace == PaceAhead {
		left = math.Pow(left, aheadFactor)
	}
	return left
}
