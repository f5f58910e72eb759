package frontiers

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/pacing/ledger"
	"github.com/tangent-dsp/tangent/report/why"
)

// ReportsConfig is what Reports work with. All fields are required.
type ReportsConfig struct {
	Store   *store.Store
	Ledger  *ledger.Ledger
	Rows    *Rows
	Reasons *why.Rows
	Clock   clock.Clock
}

// Reports tell the frontiers of line items.
type Reports struct{ cfg ReportsConfig }

// NewReports returns reports.
func NewReports(c ReportsConfig) (*Reports, error) {
	if c.Store == nil || c.Ledger == nil || c.Rows == nil || c.Reasons == nil || c.Clock == nil {
		return nil, errors.New("cannot make reports of frontiers: a required part is missing")
	}
	return &Reports{c}, nil
}

// Report is the frontier of a line item.
type Report struct {
	LineItem campaign.LineItem
	Currency string
	Now      time.Time
	Budget   Budget // the one that binds
	Own      Budget // the line item's own
	Shared   Budget // what all line items of the campaign may spend together
	// Open is another line item of the campaign whose goal puts no amount on an
	// outcome, where this one's does; 0 if there is none.
	Open event.LineItemID
	// Frontier is nil where no opportunity is known.
	*frontier.Frontier
	Refused []Refusal // why imps that came were no opportunities
}

// Refusal is a reason for which imps were no opportunities, and what a day could
// spend if they were.
type Refusal struct {
	Reason openrtb.Reason
	Share  float64 // of the imps that came
	Spend  float64 // nanos a day at most; 0 where that is not known
}

// maxSiblings bounds how many line items of a campaign are looked at, to know
// what its budget leaves for one.
const maxSiblings = 200

// Of reports on a line item. An unknown id is store.ErrNotFound.
func (r *Reports) Of(ctx context.Context, id event.LineItemID) (*Report, error) {
	f := family{reports: r, now: r.cfg.Clock.Now()}
	if err := f.read(ctx, id); err != nil {
		return nil, err
	}
	out := &Report{LineItem: f.lineItem, Currency: f.advertiser.Currency, Now: f.now, Own: f.own(&f.lineItem), Shared: f.shared(), Open: f.openGoal()}
	counts, err := r.cfg.Reasons.Read(ctx, id, campaign.PeriodOf(f.now.Add(-24*time.Hour), time.UTC))
	if err != nil {
		return nil, err
	}
	m := frontier.NewMarket(f.records[id], f.now)
	if m == nil {
		out.Budget = out.Own.tighter(out.Shared)
		out.Refused = refusals(why.Causes(&counts), 0, 0)
		return out, nil
	}
	out.Budget = f.budget(m, out.Own)
	out.Frontier = frontier.Of(m, frontier.Question{Budget: out.Budget.PerDay, Open: f.open(), Now: f.now})
	free := counts.Sampled[openrtb.None] + counts.Sampled[openrtb.Outbid] + counts.Sampled[openrtb.NoMoney]
	out.Refused = refusals(why.Causes(&counts), free, out.Curve.Most().Spend)
	return out, nil
}

// leastShare is of imps that came: what refuses fewer is not told.
const leastShare = 0.02

// refusals picks the reasons for which imps were no opportunities. Prices,
// floors and money are the curve's to tell.
func refusals(causes []why.Cause, free int64, most float64) (all []Refusal) {
	for _, c := range causes {
		switch c.Reason {
		case openrtb.NoPrice, openrtb.BelowFloor, openrtb.NoMoney, openrtb.Outbid:
			continue
		}
		if c.Share < leastShare {
			continue
		}
		x := Refusal{Reason: c.Reason, Share: c.Share}
		if free > 0 {
			x.Spend = most * (1 + float64(c.Samples)/float64(free))
		}
		all = append(all, x)
	}
	return all
}
