package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

var exchanges = kind[campaign.Exchange]{
	name: "exchange", table: "exchanges", alias: "e",
	selectFrom: `SELECT e.id, e.name, e.status, e.seat, e.currency, e.other_currencies, e.billing_event, e.no_bid,
		e.default_tmax_ms, e.network_margin_ms, e.win_deadline_ms, e.horizon_ms FROM exchanges e`,
	scan: func(r row) (e campaign.Exchange, err error) {
		err = r.Scan(&e.ID, &e.Name, &e.Status, &e.Seat, &e.Currency, fromJSON{&e.OtherCurrencies}, &e.BillingEvent, &e.NoBid,
			milliseconds{&e.DefaultTMax}, milliseconds{&e.NetworkMargin}, milliseconds{&e.WinDeadline}, milliseconds{&e.Horizon})
		return e, err
	},
}

// CreateExchange adds an exchange and returns it with its id. ErrConflict
// says that the name is taken.
func (s *Store) CreateExchange(ctx context.Context, e campaign.Exchange) (campaign.Exchange, error) {
	return write(ctx, s, "create an exchange", func(w *writing) (campaign.Exchange, error) {
		fresh(&e.ID, &e.Status)
		if err := e.Validate(); err != nil {
			return e, err
		}
		id, err := w.take(ctx, "exchange", 1)
		if err != nil {
			return e, err
		}
		e.ID = event.ExchangeID(id)
		others, err := toJSON(e.OtherCurrencies)
		if err != nil {
			return e, err
		}
		row := []any{e.ID, e.Name, e.Status, e.Seat, e.Currency, others, e.BillingEvent, e.NoBid, e.DefaultTMax.Milliseconds(),
			e.NetworkMargin.Milliseconds(), e.WinDeadline.Milliseconds(), e.Horizon.Milliseconds(), w.revision}
		return e, nameTaken(w.insert(ctx, `exchanges (id, name, status, seat, currency, other_currencies, billing_event, no_bid, default_tmax_ms,
			network_margin_ms, win_deadline_ms, horizon_ms, revision)`, [][]any{row}))
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

// UpdateExchange replaces an exchange.
func (s *Store) UpdateExchange(ctx context.Context, e campaign.Exchange) (campaign.Exchange, error) {
	return write(ctx, s, "update an exchange", func(w *writing) (campaign.Exchange, error) {
		if _, err := exchanges.open(ctx, w, int64(e.ID)); err != nil {
			return e, err
		}
		if err := e.Validate(); err != nil {
			return e, err
		}
		others, err := toJSON(e.OtherCurrencies)
		if err != nil {
			return e, err
		}
		const update = `UPDATE exchanges SET name = $1, status = $2, seat = $3, currency = $4, billing_event = $5, no_bid = $6,
			default_tmax_ms = $7, network_margin_ms = $8, win_deadline_ms = $9, horizon_ms = $10, other_currencies = $11, revision = $12 WHERE id = $13`
		_, err = w.ExecContext(ctx, update, e.Name, e.Status, e.Seat, e.Currency, e.BillingEvent, e.NoBid, e.DefaultTMax.Milliseconds(),
			e.NetworkMargin.Milliseconds(), e.WinDeadline.Milliseconds(), e.Horizon.Milliseconds(), others, w.revision, e.ID)
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

func scanExchangeID(r row) (id event.ExchangeID, err error) {
	err = r.Scan(&id)
	return id, err
}
