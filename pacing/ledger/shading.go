package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tangent-dsp/tangent/event"
)

// ShadingKey names bids that are summed up together.
type ShadingKey struct {
	LineItem event.LineItemID
	Exchange event.ExchangeID
	Day      event.Period // UTC, on which they left
	Arm      uint16       // of shading: landscape.Arm
}

// ShadingSum is what the bids of an arm came to. Amounts are media cost in
// nanos of the advertiser's currency; they are for estimates, and never owed.
type ShadingSum struct {
	ShadingKey
	Currency                        string // empty until something was booked
	Bids, Impressions               int64
	Cost, Value                     float64
	CostCost, CostValue, ValueValue float64
}

// ShadingFilter says which sums to read: zero values are all.
type ShadingFilter struct {
	LineItem event.LineItemID
	Exchange event.ExchangeID
	From, To event.Period // both included
}

// shaded sums bookings up whose bids took part in shading. A bid is booked
// once, so it counts once.
func shaded(bills []booking) map[ShadingKey]ShadingSum {
	var all map[ShadingKey]ShadingSum
	for i := range bills {
		b := &bills[i]
		if b.Arm == 0 {
			continue
		}
		value, cost := b.PredictedValue, float64(b.media)
		if !(value >= 0) || math.IsInf(value, 1) {
			value = 0
		}
		key := ShadingKey{b.LineItem, b.Exchange, event.PeriodOf(b.IssuedAt.UTC()), b.Arm}
		s := all[key]
		s.ShadingKey, s.Currency = key, b.currency
		s.Impressions++
		s.Cost += cost
		s.Value += value
		s.CostCost += cost * cost
		s.CostValue += cost * value
		s.ValueValue += value * value
		if all == nil {
			all = make(map[ShadingKey]ShadingSum)
		}
		all[key] = s
	}
	return all
}

// AddShadingBids adds bids that were sent to the sums of their arms: of Sums
// only the key and Bids count. Nothing tells a repetition from news, so what
// could not be written is to be given up.
func (l *Ledger) AddShadingBids(ctx context.Context, sums []ShadingSum) error {
	all := make(map[ShadingKey]ShadingSum, len(sums))
	for _, s := range sums {
		all[s.ShadingKey] = ShadingSum{ShadingKey: s.ShadingKey, Bids: all[s.ShadingKey].Bids + s.Bids}
	}
	err := l.inTx(ctx, func(tx *sql.Tx) error { return addShading(ctx, tx, all) })
	if err != nil {
		return fmt.Errorf("cannot count bids of %d arms: %w", len(all), err)
	}
	return nil
}

// addShading adds sums, in the order of their keys: so writers wait for each
// other and never in a circle.
func addShading(ctx context.Context, tx *sql.Tx, all map[ShadingKey]ShadingSum) error {
	keys := slices.SortedFunc(maps.Keys(all), func(a, b ShadingKey) int {
		return cmp.Or(cmp.Compare(a.LineItem, b.LineItem), cmp.Compare(a.Exchange, b.Exchange), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Arm, b.Arm))
	})
	rows := make([][]any, 0, len(keys))
	for _, k := range keys {
		s := all[k]
		rows = append(rows, []any{int64(k.LineItem), int64(k.Exchange), int64(k.Day), int64(k.Arm), s.Currency,
			s.Bids, s.Impressions, s.Cost, s.Value, s.CostCost, s.CostValue, s.ValueValue})
	}
	err := insert(ctx, tx, `INSERT INTO shading_sums (line_item, exchange, day, arm, currency, bids, impressions, cost, value, cost_cost, cost_value, value_value)`, rows,
		`ON CONFLICT (line_item, exchange, day, arm) DO UPDATE SET
		currency = CASE WHEN excluded.currency = '' THEN shading_sums.currency ELSE excluded.currency END,
		bids = shading_sums.bids + excluded.bids, impressions = shading_sums.impressions + excluded.impressions,
		cost = shading_sums.cost + excluded.cost, value = shading_sums.value + excluded.value,
		cost_cost = shading_sums.cost_cost + excluded.cost_cost, cost_value = shading_sums.cost_value + excluded.cost_value,
		value_value = shading_sums.value_value + excluded.value_value`)
	if err != nil {
		return fmt.Errorf("cannot add to the sums of shading: %w", err)
	}
	return nil
}

// Shading returns the sums of shading, in the order of their keys.
func (l *Ledger) Shading(ctx context.Context, f ShadingFilter) ([]ShadingSum, error) {
	if f.To == 0 {
		f.To = math.MaxInt32
	}
	r, err := l.db.QueryContext(ctx, `SELECT line_item, exchange, day, arm, currency, bids, impressions, cost, value, cost_cost, cost_value, value_value
		FROM shading_sums WHERE ($1 = 0 OR line_item = $1) AND ($2 = 0 OR exchange = $2) AND day >= $3 AND day <= $4
		ORDER BY line_item, exchange, day, arm`, int64(f.LineItem), int64(f.Exchange), int64(f.From), int64(f.To))
	var all []ShadingSum
	err = scanAll(r, err, func(r *sql.Rows) error {
		var s ShadingSum
		err := r.Scan(&s.LineItem, &s.Exchange, &s.Day, &s.Arm, &s.Currency, &s.Bids, &s.Impressions,
			&s.Cost, &s.Value, &s.CostCost, &s.CostValue, &s.ValueValue)
		all = append(all, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read the sums of shading: %w", err)
	}
	return all, nil
}
