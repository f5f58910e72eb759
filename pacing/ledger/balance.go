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

// balance is how a budget stands in a period, with its limit as it is now.
type balance struct {
	limit       money.Nanos
	lifted      bool        // the advertiser took the limit away: nothing is granted, nothing is overrun
	paid        money.Nanos // of limit: what was paid in, if it is an advertiser's funding
	booked      money.Nanos
	outstanding money.Nanos
}

// free returns what may still be granted.
func (b *balance) free() money.Nanos { return max(0, b.limit-b.booked-b.outstanding) }

// cover returns how much of a booking the budget bears without a slice.
func (b *balance) cover(amount money.Nanos) money.Nanos {
	if b.lifted {
		return amount
	}
	return min(amount, b.free())
}

// order sorts budgets and drops duplicates. Everybody locks in this order, so
// that no two transactions wait for each other.
func order(nodes []event.NodePeriod) []event.NodePeriod {
	slices.SortFunc(nodes, func(a, b event.NodePeriod) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Period, b.Period))
	})
	return slices.Compact(nodes)
}

// lockBalances returns the balances of ordered budgets and locks their rows
// until the transaction ends, which guards their slices too. Missing rows are
// made. The upsert changes nothing: it is the one way to lock and read that
// SQLite and PostgreSQL share.
func lockBalances(ctx context.Context, tx *sql.Tx, nodes []event.NodePeriod) (map[event.NodePeriod]*balance, error) {
	all := make(map[event.NodePeriod]*balance, len(nodes))
	rows := make([][]any, 0, len(nodes))
	for _, n := range nodes {
		rows = append(rows, []any{int64(n.Node), int64(n.Period)})
	}
	err := inParts(rows, func(s shape, args []any) error {
		r, err := tx.QueryContext(ctx, s.values("INSERT INTO balances (node, period)",
			"ON CONFLICT (node, period) DO UPDATE SET node = excluded.node RETURNING node, period, booked, outstanding, paid", false), args...)
		return scanAll(r, err, func(r *sql.Rows) error { return scanBalance(r, all) })
	})
	if err != nil {
		return nil, fmt.Errorf("cannot lock balances: %w", err)
	}
	return all, readLimits(ctx, tx, nodes, all)
}

// readBalances returns the balances of budgets without locking them. What has
// no row has not moved.
func readBalances(ctx context.Context, tx *sql.Tx, nodes []event.NodePeriod) (map[event.NodePeriod]*balance, error) {
	all := make(map[event.NodePeriod]*balance, len(nodes))
	for chunk := range slices.Chunk(nodes, rowsPerStatement) {
		where, args := whereNodes(chunk, nil)
		r, err := tx.QueryContext(ctx, "SELECT node, period, booked, outstanding, paid FROM balances WHERE "+where, args...)
		if err := scanAll(r, err, func(r *sql.Rows) error { return scanBalance(r, all) }); err != nil {
			return nil, fmt.Errorf("cannot read balances: %w", err)
		}
	}
	for _, n := range nodes {
		if all[n] == nil {
			all[n] = new(balance)
		}
	}
	return all, readLimits(ctx, tx, nodes, all)
}

func scanBalance(r *sql.Rows, all map[event.NodePeriod]*balance) error {
	var n event.NodePeriod
	b := new(balance)
	if err := r.Scan(&n.Node, &n.Period, &b.booked, &b.outstanding, &b.paid); err != nil {
		return err
	}
	all[n] = b
	return nil
}

// readLimits fills in the limits. A budget that was never there, or whose
// window does not fit the period, has a limit of zero. A node that is there
// with the amount zero is the store's way of saying that it limits no more;
// but an advertiser's is its credit line, which what was paid in adds to.
func readLimits(ctx context.Context, tx *sql.Tx, nodes []event.NodePeriod, all map[event.NodePeriod]*balance) error {
	type limit struct {
		daily, funding bool
		amount         money.Nanos
	}
	ids := make([]any, 0, len(nodes))
	for i, n := range nodes {
		if i == 0 || n.Node != nodes[i-1].Node {
			ids = append(ids, int64(n.Node))
		}
	}
	limits := make(map[event.NodeID]limit, len(ids))
	for chunk := range slices.Chunk(ids, rowsPerStatement) {
		chunk = padded(chunk)
		r, err := tx.QueryContext(ctx, `SELECT id, "window", amount_nanos, owner_kind = 'advertiser' FROM budget_nodes WHERE id IN `+in(1, len(chunk)), chunk...)
		err = scanAll(r, err, func(r *sql.Rows) error {
			var id event.NodeID
			var window string
			var l limit
			err := r.Scan(&id, &window, &l.amount, &l.funding)
			l.daily = window == "daily"
			limits[id] = l
			return err
		})
		if err != nil {
			return fmt.Errorf("cannot read budgets: %w", err)
		}
	}
	for n, b := range all {
		if l, ok := limits[n.Node]; ok && l.daily == (n.Period != event.Lifetime) {
			b.limit, b.lifted = l.amount+b.paid, l.amount == 0 && !l.funding
		}
	}
	return nil
}

// whereNodes returns "node IN ($1, ...) AND period IN ($2, ...)" with args
// appended: it is true of the budgets that are asked for, and may be of others
// with their nodes and periods. A list of pairs would say it exactly, but SQLite
// reads all slices of an incarnation for one, and compares each with every pair.
func whereNodes(nodes []event.NodePeriod, args []any) (string, []any) {
	var ids, periods []any
	seen := make(map[event.Period]bool, 2)
	for i, n := range nodes {
		if i == 0 || n.Node != nodes[i-1].Node {
			ids = append(ids, int64(n.Node))
		}
		if !seen[n.Period] {
			seen[n.Period] = true
			periods = append(periods, int64(n.Period))
		}
	}
	ids, periods = padded(ids), padded(periods)
	first := len(args) + 1
	where := "node IN " + in(first, len(ids)) + " AND period IN " + in(first+len(ids), len(periods))
	return where, append(append(args, ids...), periods...)
}
