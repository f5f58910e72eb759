package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// owner is who has a budget.
type owner struct {
	kind string
	id   int64
}

// budget is a node as the campaign store keeps it.
type budget struct {
	id       event.NodeID
	daily    bool
	currency string
	zone     *time.Location
}

func (b *budget) at(t time.Time) event.NodePeriod {
	n := event.NodePeriod{Node: b.id, Period: event.Lifetime}
	if b.daily {
		y, m, d := t.In(b.zone).Date()
		n.Period = event.Period(y*10000 + int(m)*100 + d)
	}
	return n
}

// owners returns who has the budgets that an account spends.
func (a Account) owners() []owner {
	var all []owner
	if a.LineItem != 0 {
		all = append(all, owner{"line_item", int64(a.LineItem)})
	}
	return append(all, owner{"campaign", int64(a.Campaign)}, owner{"advertiser", int64(a.Advertiser)})
}

// findNodes fills in the budgets that corrections move: those of the line
// item and of what it belongs to, as they are now. A daily one is that of the
// day at the correction's moment, in the advertiser's zone.
func findNodes(ctx context.Context, tx *sql.Tx, entries []entry) error {
	ids := make(map[string][]any)
	asked := make(map[owner]bool)
	for i := range entries {
		for _, o := range entries[i].owners() {
			if !asked[o] {
				asked[o] = true
				ids[o.kind] = append(ids[o.kind], o.id)
			}
		}
	}
	budgets := make(map[owner][]budget)
	zones := make(map[string]*time.Location)
	for kind, all := range ids {
		for chunk := range slices.Chunk(all, valuesPerStatement) {
			r, err := tx.QueryContext(ctx, `SELECT owner_id, id, "window", currency, time_zone FROM budget_nodes
				WHERE owner_kind = $1 AND owner_id IN `+in(2, len(chunk))+` ORDER BY owner_id, id`, append([]any{kind}, chunk...)...)
			err = scanAll(r, err, func(r *sql.Rows) error {
				o := owner{kind: kind}
				var b budget
				var window, zone string
				if err := r.Scan(&o.id, &b.id, &window, &b.currency, &zone); err != nil {
					return err
				}
				b.daily = window == "daily"
				if zones[zone] == nil {
					loc, err := time.LoadLocation(zone)
					if err != nil {
						return err
					}
					zones[zone] = loc
				}
				b.zone = zones[zone]
				budgets[o] = append(budgets[o], b)
				return nil
			})
			if err != nil {
				return fmt.Errorf("cannot read budgets: %w", err)
			}
		}
	}
	for i := range entries {
		e := &entries[i]
		for _, o := range e.owners() {
			for j := range budgets[o] {
				b := &budgets[o][j]
				if b.currency != e.currency {
					return fmt.Errorf("correction %q is in %s, the budgets of the %s %d are in %s", e.Reference, e.currency, o.kind, o.id, b.currency)
				}
				if !e.Redated {
					e.nodes = append(e.nodes, b.at(e.at()))
				}
			}
		}
	}
	return nil
}
