package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// exchangeColumns are the columns of an exchange but its id and revision, in
// the order of exchangeRow.
const exchangeColumns = `name, status, preset, seat, currency, other_currencies, billing_event, video_billing_event, audio_billing_event, no_bid,
	default_tmax_ms, video_tmax_ms, audio_tmax_ms, network_margin_ms, win_deadline_ms, horizon_ms, dialect`

var exchanges = kind[campaign.Exchange]{
	name: "exchange", table: "exchanges", alias: "e",
	selectFrom: `SELECT e.id, ` + exchangeColumns + ` FROM exchanges e`,
	scan: func(r row) (e campaign.Exchange, err error) {
		err = r.Scan(&e.ID, &e.Name, &e.Status, &e.Preset, &e.Seat, &e.Currency, fromJSON{&e.OtherCurrencies},
			&e.BillingEvent, &e.VideoBilling, &e.AudioBilling, &e.NoBid, milliseconds{&e.DefaultTMax}, milliseconds{&e.VideoTMax}, milliseconds{&e.AudioTMax},
			milliseconds{&e.NetworkMargin}, milliseconds{&e.WinDeadline}, milliseconds{&e.Horizon}, fromJSON{&e.Dialect})
		return e.WithDefaults(), err // of an older version's exchanges
	},
}

func exchangeRow(e *campaign.Exchange) ([]any, error) {
	others, err := toJSON(e.OtherCurrencies)
	if err != nil {
		return nil, err
	}
	dialect, err := toJSON(e.Dialect)
	return []any{e.Name, e.Status, e.Preset, e.Seat, e.Currency, others, e.BillingEvent, e.VideoBilling, e.AudioBilling, e.NoBid,
		e.DefaultTMax.Milliseconds(), e.VideoTMax.Milliseconds(), e.AudioTMax.Milliseconds(), e.NetworkMargin.Milliseconds(),
		e.WinDeadline.Milliseconds(), e.Horizon.Milliseconds(), dialect}, err
}

// CreateExchange adds an exchange and returns it with its id. ErrConflict
// says that the name is taken.
func (s *Store) CreateExchange(ctx context.Context, e campaign.Exchange) (campaign.Exchange, error) {
	return write(ctx, s, "create an exchange", func(w *writing) (campaign.Exchange, error) {
		fresh(&e.ID, &e.Status)
		e = e.WithDefaults()
		if err := e.Validate(); err != nil {
			return e, err
		}
		id, err := w.take(ctx, "exchange", 1)
		if err != nil {
			return e, err
		}
		e.ID = event.ExchangeID(id)
		row, err := exchangeRow(&e)
		if err != nil {
			return e, err
		}
		return e, nameTaken(w.insert(ctx, `exchanges (id, revision, `+exchangeColumns+`)`, [][]any{append([]any{e.ID, w.revision}, row...)}))
	})
}

// GetExchange returns an exchange, or ErrNotFound.
func (s *Store) GetExchange(ctx context.Context, id event.ExchangeID) (campaign.Exchange, error) {
	return exchanges.get(ctx, s.db, int64(id))
}

// ListExchanges returns a page of exchanges.
func (s *Store) ListExchanges(ctx context.Context, f Filter) ([]campaign.Exchange, error) {
	return exchanges.list(ctx, s.db, f)
}

// UpdateExchange changes an exchange.
func (s *Store) UpdateExchange(ctx context.Context, id event.ExchangeID, change func(campaign.Exchange) (campaign.Exchange, error)) (campaign.Exchange, error) {
	return write(ctx, s, "update an exchange", func(w *writing) (campaign.Exchange, error) {
		_, e, err := exchanges.change(ctx, w, int64(id), change)
		if err != nil {
			return e, err
		}
		e.ID = id
		if err := e.Validate(); err != nil {
			return e, err
		}
		row, err := exchangeRow(&e)
		if err != nil {
			return e, err
		}
		const update = `UPDATE exchanges SET (` + exchangeColumns + `) =
			($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19), revision = $2 WHERE id = $1`
		_, err = w.ExecContext(ctx, update, append([]any{e.ID, w.revision}, row...)...)
		return e, nameTaken(err)
	})
}

// SetExchangeStatus pauses, resumes or archives an exchange.
func (s *Store) SetExchangeStatus(ctx context.Context, id event.ExchangeID, to campaign.Status) (campaign.Exchange, error) {
	return exchanges.setStatus(ctx, s, int64(id), to)
}

// nameTaken says in our words what the only key of exchanges refused.
func nameTaken(err error) error {
	if err = conflict(err); errors.Is(err, ErrConflict) {
		return fmt.Errorf("its name is taken: %w", ErrConflict)
	}
	return err
}

// exchangeIDs returns every exchange there is: they are few.
func (w *writing) exchangeIDs(ctx context.Context) (map[event.ExchangeID]bool, error) {
	all, err := many(ctx, w, scanExchangeID, `SELECT id FROM exchanges`)
	ids := make(map[event.ExchangeID]bool, len(all))
	for _, id := range all {
		ids[id] = true
	}
	return ids, err
}

func knownExchanges(li campaign.LineItem, known map[event.ExchangeID]bool) error {
	var p campaign.Problems
	for list, ids := range map[string][]event.ExchangeID{"include": li.Targeting.Exchanges.Include, "exclude": li.Targeting.Exchanges.Exclude} {
		for i, id := range ids {
			if !known[id] {
				p = append(p, campaign.Problem{Field: fmt.Sprintf("targeting.exchanges.%s[%d]", list, i), Message: "must be an existing exchange"})
			}
		}
	}
	return p.Err()
}

func knownApprovals(c *campaign.Creative, known map[event.ExchangeID]bool) error {
	var p campaign.Problems
	for i, a := range c.Approvals {
		if !known[a.ExchangeID] {
			p = append(p, campaign.Problem{Field: fmt.Sprintf("approvals[%d].exchange_id", i), Message: "must be an existing exchange"})
		}
	}
	return p.Err()
}

func scanExchangeID(r row) (id event.ExchangeID, err error) {
	err = r.Scan(&id)
	return id, err
}
