package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

var (
	// ErrNoCorrection says that there is no correction of that id.
	ErrNoCorrection = errors.New("there is no such correction")
	// ErrReversed says that a correction was taken back before.
	ErrReversed = errors.New("this correction is taken back already")
	// ErrNotReversible says that an entry cannot be taken back by itself: it
	// takes another one back, or is half of a pair that moves money to another
	// day.
	ErrNotReversible = errors.New("this entry cannot be taken back")
)

// Reverse takes a correction back, by another entry: of the same kind, day and
// account, with the opposite amount. Each budget moves back by what the
// correction moved it, which may be less than its amount; what that adds
// beyond a budget is overrun. A correction is taken back once.
func (l *Ledger) Reverse(ctx context.Context, id int64, reason, by string) (BookedCorrection, error) {
	var out BookedCorrection
	err := checkTexts(reason, "-", by)
	if err == nil {
		err = l.inTx(ctx, func(tx *sql.Tx) (err error) {
			out, err = l.reverse(ctx, tx, id, reason, by)
			return err
		})
	}
	if err != nil {
		return BookedCorrection{}, fmt.Errorf("cannot take correction %d back: %w", id, err)
	}
	return out, nil
}

func (l *Ledger) reverse(ctx context.Context, tx *sql.Tx, id int64, reason, by string) (out BookedCorrection, err error) {
	last, err := lockCorrections(ctx, tx)
	if err != nil {
		return out, err
	}
	was, err := scanCorrection(tx.QueryRowContext(ctx, `SELECT `+correctionColumns+` FROM corrections WHERE id = $1`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return out, ErrNoCorrection
	}
	if err != nil {
		return out, err
	}
	if was.Reverses != 0 || was.Redated {
		return out, ErrNotReversible
	}
	e := entry{Correction: was.Correction, reverses: id}
	e.Reason, e.By, e.Amount = reason, by, -was.Amount
	e.Impressions = -was.Impressions
	e.Reference = ReversalPrefix + strconv.FormatInt(id, 10)
	var taken int64
	err = tx.QueryRowContext(ctx, `SELECT advertiser_cost, advertiser_currency, media, rate_table, (SELECT COUNT(*) FROM corrections WHERE reverses = $1) FROM corrections WHERE id = $1`, id).Scan(&e.cost, &e.currency, &e.media, &e.table, &taken)
	if err != nil {
		return out, err
	}
	if taken > 0 {
		return out, ErrReversed
	}
	e.cost, e.media = -e.cost, -e.media
	if e.nodes, e.back, err = movedBy(ctx, tx, id); err != nil {
		return out, err
	}
	entries := []entry{e}
	moved, err := move(ctx, tx, entries)
	if err != nil {
		return out, err
	}
	now := l.clock.Now()
	if err := writeAll(ctx, tx, now, last, entries, moved, new(Corrected)); err != nil {
		return out, err
	}
	return BookedCorrection{ID: last + 1, Correction: entries[0].Correction, Reverses: id, Overrun: entries[0].overrun, BookedAt: now.UTC()}, nil
}

// movedBy returns what a correction moved at each of its budgets.
func movedBy(ctx context.Context, tx *sql.Tx, id int64) (nodes []event.NodePeriod, amounts []money.Nanos, err error) {
	r, err := tx.QueryContext(ctx, `SELECT node, period, amount FROM correction_nodes WHERE correction = $1 ORDER BY position`, id)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var n event.NodePeriod
		var amount money.Nanos
		err := r.Scan(&n.Node, &n.Period, &amount)
		nodes, amounts = append(nodes, n), append(amounts, amount)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read what it moved: %w", err)
	}
	return nodes, amounts, nil
}
