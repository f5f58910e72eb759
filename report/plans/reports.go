package plans

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/ledger"
	"github.com/tangent-dsp/tangent/report/frontiers"
)

// ReportsConfig is what Reports work with. All fields are required.
type ReportsConfig struct {
	Store     *store.Store
	Ledger    *ledger.Ledger
	Rows      *Rows
	Frontiers *frontiers.Reports
	Clock     clock.Clock
}

// Reports tell how line items are paced.
type Reports struct{ cfg ReportsConfig }

// NewReports returns reports.
func NewReports(c ReportsConfig) (*Reports, error) {
	if c.Store == nil || c.Ledger == nil || c.Rows == nil || c.Frontiers == nil || c.Clock == nil {
		return nil, errors.New("cannot make reports of plans: a required part is missing")
	}
	return &Reports{c}, nil
}

// Report is how a line item is paced.
type Report struct {
	*frontiers.Report           // what evenness costs, and why its budget cannot be spent
	Steps             []Stepped // by each controller, the one that stepped last first
	Budgets           []Budget  // its own, its campaign's, its advertiser's funding
	Stopped           string    // why it does not bid now, whatever its budgets say; empty if it may
}

// View is how the controller that stepped last sees it; nil if none did.
func (r *Report) View() *pacing.View {
	if len(r.Steps) == 0 {
		return nil
	}
	return &r.Steps[0].View
}

// Budget is one budget over a line item, in the period that is now.
type Budget struct {
	Of                         string // which it is, by the names of package frontiers
	Daily                      bool
	Period                     event.Period
	Pace                       campaign.Pace // empty for funding
	Limit, Booked, Outstanding money.Nanos
	Left                       money.Nanos        // neither booked nor in bidders' hands; below zero where it was cut, or overrun
	View                       *pacing.BudgetView // nil if no controller stepped for it in this period
	State                      State
	Detail                     string

	node    event.NodeID
	own     bool // the line item's
	balance bool
}

// Of reports on a line item. An unknown id is store.ErrNotFound.
func (r *Reports) Of(ctx context.Context, id event.LineItemID) (*Report, error) {
	of, err := r.cfg.Frontiers.Of(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &Report{Report: of}
	if out.Steps, err = r.cfg.Rows.Read(ctx, id); err != nil {
		return nil, err
	}
	who, err := r.owners(ctx, out)
	if err != nil {
		return nil, err
	}
	if err := r.budgets(ctx, out, who); err != nil {
		return nil, err
	}
	out.tell(who)
	return out, nil
}

// tell has the line item say why it does not bid, or else each budget what it
// does.
func (r *Report) tell(who *owners) {
	s := who.stopped(r.Now)
	if s != nil {
		r.Stopped = s.why
	}
	for i := range r.Budgets {
		if b := &r.Budgets[i]; s != nil {
			s.still(b, who)
		} else {
			r.judge(b)
		}
	}
}

// owners reads who must be active for it to bid.
func (r *Reports) owners(ctx context.Context, out *Report) (o *owners, err error) {
	o = &owners{lineItem: out.LineItem}
	if o.campaign, err = r.cfg.Store.GetCampaign(ctx, out.LineItem.CampaignID); err != nil {
		return nil, err
	}
	if o.advertiser, err = r.cfg.Store.GetAdvertiser(ctx, out.LineItem.AdvertiserID); err != nil {
		return nil, err
	}
	o.zone, err = time.LoadLocation(o.advertiser.TimeZone)
	return o, err
}

// budgets reads which budgets there are, and how they stand.
func (r *Reports) budgets(ctx context.Context, out *Report, who *owners) error {
	li, c, a := &who.lineItem, &who.campaign, &who.advertiser
	today := campaign.PeriodOf(out.Now, who.zone)
	add := func(of string, own bool, node event.NodeID, daily bool, limit money.Nanos, pace campaign.Pace) {
		if limit <= 0 {
			return
		}
		b := Budget{Of: of, Daily: daily, Period: event.Lifetime, Pace: cmp.Or(pace, campaign.PaceTraffic), Limit: limit, node: node, own: own}
		if daily {
			b.Period = today
		}
		out.Budgets = append(out.Budgets, b)
	}
	add(frontiers.LineItemDaily, true, li.Budget.DailyNode, true, li.Budget.Daily, li.Budget.Pacing)
	add(frontiers.LineItemLifetime, true, li.Budget.LifetimeNode, false, li.Budget.Lifetime, li.Budget.Pacing)
	add(frontiers.CampaignDaily, false, c.Budget.DailyNode, true, c.Budget.Daily, c.Budget.Pacing)
	add(frontiers.CampaignLifetime, false, c.Budget.LifetimeNode, false, c.Budget.Lifetime, c.Budget.Pacing)

	filter := ledger.Filter{LineItems: []event.LineItemID{li.ID}, Campaigns: []event.CampaignID{c.ID}}
	if a.Funding.Kind != "" {
		filter.Advertisers = []event.AdvertiserID{a.ID}
	}
	rows, err := r.cfg.Ledger.Report(ctx, filter)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Advertiser != 0 {
			out.Budgets = append(out.Budgets, Budget{Of: frontiers.Balance, Period: row.Period, node: row.Node, balance: true})
		}
		for i := range out.Budgets {
			if b := &out.Budgets[i]; b.node == row.Node && b.Period == row.Period {
				b.Limit, b.Booked, b.Outstanding = row.Limit, row.Booked, row.Outstanding
			}
		}
	}
	for i := range out.Budgets {
		b := &out.Budgets[i]
		b.Left = b.Limit - b.Booked - b.Outstanding
		b.View = viewOf(out.View(), b)
	}
	return nil
}

// viewOf returns the controller's view of a budget, if that is of this period.
func viewOf(v *pacing.View, b *Budget) *pacing.BudgetView {
	for i := 0; v != nil && i < len(v.Budgets); i++ {
		if x := &v.Budgets[i]; x.Node == b.node && x.Period == b.Period {
			return x
		}
	}
	return nil
}
