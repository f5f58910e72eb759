package why

import (
	"context"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// ReportsConfig is what Reports work with. All fields but Stalled are
// required.
type ReportsConfig struct {
	Store   *store.Store
	Ledger  *ledger.Ledger
	Rows    *Rows
	Clock   clock.Clock
	Stalled func() string // why booking stands still; nil where that is not known
}

// Reports answer why line items do not spend.
type Reports struct{ cfg ReportsConfig }

// NewReports returns reports.
func NewReports(c ReportsConfig) (*Reports, error) {
	if c.Store == nil || c.Ledger == nil || c.Rows == nil || c.Clock == nil {
		return nil, errors.New("cannot make reports of reasons: a required part is missing")
	}
	if c.Stalled == nil {
		c.Stalled = func() string { return "" }
	}
	return &Reports{c}, nil
}

// Report is why a line item does not spend, or how it does.
type Report struct {
	LineItem  event.LineItemID
	Currency  string
	From      event.Period // first day, in UTC, of what is counted
	Counts    catalog.Counts
	Spending  ledger.Spending // booked
	Samples   int64           // imps that were sampled for it
	Obstacles []Obstacle
	Causes    []Cause
	Requests  []Cause // of all requests: why they had no bid
	Answered  int64   // requests
}

// Of reports on a line item over some days in UTC, today the last. An unknown
// id is store.ErrNotFound.
func (r *Reports) Of(ctx context.Context, id event.LineItemID, days int) (*Report, error) {
	f, err := r.facts(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &Report{LineItem: id, Currency: f.Advertiser.Currency, From: day(f.Now.AddDate(0, 0, 1-days))}
	if out.Counts, err = r.cfg.Rows.Read(ctx, id, out.From); err != nil {
		return nil, err
	}
	if f.Spending, err = r.cfg.Ledger.SpendingSince(ctx, id, f.Now.AddDate(0, 0, 1-days)); err != nil {
		return nil, err
	}
	traffic, err := r.cfg.Rows.Read(ctx, Traffic, out.From)
	if err != nil {
		return nil, err
	}
	for i := range traffic.Met {
		out.Answered += traffic.Met[i]
		out.Samples += out.Counts.Sampled[i]
	}
	for i := range traffic.Met {
		if n := traffic.Met[i]; n > 0 && i != int(openrtb.None) && openrtb.Reason(i).Info().Scope <= openrtb.ScopeImp {
			out.Requests = append(out.Requests, Cause{Reason: openrtb.Reason(i), Imps: n, Share: share(n, out.Answered)})
		}
	}
	f.Requests, f.Counts, out.Spending = out.Answered, &out.Counts, f.Spending
	out.Obstacles, out.Causes = f.Obstacles(), Causes(&out.Counts)
	return out, nil
}

func (r *Reports) facts(ctx context.Context, id event.LineItemID) (f Facts, err error) {
	st := r.cfg.Store
	f = Facts{Now: r.cfg.Clock.Now(), Stalled: r.cfg.Stalled()}
	if f.LineItem, err = st.GetLineItem(ctx, id); err != nil {
		return f, err
	}
	if f.Campaign, err = st.GetCampaign(ctx, f.LineItem.CampaignID); err != nil {
		return f, err
	}
	if f.Advertiser, err = st.GetAdvertiser(ctx, f.LineItem.AdvertiserID); err != nil {
		return f, err
	}
	if !f.LineItem.Goal.Open() {
		all, err := st.ListLineItems(ctx, store.Filter{ParentID: int64(f.Campaign.ID), Limit: store.MaxPage})
		if err != nil {
			return f, err
		}
		for i := range all {
			if all[i].Status == campaign.Active && all[i].Goal.Open() {
				f.Open = all[i].ID
			}
		}
	}
	if f.Zone, err = time.LoadLocation(f.Advertiser.TimeZone); err != nil {
		return f, err
	}
	if f.Creatives, err = st.ListCreatives(ctx, store.Filter{ParentID: int64(id), Limit: store.MaxPage}); err != nil {
		return f, err
	}
	if f.Exchanges, err = exchanges(ctx, st); err != nil {
		return f, err
	}
	if f.Guard, err = r.cfg.Ledger.Guard(ctx); err != nil {
		return f, err
	}
	if f.Bidders, err = r.cfg.Ledger.Alive(ctx); err != nil {
		return f, err
	}
	filter := ledger.Filter{LineItems: []event.LineItemID{id}, Campaigns: []event.CampaignID{f.Campaign.ID}}
	if f.Advertiser.Funding.Kind != "" {
		filter.Advertisers = []event.AdvertiserID{f.Advertiser.ID}
	}
	f.Budgets, err = r.cfg.Ledger.Report(ctx, filter)
	return f, err
}

func exchanges(ctx context.Context, st *store.Store) (all []campaign.Exchange, err error) {
	for f := (store.Filter{Limit: store.MaxPage}); ; {
		page, err := st.ListExchanges(ctx, f)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < f.Limit {
			return all, nil
		}
		f.AfterID = int64(page[len(page)-1].ID)
	}
}
