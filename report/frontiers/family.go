package frontiers

import (
	"context"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// family is a line item, those that share its campaign's budget, and how the
// budgets of all stand.
type family struct {
	reports    *Reports
	now        time.Time
	zone       *time.Location
	lineItem   campaign.LineItem
	campaign   campaign.Campaign
	advertiser campaign.Advertiser
	siblings   []campaign.LineItem // active ones, without the line item
	booked     map[event.NodeID]ledger.NodeReport
	balance    Budget
	records    map[event.LineItemID][]frontier.Record
}

func (f *family) read(ctx context.Context, id event.LineItemID) (err error) {
	st := f.reports.cfg.Store
	if f.lineItem, err = st.GetLineItem(ctx, id); err != nil {
		return err
	}
	if f.campaign, err = st.GetCampaign(ctx, f.lineItem.CampaignID); err != nil {
		return err
	}
	if f.advertiser, err = st.GetAdvertiser(ctx, f.lineItem.AdvertiserID); err != nil {
		return err
	}
	if f.zone, err = time.LoadLocation(f.advertiser.TimeZone); err != nil {
		return err
	}
	ids := []event.LineItemID{id}
	if f.campaign.Budget.Daily+f.campaign.Budget.Lifetime > 0 {
		all, err := st.ListLineItems(ctx, store.Filter{ParentID: int64(f.campaign.ID), Limit: maxSiblings})
		if err != nil {
			return err
		}
		for _, li := range all {
			if li.ID != id && li.Status == campaign.Active {
				f.siblings = append(f.siblings, li)
				ids = append(ids, li.ID)
			}
		}
	}
	if err := f.readMoney(ctx, ids); err != nil {
		return err
	}
	f.records, err = f.reports.cfg.Rows.Read(ctx, ids, f.now.Add(-kept))
	return err
}

func (f *family) readMoney(ctx context.Context, ids []event.LineItemID) error {
	filter := ledger.Filter{LineItems: ids, Campaigns: []event.CampaignID{f.campaign.ID}}
	if f.advertiser.Funding.Kind != "" {
		filter.Advertisers = []event.AdvertiserID{f.advertiser.ID}
	}
	rows, err := f.reports.cfg.Ledger.Report(ctx, filter)
	if err != nil {
		return err
	}
	f.booked, f.balance = map[event.NodeID]ledger.NodeReport{}, none()
	for _, row := range rows {
		if row.Daily {
			continue
		}
		f.booked[row.Node] = row
		if row.Advertiser != 0 {
			f.balance = Budget{Balance, max(0, float64(row.Limit-row.Booked))}
		}
	}
	return nil
}

// openGoal finds an active line item that takes the campaign's money first: its
// outcomes have no amount, and those of the line item have one.
func (f *family) openGoal() event.LineItemID {
	for i := range f.siblings {
		if f.siblings[i].Goal.Open() && !f.lineItem.Goal.Open() {
			return f.siblings[i].ID
		}
	}
	return 0
}

// own is what a line item's own budgets let it spend.
func (f *family) own(li *campaign.LineItem) Budget {
	return daily(li.Budget, [2]string{LineItemDaily, LineItemLifetime}, f.campaign.Flight.Narrow(li.Flight), f.zone, f.booked, f.now)
}

// shared is what the campaign and the advertiser let all line items spend.
func (f *family) shared() Budget {
	return daily(f.campaign.Budget, [2]string{CampaignDaily, CampaignLifetime}, f.campaign.Flight, f.zone, f.booked, f.now).tighter(f.balance)
}

// budget returns what the line item may spend: its own budgets, or what the
// shared ones leave for it where the last unit buys as much in each line item.
func (f *family) budget(m *frontier.Market, own Budget) Budget {
	shared := f.shared()
	curves, owns := []*frontier.Curve{m.Curve(m.Terms)}, []float64{own.PerDay}
	for i := range f.siblings {
		if s := frontier.NewMarket(f.records[f.siblings[i].ID], f.now); s != nil {
			curves = append(curves, s.Curve(s.Terms))
			owns = append(owns, f.own(&f.siblings[i]).PerDay)
		}
	}
	if len(curves) == 1 {
		return own.tighter(shared)
	}
	spends := frontier.Share(curves, owns, shared.PerDay)
	sum := 0.0
	for _, x := range spends {
		sum += x
	}
	if sum < shared.PerDay*(1-1e-9) { // something is left of what is shared
		return own.tighter(Budget{shared.Of, shared.PerDay - sum + spends[0]})
	}
	return own.tighter(Budget{shared.Of, spends[0]})
}

// open returns the hours of the day in UTC in which the line item may bid.
func (f *family) open() (open [frontier.Span]bool) {
	day := f.now.Truncate(24 * time.Hour)
	for h := range open {
		open[h] = campaign.InDayparts(f.lineItem.Targeting.Dayparts, day.Add(time.Duration(h)*time.Hour), f.zone)
	}
	return open
}
