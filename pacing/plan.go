package pacing

import (
	"sort"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Plan says how much of a budget should have been spent by when: evenly over
// the hours that may bid, of the flight or of the day. It is what is left of a
// plan where no traffic is known, and what advertisers may choose: spending by
// the clock costs a few percent of value against spending by traffic.
type Plan struct {
	amount     money.Nanos
	start, end time.Time // end zero: the money may go at once
	zone       *time.Location
	hours      Hours
	total      int64   // nanos of open time from start to end
	days       []int64 // unix nanos at which days begin, if hours restrict; the first is start
	before     []int64 // nanos of open time before each of days
}

// NewPlan returns the plan of a budget for the period, with the hours in
// which its line items may bid together. A lifetime budget without both ends
// of a flight has nothing to be spread over: it may be spent at once. Hours
// that never come within the period do not restrict.
func NewPlan(b Budget, hours Hours, period event.Period) *Plan {
	p := &Plan{amount: b.Amount, start: b.Start, end: b.End, zone: b.zone(), hours: hours}
	if b.Daily {
		p.start, p.end = campaign.PeriodBounds(period, p.zone)
		if b.Start.After(p.start) {
			p.start = b.Start
		}
		if !b.End.IsZero() && b.End.Before(p.end) {
			p.end = b.End
		}
	}
	if p.start.IsZero() || p.end.IsZero() || !p.start.Before(p.end) || b.Pace == PaceASAP {
		p.end = time.Time{}
		return p
	}
	if !hours.Always() {
		p.index()
	}
	if p.total == 0 {
		p.hours, p.days, p.before = Hours{}, nil, nil
		p.total = int64(p.end.Sub(p.start))
	}
	return p
}

// Spread says whether the plan spreads the money; if not, it may go at once.
func (p *Plan) Spread() bool { return !p.end.IsZero() }

// At returns the planned spend up to t: 0 at the start, exactly the amount at
// the end, never falling in between.
func (p *Plan) At(t time.Time) money.Nanos {
	if !p.Spread() {
		if t.Before(p.start) {
			return 0
		}
		return p.amount
	}
	planned, err := money.MulDiv(p.amount, int64(p.Open(t)), p.total)
	if err != nil {
		return 0 // cannot be: the quotient is at most the amount
	}
	return planned
}

// Total returns the open time of the whole plan.
func (p *Plan) Total() time.Duration { return time.Duration(p.total) }

// Open returns the open time from the start to t, within 0 and Total.
func (p *Plan) Open(t time.Time) time.Duration {
	switch {
	case !p.Spread() || !t.After(p.start):
		return 0
	case !t.Before(p.end):
		return time.Duration(p.total)
	case p.days == nil:
		return t.Sub(p.start)
	}
	at := t.UnixNano()
	i := sort.Search(len(p.days), func(i int) bool { return p.days[i] > at }) - 1
	return time.Duration(p.before[i] + p.open(p.days[i], at))
}

// index sums the open time of each day of the plan up.
func (p *Plan) index() {
	end := p.end.UnixNano()
	for at := p.start.UnixNano(); at < end; {
		_, next := campaign.PeriodBounds(campaign.PeriodOf(time.Unix(0, at), p.zone), p.zone)
		until := min(end, next.UnixNano())
		p.days = append(p.days, at)
		p.before = append(p.before, p.total)
		p.total += p.open(at, until)
		at = until
	}
}

// open returns the open nanos from one instant to another of the same day. It
// goes by what clocks show, so it is right on days that are 23 or 25 hours
// long: clocks change where a local hour begins.
func (p *Plan) open(from, to int64) (sum int64) {
	for from < to {
		local := time.Unix(0, from).In(p.zone)
		into := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
		next := min(to, from+int64(time.Hour-into))
		if p.hours.Has(local) {
			sum += next - from
		}
		from = next
	}
	return sum
}

// openHours tells which part of each hour of the week of UTC may bid, in the
// week that begins at a time.
func (p *Plan) openHours(open *[weekHours]float32, at time.Time) {
	first := at.UnixNano() / hour
	for i := range int64(weekHours) {
		h := first + i
		part := float32(1)
		if !p.hours.Always() {
			part = float32(p.open(h*hour, (h+1)*hour)) / float32(hour)
		}
		open[weekHour(h)] = part
	}
}
