package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// sliceKey names a slice.
type sliceKey struct {
	incarnation int64
	event.NodePeriod
}

// change is what one transaction adds to a slice and its balance.
type change struct {
	granted, booked, returned money.Nanos
}

func (c change) outstanding() money.Nanos { return c.granted - c.booked - c.returned }

// Grant gives each want at most what is left of its budget, and nothing while
// the guard is stopped.
func (l *Ledger) Grant(ctx context.Context, incarnation uint64, wants []pacing.Want) ([]pacing.Grant, error) {
	var locked, asked []event.NodePeriod
	for _, w := range wants {
		if w.Amount < 0 || w.Amount > money.Cap {
			return nil, fmt.Errorf("cannot grant %v: want an amount within 0 and %v", w.Amount, money.Cap)
		}
		if w.Amount > 0 {
			locked = append(locked, w.NodePeriod)
		} else {
			asked = append(asked, w.NodePeriod)
		}
	}
	locked, asked = order(locked), order(asked)
	grants := make([]pacing.Grant, 0, len(wants))
	err := l.inTx(ctx, func(tx *sql.Tx) error {
		grants = grants[:0]
		stopped, err := l.touch(ctx, tx, incarnation)
		if err != nil {
			return err
		}
		balances, err := lockBalances(ctx, tx, locked)
		if err != nil {
			return err
		}
		others, err := readBalances(ctx, tx, asked)
		if err != nil {
			return err
		}
		changes := make(map[sliceKey]change)
		for _, w := range wants {
			b := balances[w.NodePeriod]
			if b == nil {
				b = others[w.NodePeriod]
			}
			g := pacing.Grant{NodePeriod: w.NodePeriod, Limit: b.limit, Booked: b.booked, Outstanding: b.outstanding}
			if stopped {
				w.Amount = 0
			}
			give := g.Give(w.Amount)
			b.outstanding = g.Outstanding
			if give > 0 {
				key := sliceKey{int64(incarnation), w.NodePeriod}
				c := changes[key]
				c.granted += give
				changes[key] = c
			}
			grants = append(grants, g)
		}
		return applyChanges(ctx, tx, changes)
	})
	if err != nil {
		return nil, fmt.Errorf("cannot grant to incarnation %d: %w", incarnation, err)
	}
	return grants, nil
}

// Return gives unspent money back, at most what the slice still has: a bill
// may have taken it in the meantime.
func (l *Ledger) Return(ctx context.Context, incarnation uint64, back []pacing.Want) error {
	var nodes []event.NodePeriod
	for _, w := range back {
		if w.Amount < 0 {
			return fmt.Errorf("cannot return %v: want an amount of at least 0", w.Amount)
		}
		nodes = append(nodes, w.NodePeriod)
	}
	nodes = order(nodes)
	err := l.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := l.touch(ctx, tx, incarnation); err != nil {
			return err
		}
		if _, err := lockBalances(ctx, tx, nodes); err != nil {
			return err
		}
		keys := make([]sliceKey, 0, len(nodes))
		for _, n := range nodes {
			keys = append(keys, sliceKey{int64(incarnation), n})
		}
		have, err := readSlices(ctx, tx, keys)
		if err != nil {
			return err
		}
		changes := make(map[sliceKey]change)
		for _, w := range back {
			key := sliceKey{int64(incarnation), w.NodePeriod}
			if give := min(w.Amount, have[key]); give > 0 {
				have[key] -= give
				c := changes[key]
				c.returned += give
				changes[key] = c
			}
		}
		return applyChanges(ctx, tx, changes)
	})
	if err != nil {
		return fmt.Errorf("cannot return from incarnation %d: %w", incarnation, err)
	}
	return nil
}

// Slices returns the slices of which the incarnation has anything left, by
// bookings up to the cursor after. It is one statement, so that slices and
// bookings are of the same moment.
func (l *Ledger) Slices(ctx context.Context, incarnation uint64, after int64) ([]pacing.Slice, error) {
	var all []pacing.Slice
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	r, err := l.db.QueryContext(ctx, `WITH unheard AS (
			SELECT n.node, n.period, CAST(SUM(n.from_slice) AS BIGINT) AS amount FROM bookings b JOIN booking_nodes n ON n.cursor = b.cursor
			WHERE b.incarnation = $1 AND b.cursor > $2 GROUP BY n.node, n.period)
		SELECT s.node, s.period, s.granted, s.returned, s.booked - COALESCE(u.amount, 0)
		FROM slices s LEFT JOIN unheard u ON u.node = s.node AND u.period = s.period
		WHERE s.incarnation = $1 AND (s.granted > s.returned + s.booked OR u.amount > 0) ORDER BY s.node, s.period`, int64(incarnation), after)
	err = scanAll(r, err, func(r *sql.Rows) error {
		var s pacing.Slice
		if err := r.Scan(&s.Node, &s.Period, &s.Granted, &s.Returned, &s.Booked); err != nil {
			return err
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot read the slices of incarnation %d: %w", incarnation, err)
	}
	return all, nil
}

// selectSlices reads what is outstanding of slices of incarnation $1, see
// whereNodes.
const selectSlices = `SELECT node, period, granted - booked - returned FROM slices WHERE incarnation = $1 AND `

// readSlices returns what is outstanding of slices whose balances are locked.
func readSlices(ctx context.Context, tx *sql.Tx, keys []sliceKey) (map[sliceKey]money.Nanos, error) {
	byIncarnation := make(map[int64][]event.NodePeriod)
	for _, k := range keys {
		byIncarnation[k.incarnation] = append(byIncarnation[k.incarnation], k.NodePeriod)
	}
	all := make(map[sliceKey]money.Nanos, len(keys))
	for incarnation, nodes := range byIncarnation {
		for chunk := range slices.Chunk(order(nodes), rowsPerStatement) {
			where, args := whereNodes(chunk, []any{incarnation})
			r, err := tx.QueryContext(ctx, selectSlices+where, args...)
			err = scanAll(r, err, func(r *sql.Rows) error {
				key := sliceKey{incarnation: incarnation}
				var left money.Nanos
				if err := r.Scan(&key.Node, &key.Period, &left); err != nil {
					return err
				}
				all[key] = left
				return nil
			})
			if err != nil {
				return nil, fmt.Errorf("cannot read slices: %w", err)
			}
		}
	}
	return all, nil
}

// applyChanges adds to slices, and to the outstanding sums of their balances,
// which must be locked.
func applyChanges(ctx context.Context, tx *sql.Tx, changes map[sliceKey]change) error {
	outstanding := make(map[event.NodePeriod]money.Nanos)
	var granted, changed [][]any
	for k, c := range changes {
		outstanding[k.NodePeriod] += c.outstanding()
		if c.booked == 0 && c.returned == 0 {
			granted = append(granted, []any{k.incarnation, int64(k.Node), int64(k.Period), int64(c.granted)})
			continue
		}
		// The slice exists: money was taken from it. An upsert would be refused
		// for its would-be new row, which breaks the table's checks.
		changed = append(changed, []any{int64(c.granted), int64(c.booked), int64(c.returned), k.incarnation, int64(k.Node), int64(k.Period)})
	}
	err := update(ctx, tx, `UPDATE slices SET granted = granted + v.column1, booked = booked + v.column2, returned = returned + v.column3`, changed,
		`slices.incarnation = v.column4 AND slices.node = v.column5 AND slices.period = v.column6`)
	if err != nil {
		return fmt.Errorf("cannot change slices: %w", err)
	}
	err = insert(ctx, tx, "INSERT INTO slices (incarnation, node, period, granted)", granted,
		"ON CONFLICT (incarnation, node, period) DO UPDATE SET granted = slices.granted + excluded.granted")
	if err != nil {
		return fmt.Errorf("cannot change slices: %w", err)
	}
	var moved [][]any
	for n, d := range outstanding {
		if d != 0 {
			moved = append(moved, []any{int64(d), int64(n.Node), int64(n.Period)})
		}
	}
	err = update(ctx, tx, `UPDATE balances SET outstanding = outstanding + v.column1`, moved,
		`balances.node = v.column2 AND balances.period = v.column3`)
	if err != nil {
		return fmt.Errorf("cannot change balances: %w", err)
	}
	return nil
}
