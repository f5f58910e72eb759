package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Payment is what an advertiser pays in, or gets back. It raises or lowers
// what all its campaigns may spend. A payment of a payment is another one:
// none is ever edited.
type Payment struct {
	Advertiser event.AdvertiserID
	Amount     money.Nanos // below zero for a refund; not zero
	Currency   string      // the advertiser's
	// Reference is what the entry is booked from, 1 to 200 bytes: a transfer's
	// number. One reference books once per advertiser.
	Reference string
	Reason    string // 1 to 100 bytes
	By        string // who booked it, 1 to 100 bytes
}

// BookedPayment is a payment as the ledger keeps it.
type BookedPayment struct {
	ID int64
	Payment
	BookedAt time.Time
}

var (
	// ErrUnfunded says that an advertiser has no balance.
	ErrUnfunded = errors.New("the advertiser is not funded: it has no balance")
	// ErrTooMuch says that what is left to spend would exceed money.Cap.
	ErrTooMuch = fmt.Errorf("what is left to spend would be more than %v", money.Cap)
	// ErrPaidUp says that an advertiser paid in, over all its years, more than
	// a balance can count.
	ErrPaidUp = fmt.Errorf("all payments together would be more than %v: go on with another advertiser", maxPaid)
)

// maxPaid bounds the sum of an advertiser's payments. With a credit line it
// still fits an amount, and so does what is booked: it is beyond that only by
// overrun.
const maxPaid = 8 * money.Cap

// RefundError says that a refund is more than can be given back. What is
// booked, and what bidders hold, is not there; nor is a credit line.
type RefundError struct{ Most money.Nanos }

// Error says how much can be given back.
func (e *RefundError) Error() string {
	return fmt.Sprintf("no more than %v can be refunded now", e.Most)
}

func (p *Payment) validate() error {
	if p.Amount == 0 || p.Amount > money.Cap || p.Amount < -money.Cap {
		return fmt.Errorf("the amount must be within %v and %v, and not zero", -money.Cap, money.Cap)
	}
	return checkTexts(p.Reason, p.Reference, p.By)
}

// Pay books a payment. Its reference makes it safe to send again: Pay returns
// false, and books nothing, if it was booked before; ErrReference, if that was
// with another amount. Bidders have the money at their next grant.
func (l *Ledger) Pay(ctx context.Context, p Payment) (BookedPayment, bool, error) {
	b := BookedPayment{Payment: p, BookedAt: l.clock.Now().UTC()}
	err := p.validate()
	fresh := false
	if err == nil {
		err = l.inTx(ctx, func(tx *sql.Tx) (err error) {
			fresh, err = pay(ctx, tx, &b)
			return err
		})
	}
	if err != nil {
		return BookedPayment{}, false, fmt.Errorf("cannot book a payment of advertiser %d: %w", p.Advertiser, err)
	}
	return b, fresh, nil
}

func pay(ctx context.Context, tx *sql.Tx, b *BookedPayment) (fresh bool, err error) {
	// The counter's row makes those who pay wait for each other.
	var last int64
	err = tx.QueryRowContext(ctx, `UPDATE ledger_counters SET value = value WHERE name = 'payment' RETURNING value`).Scan(&last)
	if err != nil {
		return false, err
	}
	root, currency := event.NodePeriod{Period: event.Lifetime}, ""
	err = tx.QueryRowContext(ctx, `SELECT id, currency FROM budget_nodes WHERE owner_kind = 'advertiser' AND owner_id = $1`, int64(b.Advertiser)).
		Scan(&root.Node, &currency)
	if errors.Is(err, sql.ErrNoRows) {
		return false, ErrUnfunded
	}
	if err != nil {
		return false, err
	}
	if currency != b.Currency {
		return false, fmt.Errorf("it is in %s, the balance is in %s", b.Currency, currency)
	}
	known, err := scanPayment(tx.QueryRowContext(ctx, `SELECT `+paymentColumns+` FROM payments WHERE advertiser = $1 AND reference = $2`,
		int64(b.Advertiser), b.Reference))
	if err == nil {
		if known.Amount != b.Amount {
			return false, fmt.Errorf("%q: %w", b.Reference, ErrReference)
		}
		*b = known
		return false, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	balances, err := lockBalances(ctx, tx, []event.NodePeriod{root})
	if err != nil {
		return false, err
	}
	balance := balances[root]
	if b.Amount > 0 {
		left, err := money.Sub(balance.limit, balance.booked)
		switch {
		case err != nil:
			return false, err
		case left > money.Cap-b.Amount:
			return false, ErrTooMuch
		case balance.paid > maxPaid-b.Amount:
			return false, ErrPaidUp
		}
	}
	if most := min(balance.free(), balance.paid); -b.Amount > most {
		return false, &RefundError{most}
	}
	b.ID = last + 1
	_, err = tx.ExecContext(ctx, `INSERT INTO payments (id, advertiser, amount, currency, reference, reason, booked_at, booked_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		b.ID, int64(b.Advertiser), int64(b.Amount), b.Currency, b.Reference, b.Reason, b.BookedAt.UnixNano(), b.By)
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE balances SET paid = paid + $1 WHERE node = $2 AND period = $3`, int64(b.Amount), int64(root.Node), int64(root.Period))
	if err != nil {
		return false, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE ledger_counters SET value = $1 WHERE name = 'payment'`, b.ID)
	return true, err
}

const paymentColumns = `id, advertiser, amount, currency, reference, reason, booked_at, booked_by`

func scanPayment(r interface{ Scan(...any) error }) (b BookedPayment, err error) {
	var at int64
	err = r.Scan(&b.ID, &b.Advertiser, &b.Amount, &b.Currency, &b.Reference, &b.Reason, &at, &b.By)
	b.BookedAt = time.Unix(0, at).UTC()
	return b, err
}

// Payments returns up to limit payments of an advertiser after an id, in the
// order in which they were booked.
func (l *Ledger) Payments(ctx context.Context, advertiser event.AdvertiserID, after int64, limit int) ([]BookedPayment, error) {
	var all []BookedPayment
	r, err := l.db.QueryContext(ctx, `SELECT `+paymentColumns+` FROM payments WHERE advertiser = $1 AND id > $2 ORDER BY id LIMIT $3`,
		int64(advertiser), after, limit)
	err = scanAll(r, err, func(r *sql.Rows) error {
		b, err := scanPayment(r)
		all = append(all, b)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read payments: %w", err)
	}
	return all, nil
}
