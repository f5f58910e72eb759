package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Amounts of budgets stand in their nodes alone, so nothing can fall out of
// step. A node with the amount 0 is no budget.
const budgetColumns = `COALESCE(bl.amount_nanos, 0), COALESCE(bl.id, 0), COALESCE(bd.amount_nanos, 0), COALESCE(bd.id, 0)`

// budgetJoins joins the nodes that still limit something.
func budgetJoins(kind, id string) string {
	join := func(as, window string) string {
		return ` LEFT JOIN budget_nodes ` + as + ` ON ` + as + `.owner_kind = '` + kind + `' AND ` + as + `.owner_id = ` + id +
			` AND ` + as + `."window" = '` + window + `' AND ` + as + `.amount_nanos > 0`
	}
	return join("bl", "lifetime") + join("bd", "daily")
}

// owner is whose budgets some nodes are.
type owner struct {
	kind       string // advertiser, campaign, line_item
	id         int64
	advertiser campaign.Advertiser
	zone       *time.Location
	flight     campaign.Flight // narrowed to the parent's
}

func advertiserOwner(a campaign.Advertiser) (owner, error) {
	zone, err := a.Location()
	return owner{"advertiser", int64(a.ID), a, zone, campaign.Flight{}}, err
}

func campaignOwner(a campaign.Advertiser, c campaign.Campaign) (owner, error) {
	zone, err := a.Location()
	return owner{"campaign", int64(c.ID), a, zone, c.Flight}, err
}

// lineItem returns the owner that a line item of the campaign o is.
func (o owner) lineItem(id event.LineItemID, own campaign.Flight) owner {
	o.kind, o.id, o.flight = "line_item", int64(id), own.Narrow(o.flight)
	return o
}

// bounds returns the flight as its columns hold it.
func (o owner) bounds() (start, end sql.NullInt64) {
	s, e := o.flight.Bounds(o.zone)
	return instant(s), instant(e)
}

func instant(t time.Time) sql.NullInt64 {
	if t.IsZero() {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: true}
}

// limit is one limit of a budget, and where its node's id goes.
type limit struct {
	window string
	amount money.Nanos
	node   *event.NodeID
}

func limits(b *campaign.Budget) []limit {
	return []limit{{"lifetime", b.Lifetime, &b.LifetimeNode}, {"daily", b.Daily, &b.DailyNode}}
}

// newNode is a node to insert.
type newNode struct {
	owner
	limit
}

// newNodes returns the nodes of a budget that has none yet.
func (o owner) newNodes(b *campaign.Budget) []newNode {
	var nodes []newNode
	for _, l := range limits(b) {
		*l.node = 0
		if l.amount > 0 {
			nodes = append(nodes, newNode{o, l})
		}
	}
	return nodes
}

// setFunding brings the node of an advertiser's funding in step with it: was
// is what it had before. Its amount is the credit line; 0 is no line, and the
// advertiser's money is then what the ledger's payments come to.
func (w *writing) setFunding(ctx context.Context, a *campaign.Advertiser, was campaign.Funding) error {
	f := &a.Funding
	f.Node = was.Node
	switch {
	case f.Kind == campaign.Unfunded && was.Node == 0:
		return nil
	case f.Kind == campaign.Unfunded:
		return problem("funding", "cannot be taken away: payments are in it")
	case was.Node == 0:
		o, err := advertiserOwner(*a)
		if err != nil {
			return err
		}
		return w.insertNodes(ctx, []newNode{{o, limit{"lifetime", f.CreditLine, &f.Node}}})
	}
	_, err := w.ExecContext(ctx, `UPDATE budget_nodes SET amount_nanos = $1 WHERE id = $2`, int64(f.CreditLine), f.Node)
	return err
}

// insertNodes assigns ids to nodes, sets them in their budgets and writes them.
func (w *writing) insertNodes(ctx context.Context, nodes []newNode) error {
	if len(nodes) == 0 {
		return nil
	}
	first, err := w.take(ctx, "budget_node", len(nodes))
	if err != nil {
		return err
	}
	rows := make([][]any, len(nodes))
	for i, n := range nodes {
		*n.node = event.NodeID(first + int64(i))
		start, end := n.bounds()
		rows[i] = []any{*n.node, n.kind, n.owner.id, n.window, int64(n.amount), n.advertiser.Currency, n.advertiser.TimeZone, start, end}
	}
	return w.insert(ctx, `budget_nodes (id, owner_kind, owner_id, "window", amount_nanos, currency, time_zone, starts_at, ends_at)`, rows)
}

// setBudget brings the nodes of a budget in step with it, and its node ids
// with them.
func (w *writing) setBudget(ctx context.Context, o owner, b *campaign.Budget) error {
	const update = `UPDATE budget_nodes SET amount_nanos = $1, starts_at = $2, ends_at = $3
		WHERE owner_kind = $4 AND owner_id = $5 AND "window" = $6 RETURNING id`
	start, end := o.bounds()
	for _, l := range limits(b) {
		starts, err := w.starts(ctx, o, l)
		if err != nil {
			return err
		}
		err = w.QueryRowContext(ctx, update, int64(l.amount), start, end, o.kind, o.id, l.window).Scan(l.node)
		missing := errors.Is(err, sql.ErrNoRows)
		if err != nil && !missing {
			return err
		}
		if l.amount == 0 {
			*l.node = 0
		} else if missing {
			if err := w.insertNodes(ctx, []newNode{{o, l}}); err != nil {
				return err
			}
		}
		if starts && w.store.startLifetime != nil {
			if err := w.store.startLifetime(ctx, w.Tx, *l.node, o.kind, o.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// starts says whether a limit is one for the whole flight that its owner did
// not have until now: bids went on without it, and what they spent counts.
func (w *writing) starts(ctx context.Context, o owner, l limit) (bool, error) {
	if l.window != "lifetime" || l.amount == 0 {
		return false, nil
	}
	var was money.Nanos
	err := w.QueryRowContext(ctx, `SELECT amount_nanos FROM budget_nodes WHERE owner_kind = $1 AND owner_id = $2 AND "window" = $3`,
		o.kind, o.id, l.window).Scan(&was)
	if errors.Is(err, sql.ErrNoRows) {
		return true, nil
	}
	return was == 0, err
}

// moveFlights narrows the line items' nodes to their campaign's new flight.
func (w *writing) moveFlights(ctx context.Context, o owner) error {
	type flight struct {
		id  event.LineItemID
		own campaign.Flight
	}
	const query = `SELECT li.id, li.flight_start, li.flight_end FROM line_items li WHERE li.campaign_id = $1
		AND EXISTS (SELECT 1 FROM budget_nodes n WHERE n.owner_kind = 'line_item' AND n.owner_id = li.id)`
	flights, err := many(ctx, w, func(r row) (f flight, err error) {
		err = r.Scan(&f.id, localTime{&f.own.Start}, localTime{&f.own.End})
		return f, err
	}, query, o.id)
	if err != nil {
		return err
	}
	for _, f := range flights {
		start, end := o.lineItem(f.id, f.own).bounds()
		const update = `UPDATE budget_nodes SET starts_at = $1, ends_at = $2 WHERE owner_kind = 'line_item' AND owner_id = $3`
		if _, err := w.ExecContext(ctx, update, start, end, int64(f.id)); err != nil {
			return err
		}
	}
	return nil
}
