package app

import (
	"context"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/bidder"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/report/why"
)

// flushReasons is how often, in ticks, a bidder writes why line items do not
// bid.
const flushReasons = 5

// openReasons makes what writes why line items do not bid.
func (a *App) openReasons(b *bidder.Bidder) error {
	f, err := why.NewFlusher(why.FlusherConfig{
		Rows: why.NewRows(a.store.DB()), Incarnation: a.pacer.Incarnation(), Catalog: a.catalog.Load,
		Traffic: b.Traffic(), Clock: a.clock, Interval: flushReasons * a.cfg.Tick,
	})
	a.flushers = append(a.flushers, flusher{"reasons", f})
	return err
}

// talliedLog counts for each line item what its notices said, once the log
// below took them. Money is the ledger's to count.
type talliedLog struct {
	event.Log
	catalog *catalog.Catalog
	samples *frontier.Sampler
}

// Append appends to the log below.
func (l *talliedLog) Append(ctx context.Context, events ...event.Event) error {
	err := l.Log.Append(ctx, events...)
	if err != nil {
		return err
	}
	snap := l.catalog.Load()
	for i := range events {
		e := &events[i]
		li, ok := snap.LineItem(e.LineItem)
		if !ok || e.Test || e.Expired {
			continue
		}
		switch e.Kind {
		case event.KindWin:
			li.Tally().Won()
		case event.KindLoss:
			li.Tally().Lost()
		}
		if e.Billable {
			l.samples.Of(li.ID).Billed(costOf(e), e.PredictedValue, e.ReceivedAt)
		}
	}
	return nil
}

// costOf is what the advertiser pays for what a notice bills, to a nano or
// so: booking has the exact figure.
func costOf(e *event.Event) money.Nanos {
	if e.PriceState != event.PriceOK || e.Price >= e.BidPrice {
		return e.CostHeld
	}
	cost, err := money.MulDiv(e.CostHeld, int64(e.Price), int64(e.BidPrice))
	if err != nil {
		return e.CostHeld
	}
	return cost
}

// LineItemWhy tells the API why a line item does not spend.
func (d *delivery) LineItemWhy(ctx context.Context, id event.LineItemID, days int) (v1.Why, error) {
	r, err := d.why.Of(ctx, id, days)
	if err != nil {
		return v1.Why{}, err
	}
	c := &r.Counts
	out := v1.Why{
		LineItemID: id, From: r.From.Date(), Spending: r.Spending.Bookings > 0, Currency: r.Currency, Spent: r.Spending.Spent,
		Bids: c.Bids, Won: c.Won, Lost: c.Lost, Billed: r.Spending.Bookings,
		Samples: r.Samples, SampleEvery: bidder.SampleEvery, Requests: r.Answered,
	}
	for _, o := range r.Obstacles {
		out.Obstacles = append(out.Obstacles, v1.Obstacle(o))
	}
	for _, x := range r.Causes {
		out.Reasons = append(out.Reasons, v1.WhyNot{
			Reason: x.Reason.String(), Imps: x.Imps, Samples: x.Samples, Sampled: x.Imps == 0, Share: x.Share,
			When: x.Reason.Info().Doc, Remedy: x.Reason.Remedy(),
		})
	}
	for _, x := range r.Requests {
		out.Refused = append(out.Refused, v1.WhyNoBids{Reason: x.Reason.String(), Requests: x.Imps, Share: x.Share, When: x.Reason.Info().Doc})
	}
	return out, nil
}
