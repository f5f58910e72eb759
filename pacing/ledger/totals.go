package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Totals is everything that was ever booked in one currency: what exchanges
// billed in it, and what the advertisers pay whose currency it is. The database
// counts on where an amount can no more: it stands at the most that one can be,
// some nine billion units.
type Totals struct {
	Currency       string
	Bookings       int64
	Amount         money.Nanos // media cost
	AdvertiserCost money.Nanos
	Disputed       money.Nanos
	Overrun        money.Nanos // the sum over bookings of the most of any node
	Late           int64       // bookings after their horizon
	Unpriced       int64       // bookings at the bid, for lack of a readable price
	Expired        int64       // notices that came too late to be booked
}

// Totals returns the totals of every currency that something was booked in.
func (l *Ledger) Totals(ctx context.Context) ([]Totals, error) {
	var all []Totals
	r, err := l.db.QueryContext(ctx, `SELECT currency, bookings, amount_units, amount, advertiser_cost_units, advertiser_cost, disputed,
		overrun_units, overrun, late, unpriced, expired FROM ledger_totals ORDER BY currency`)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var t Totals
		var amount, cost, overrun wide
		err := r.Scan(&t.Currency, &t.Bookings, &amount.units, &amount.rest, &cost.units, &cost.rest, &t.Disputed,
			&overrun.units, &overrun.rest, &t.Late, &t.Unpriced, &t.Expired)
		if err != nil {
			return err
		}
		t.Amount, t.AdvertiserCost, t.Overrun = amount.nanos(), cost.nanos(), overrun.nanos()
		all = append(all, t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read totals: %w", err)
	}
	return all, nil
}

// totals gathers what one transaction adds, by currency.
type totals map[string]*added

type added struct {
	bookings, late, unpriced, expired int64
	amount, cost, overrun             wide
	disputed                          money.Nanos
}

func newTotals() totals { return make(totals) }

func (t totals) of(currency string) *added {
	if t[currency] == nil {
		t[currency] = new(added)
	}
	return t[currency]
}

func (t totals) book(b *booking, result *Result) {
	s, theirs := t.of(b.Currency), t.of(b.currency)
	s.bookings++
	s.amount.add(b.amount)
	theirs.cost.add(b.cost)
	s.disputed = addDisputed(s.disputed, b.bill.disputed)
	theirs.overrun.add(b.overrun)
	result.Booked++
	result.Amount = clipped(result.Amount, b.amount)
	result.Disputed = addDisputed(result.Disputed, b.bill.disputed)
	result.Overrun = clipped(result.Overrun, b.overrun)
	if b.Late {
		s.late++
		result.Late++
	}
	if b.unrated {
		result.Unrated++
	}
	if b.unpriced {
		s.unpriced++
		result.Unpriced++
	}
}

// expire records notices that came too late to be booked, each once.
func (t totals) expire(ctx context.Context, tx *sql.Tx, expired []*event.Event) error {
	for _, e := range expired {
		r, err := tx.ExecContext(ctx, `INSERT INTO reconciliation (bid_id, kind, exchange, advertiser, campaign, line_item, creative,
			currency, bid_price, price, price_state, issued_at, occurred_at, received_at, impressions)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (bid_id, kind) DO NOTHING`,
			e.Bid.String(), e.Kind.String(), int64(e.Exchange), int64(e.Advertiser), int64(e.Campaign), int64(e.LineItem), int64(e.Creative),
			e.Currency, int64(e.BidPrice), int64(e.Price), e.PriceState.String(),
			e.IssuedAt.UnixNano(), e.OccurredAt.UnixNano(), e.ReceivedAt.UnixNano(), int64(e.Sold()))
		if err != nil {
			return fmt.Errorf("cannot record an expired notice: %w", err)
		}
		if n, err := r.RowsAffected(); err != nil {
			return err
		} else if n > 0 {
			t.of(e.Currency).expired++
		}
	}
	return nil
}

func (t totals) write(ctx context.Context, tx *sql.Tx) error {
	for currency, s := range t {
		_, err := tx.ExecContext(ctx, `INSERT INTO ledger_totals (currency, bookings, disputed, late, unpriced, expired,
			amount_units, amount, advertiser_cost_units, advertiser_cost, overrun_units, overrun)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (currency) DO UPDATE SET
			bookings = ledger_totals.bookings + excluded.bookings, disputed = `+addDisputedRows("ledger_totals")+`,
			late = ledger_totals.late + excluded.late, unpriced = ledger_totals.unpriced + excluded.unpriced,
			expired = ledger_totals.expired + excluded.expired, `+
			addWideRows("amount")+`, `+addWideRows("advertiser_cost")+`, `+addWideRows("overrun"),
			currency, s.bookings, int64(s.disputed), s.late, s.unpriced, s.expired,
			s.amount.units, s.amount.rest, s.cost.units, s.cost.rest, s.overrun.units, s.overrun.rest)
		if err != nil {
			return fmt.Errorf("cannot write totals: %w", err)
		}
	}
	return nil
}
