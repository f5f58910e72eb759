package pacing

import (
	"math"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// maxSlots is how many slots a course has at most: hours of a day, days of a
// month.
const maxSlots = 32

// course is how spending went in a period, slot by slot of its plan. It is
// there for people to see: no price follows from it.
type course struct {
	Start, Width int64             // unix nanos of the first slot, and nanos of each
	First, Last  int32             // slots that were seen
	Spent        [maxSlots]int64   // nanos at the end of the slot, or so far
	Planned      [maxSlots]float32 // part of the amount that should have been
}

// slotWidth returns how long slots of a plan are: hours, or whole days.
func slotWidth(long int64) int64 {
	if long <= maxSlots*hour {
		return hour
	}
	days := (long + maxSlots*24*hour - 1) / (maxSlots * 24 * hour)
	return days * 24 * hour
}

// note takes in how the budget stands at a time.
func (c *course) note(p *Plan, at int64, spent int64, planned float64) {
	start, width := p.start.UnixNano(), slotWidth(p.end.UnixNano()-p.start.UnixNano())
	k := int32(min(maxSlots-1, max(0, (at-1-start)/width)))
	switch {
	case c.Start != start || c.Width != width:
		*c = course{Start: start, Width: width, First: k, Last: k}
	case k > c.Last: // what was not seen stood still
		for i := c.Last + 1; i < k; i++ {
			c.Spent[i], c.Planned[i] = c.Spent[c.Last], c.Planned[c.Last]
		}
		c.Last = k
	}
	c.Spent[k], c.Planned[k] = spent, float32(planned)
}

// sane says whether the numbers are such as note writes.
func (c *course) sane() bool {
	return c.First >= 0 && c.First <= c.Last && c.Last < maxSlots && c.Width >= 0
}

// slots returns the plan of a budget as it is at now, next to what was spent.
func (d *dual) slots(now time.Time) []Slot {
	c, end := &d.course, d.plan.end.UnixNano()
	if c.Width == 0 {
		return nil
	}
	var all []Slot
	for i := int32(0); i < maxSlots; i++ {
		from := c.Start + int64(i)*c.Width
		if from >= end {
			break
		}
		to := min(end, from+c.Width)
		s := Slot{From: time.Unix(0, from).UTC(), To: time.Unix(0, to).UTC()}
		if to > now.UnixNano() {
			s.Planned = d.part(d.later(to))
		} else {
			s.Planned = float64(c.Planned[min(i, c.Last)])
		}
		if i >= c.First && i <= c.Last {
			s.Seen, s.Spent = true, money.Nanos(c.Spent[i])
		}
		all = append(all, s)
	}
	return all
}

// stand notes what is spent.
func (d *dual) stand(n *NodeSum) {
	d.spent = float64(n.Booked+n.Pending) + d.cal.perPrice(float64(d.maxBid))*float64(n.Young)
}

// later is unplanned for any time until the end of the plan.
func (d *dual) later(at int64) float64 {
	end, total := d.plan.end.UnixNano(), d.seen+d.left
	if at >= end {
		return 0
	}
	left := d.clockLeft(at)
	if d.budget.Pace != PaceEven && total > 0 {
		left = min(1, d.outlook.left(&d.forecast, at, max(at, d.midnight), end)/total)
	}
	if d.budget.Pace == PaceAhead {
		left = math.Pow(left, aheadFactor)
	}
	return left
}

// part returns which part of the amount should be spent where so much is to be
// left of what was not booked when the controller met the budget.
func (d *dual) part(left float64) float64 {
	return 1 - left*(1-d.base/max(1, float64(d.plan.amount)))
}
