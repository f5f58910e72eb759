package plans

import (
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
)

// stop is why a line item does not bid now, whatever its budgets say. No
// controller steps for one that is paused or over, so what it said last is not
// what is now.
type stop struct {
	state State
	why   string
	// next is when it may bid again; zero where that is never, or nobody knows.
	next time.Time
}

// owners are the three that must be active, and what says when they may bid.
type owners struct {
	advertiser campaign.Advertiser
	campaign   campaign.Campaign
	lineItem   campaign.LineItem
	zone       *time.Location
}

// stopped says why it does not bid; nil if it may.
func (o *owners) stopped(now time.Time) *stop {
	for _, x := range []struct {
		what   string
		id     int64
		status campaign.Status
	}{
		{"advertiser", int64(o.advertiser.ID), o.advertiser.Status},
		{"campaign", int64(o.campaign.ID), o.campaign.Status},
		{"line item", int64(o.lineItem.ID), o.lineItem.Status},
	} {
		switch x.status {
		case campaign.Paused:
			return &stop{state: Paused, why: fmt.Sprintf("%s %d is paused", x.what, x.id)}
		case campaign.Archived:
			return &stop{state: Closed, why: fmt.Sprintf("%s %d is archived", x.what, x.id)}
		}
	}
	start, end := o.campaign.Flight.Narrow(o.lineItem.Flight).Bounds(o.zone)
	text := func(t time.Time) string { return t.In(o.zone).Format(time.RFC3339) }
	if !end.IsZero() && !now.Before(end) {
		return &stop{state: Closed, why: "the flight ended at " + text(end)}
	}
	from := now
	if start.After(now) {
		from = start
	}
	next, ok := o.open(from, end)
	switch {
	case !ok:
		return &stop{state: Closed, why: "none of the hours that it targets is left of its flight"}
	case start.After(now):
		return &stop{Closed, "the flight begins at " + text(start), next}
	case next.After(now):
		return &stop{OffHours, "this hour is in none of its dayparts, the next that is begins at " + text(next), next}
	}
	return nil
}

// open returns the first instant from a time on, and before another, at which
// it may bid; a zero end is none. Dayparts come again every week.
func (o *owners) open(from, end time.Time) (time.Time, bool) {
	if week := from.AddDate(0, 0, 8); end.IsZero() || end.After(week) {
		end = week
	}
	for t := from; t.Before(end); {
		if campaign.InDayparts(o.lineItem.Targeting.Dayparts, t, o.zone) {
			return t, true
		}
		local := t.In(o.zone)
		into := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
		t = t.Add(time.Hour - into)
	}
	return time.Time{}, false
}

// still has a budget say what keeps its line item from bidding. Of the line
// item's own no traffic is to come before it bids again; others' may still
// bid out of a shared one.
func (s *stop) still(b *Budget, o *owners) {
	b.State, b.Detail = s.state, s.why
	if !b.own || b.View == nil {
		return
	}
	v := *b.View
	v.Rules = false
	if start, end := campaign.PeriodBounds(b.Period, o.zone); s.next.IsZero() || b.Daily && !s.next.Before(end) {
		v.Left = 0
		if _, ok := o.open(start, end); b.Daily && !ok {
			v.Planned, v.Slots = 0, nil // the plan of a day of which no hour may bid
		}
	}
	b.View = &v
}
