package pacing

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// LineItem is what pacing needs to know of a line item that may bid.
type LineItem struct {
	ID      event.LineItemID
	MaxBid  money.Nanos // per impression, fees included; a showing that counts for several costs more
	Hours   *Hours      // when it may bid, in the budgets' zone; nil is always, as of most
	Budgets []Budget    // every budget its bids hold against, MaxNodes at most
	// CostLimit is what may be spent at most per nano of value that is won, on
	// the whole: a cost per click of 0.50 where a click is worth 2.00 is 0.25, a
	// return on spend of 4 where value is return is 0.25. Zero is no limit. Of
	// several limits the lowest holds. Its sums must count outcomes.
	CostLimit float64
	// OutcomeCost is what a single one of the outcomes that are limited may
	// cost: it tells how much can be learned from few of them.
	OutcomeCost money.Nanos
	// MinDelivery is the part of the first of Budgets that it should spend at
	// least, even where its limit would hold it back or other line items bring
	// more value. It never spends what the budgets have not.
	MinDelivery float64
}

func (li *LineItem) hours() (h Hours) {
	if li.Hours != nil {
		h = *li.Hours
	}
	return h
}

// Pace says how a budget is spread over its flight or day.
type Pace uint8

// The paces.
const (
	PaceTraffic Pace = iota // as the line items' traffic comes, so that every auction has the same price
	PaceEven                // the same in every open hour, whatever the traffic
	PaceAhead               // with the traffic, but a part ahead of it, so that a bad end does no harm
	PaceASAP                // as fast as values allow
)

// Budget is one budget node: an amount for the whole flight, or for each day.
type Budget struct {
	Node  event.NodeID
	Daily bool
	// Balance says that it is an advertiser's funding: Amount is not known,
	// as payments move it in the ledger alone. It has no flight, so there is
	// nothing to spread it over: it is a wall, and its price stays 1.
	Balance    bool
	Amount     money.Nanos // zero is no money, not no limit
	Pace       Pace
	Zone       *time.Location // days and hours are the advertiser's; nil is UTC
	Start, End time.Time      // flight; Start included, End not; a zero bound is open
}

// NodePeriod returns the budget and period that a bid at now holds against.
func (b *Budget) NodePeriod(now time.Time) event.NodePeriod {
	if !b.Daily {
		return event.NodePeriod{Node: b.Node, Period: event.Lifetime}
	}
	return event.NodePeriod{Node: b.Node, Period: campaign.PeriodOf(now, b.zone())}
}

// Running says whether now is within the flight.
func (b *Budget) Running(now time.Time) bool {
	return !now.Before(b.Start) && (b.End.IsZero() || now.Before(b.End))
}

func (b *Budget) zone() *time.Location {
	if b.Zone == nil {
		return time.UTC
	}
	return b.Zone
}
