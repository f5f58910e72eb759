package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/report/reconcile"
)

// reconcile compares every exchange's billing report with the ledger, as
// `tangent reconcile` does: what nobody notified must be found by it.
func (w *world) reconcile(ctx context.Context, r *Result, books *loadtest.Books) error {
	var names []string
	for name := range books.Exchanges {
		names = append(names, name)
	}
	slices.Sort(names)
	from, to := w.days(books.Sales)
	for _, name := range names {
		found, err := reconcile.Compare(ctx, reconcile.Config{
			Store: w.store, Ledger: w.ledger, Exchange: name, From: from, To: to,
		}, strings.NewReader(billingReport(books.Sales, name)))
		if err != nil {
			return fmt.Errorf("cannot reconcile the report of exchange %s: %w", name, err)
		}
		r.reconciled(found)
	}
	r.problem(r.Unnotified != r.BilledUnnotified, "the books disagree: the exchange billed %s that it never notified, reconciling finds %s",
		money.Nanos(r.BilledUnnotified), money.Nanos(r.Unnotified))
	r.problem(r.ReconciledDisputed != r.Overcharged, "the books disagree: the exchange notified %s beyond the bids, reconciling finds %s",
		money.Nanos(r.Overcharged), money.Nanos(r.ReconciledDisputed))
	return nil
}

// reconciled takes in what was found for one exchange. Bookings of another day
// than their bills add up to nothing; any further reason is an error of ours.
func (r *Result) reconciled(found *reconcile.Result) {
	for why, sum := range found.Reasons {
		switch why {
		case reconcile.Unnotified:
			r.Unnotified += count(sum.Amount)
		case reconcile.Disputed:
			r.ReconciledDisputed += count(sum.Amount)
		default:
			r.problem(sum.Amount != 0, "reconciling exchange %s finds %s for the reason %q", found.Exchange, sum.Amount, why)
		}
	}
	r.problem(found.Unknown.Count+found.Duplicates.Count > 0, "reconciling exchange %s finds %d lines unknown and %d twice",
		found.Exchange, found.Unknown.Count, found.Duplicates.Count)
}

// billingReport is what an exchange bills, a line per impression, in days of
// UTC.
func billingReport(sales []loadtest.Sale, exchange string) string {
	var b strings.Builder
	b.WriteString("date,bid_id,campaign_id,impressions,amount,currency\n")
	for _, s := range sales {
		if s.Billed && s.Exchange == exchange {
			fmt.Fprintf(&b, "%s,%s,%s,1,%s,USD\n", s.At.UTC().Format(time.DateOnly), s.Bid, s.Campaign, s.Price+s.Over)
		}
	}
	return b.String()
}

// days are those of all bills and of all bookings.
func (w *world) days(sales []loadtest.Sale) (from, to event.Period) {
	first, last := w.origin, w.clock.Now()
	for _, s := range sales {
		if s.Billed && s.At.After(last) {
			last = s.At
		}
	}
	day := func(t time.Time) event.Period {
		y, m, d := t.UTC().Date()
		return event.Period(y*10000 + int(m)*100 + d)
	}
	return day(first), day(last)
}
