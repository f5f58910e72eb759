package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

const lastCorrection = `SELECT COALESCE(MAX(id), 0) FROM corrections WHERE exchange = $1`

// LastCorrection returns a number that grows with every correction of the
// exchange: see [Ledger.CorrectAll].
func (l *Ledger) LastCorrection(ctx context.Context, exchange event.ExchangeID) (id int64, err error) {
	if err = l.db.QueryRowContext(ctx, lastCorrection, int64(exchange)).Scan(&id); err != nil {
		return 0, fmt.Errorf("cannot read the last correction: %w", err)
	}
	return id, nil
}

// CorrectedSum is what corrections of one kind and reason add up to, per
// account and billing day. What takes one back counts with its reason.
type CorrectedSum struct {
	Account
	Day    event.Period
	Kind   CorrectionKind
	Reason string
	Amount money.Nanos
	// Impressions are those that Amount is known to be for.
	Impressions event.Impressions
}

// CorrectedSums returns what corrections of an exchange add up to, of the
// days from first to last.
func (l *Ledger) CorrectedSums(ctx context.Context, exchange event.ExchangeID, currency string, first, last event.Period) ([]CorrectedSum, error) {
	var all []CorrectedSum
	r, err := l.db.QueryContext(ctx, `SELECT c.day, c.advertiser, c.campaign, c.line_item, c.kind, COALESCE(o.reason, c.reason) AS why, CAST(SUM(c.amount) AS BIGINT), CAST(SUM(c.impressions) AS BIGINT)
		FROM corrections c LEFT JOIN corrections o ON o.id = c.reverses
		WHERE c.exchange = $1 AND c.day >= $2 AND c.day <= $3 AND c.currency = $4
		GROUP BY c.day, c.advertiser, c.campaign, c.line_item, c.kind, why ORDER BY c.day, c.campaign, c.line_item, c.kind, why`,
		int64(exchange), int64(first), int64(last), currency)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var s CorrectedSum
		if err := r.Scan(&s.Day, &s.Advertiser, &s.Campaign, &s.LineItem, &s.Kind, &s.Reason, &s.Amount, &s.Impressions); err != nil {
			return err
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read corrections: %w", err)
	}
	return all, nil
}

// BookedCorrection is a correction as the ledger keeps it.
type BookedCorrection struct {
	ID int64
	Correction
	Reverses int64       // the correction that it takes back, or 0
	Overrun  money.Nanos // the most of any of its budgets
	BookedAt time.Time
}

const correctionColumns = `id, kind, reason, reference, exchange, advertiser, campaign, line_item, day,
	currency, amount, impressions, overrun, redated, booked_at, booked_by, reverses`

func scanCorrection(r interface{ Scan(...any) error }) (c BookedCorrection, err error) {
	var at int64
	err = r.Scan(&c.ID, &c.Kind, &c.Reason, &c.Reference, &c.Exchange, &c.Advertiser, &c.Campaign, &c.LineItem, &c.Day,
		&c.Currency, &c.Amount, &c.Impressions, &c.Overrun, &c.Redated, &at, &c.By, &c.Reverses)
	c.BookedAt = time.Unix(0, at).UTC()
	return c, err
}

// Corrections returns up to limit corrections after an id, in order.
func (l *Ledger) Corrections(ctx context.Context, after int64, limit int) ([]BookedCorrection, error) {
	var all []BookedCorrection
	r, err := l.db.QueryContext(ctx, `SELECT `+correctionColumns+` FROM corrections WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	err = scanAll(r, err, func(r *sql.Rows) error {
		c, err := scanCorrection(r)
		all = append(all, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read corrections: %w", err)
	}
	return all, nil
}

// CorrectionTotals is everything that was ever corrected in one currency.
// [Totals] is without it.
type CorrectionTotals struct {
	Currency    string
	Corrections int64
	Amount      money.Nanos
	Overrun     money.Nanos
}

// CorrectionTotals returns the totals of every currency that has corrections.
func (l *Ledger) CorrectionTotals(ctx context.Context) ([]CorrectionTotals, error) {
	var all []CorrectionTotals
	r, err := l.db.QueryContext(ctx, `SELECT currency, corrections, corrected_units, corrected, corrected_overrun_units, corrected_overrun FROM ledger_totals WHERE corrections > 0 ORDER BY currency`)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var t CorrectionTotals
		var amount, overrun wide
		err := r.Scan(&t.Currency, &t.Corrections, &amount.units, &amount.rest, &overrun.units, &overrun.rest)
		t.Amount, t.Overrun = amount.nanos(), overrun.nanos()
		all = append(all, t)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read totals: %w", err)
	}
	return all, nil
}
