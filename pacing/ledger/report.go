package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Filter says whose budgets to report. The zero value is everybody's.
type Filter struct {
	Advertisers []event.AdvertiserID // their balances
	Campaigns   []event.CampaignID
	LineItems   []event.LineItemID
}

// NodeReport is how one budget stands in one period. Exactly one of
// Advertiser, Campaign and LineItem is set: it is that one's own budget.
type NodeReport struct {
	Node       event.NodeID
	Advertiser event.AdvertiserID
	Campaign   event.CampaignID
	LineItem   event.LineItemID
	Daily      bool
	Currency   string
	// Period is the day of a daily budget. A daily budget that nothing moved
	// on has one report with the period zero.
	Period      event.Period
	Limit       money.Nanos // as it is now
	Paid        money.Nanos // of Limit: what an advertiser paid in; the rest is its credit line
	Booked      money.Nanos // what the advertiser pays, overrun included
	Media       money.Nanos // the part of Booked that exchanges bill
	Outstanding money.Nanos // in bidders' hands: neither booked nor returned
	Overrun     money.Nanos // booked without a slice or free budget to cover it
	Disputed    money.Nanos // beyond the bids, not booked
	Bookings    int64
}

// Report returns the budgets of advertisers, campaigns and line items, each period that
// something moved in, ordered by node and period.
func (l *Ledger) Report(ctx context.Context, f Filter) ([]NodeReport, error) {
	if len(f.Advertisers)+len(f.Campaigns)+len(f.LineItems) == 0 {
		return l.report(ctx, nil, "", nil)
	}
	var all []NodeReport
	for _, o := range []struct {
		kind string
		ids  []any
	}{{"advertiser", anyOf(f.Advertisers)}, {"campaign", anyOf(f.Campaigns)}, {"line_item", anyOf(f.LineItems)}} {
		for chunk := range slices.Chunk(o.ids, 4*rowsPerStatement) {
			var err error
			if all, err = l.report(ctx, all, o.kind, chunk); err != nil {
				return nil, err
			}
		}
	}
	slices.SortFunc(all, func(a, b NodeReport) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Period, b.Period))
	})
	return all, nil
}

func anyOf[ID ~int64](ids []ID) []any {
	all := make([]any, 0, len(ids))
	for _, id := range ids {
		all = append(all, int64(id))
	}
	return all
}

func (l *Ledger) report(ctx context.Context, all []NodeReport, kind string, ids []any) ([]NodeReport, error) {
	where, args := "WHERE (n.amount_nanos > 0 OR n.owner_kind = 'advertiser' OR b.node IS NOT NULL)", []any(nil)
	if kind != "" {
		args = append([]any{kind}, ids...)
		where += " AND n.owner_kind = $1 AND n.owner_id IN " + in(2, len(ids))
	}
	r, err := l.db.QueryContext(ctx, `SELECT n.id, n.owner_kind, n.owner_id, n."window", n.amount_nanos, n.currency,
		COALESCE(b.period, 0), COALESCE(b.booked, 0), COALESCE(b.media, 0), COALESCE(b.outstanding, 0), COALESCE(b.overrun, 0), COALESCE(b.disputed, 0), COALESCE(b.bookings, 0), COALESCE(b.paid, 0)
		FROM budget_nodes n LEFT JOIN balances b ON b.node = n.id `+where+` ORDER BY n.id, b.period`, args...)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var n NodeReport
		var kind, window string
		var owner int64
		if err := r.Scan(&n.Node, &kind, &owner, &window, &n.Limit, &n.Currency,
			&n.Period, &n.Booked, &n.Media, &n.Outstanding, &n.Overrun, &n.Disputed, &n.Bookings, &n.Paid); err != nil {
			return err
		}
		switch kind {
		case "advertiser":
			n.Advertiser = event.AdvertiserID(owner)
		case "campaign":
			n.Campaign = event.CampaignID(owner)
		default:
			n.LineItem = event.LineItemID(owner)
		}
		n.Limit += n.Paid
		n.Daily = window == "daily"
		all = append(all, n)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot report budgets: %w", err)
	}
	return all, nil
}
