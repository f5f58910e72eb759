package store

import (
	"context"
	"io/fs"
	"reflect"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// A line item from before there were more goals keeps its goal, and one with a
// goal that an older version does not know stops there.
func TestGoalsMigrateBothWays(t *testing.T) {
	for name, empty := range map[string]func(testing.TB) string{"SQLite": newFile, "PostgreSQL": newSchema} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			w := newWorld(t, empty(t))
			cpc := w.newLineItem("cpc")
			cpc.ConversionRate, cpc.ConversionRatePer, cpc.OrderValue, cpc.Limits, cpc.MinDelivery = 0, "", 0, campaign.Limits{}, 0
			cpc.Budget.Pacing = ""
			cpc = must(w.CreateLineItem(ctx, cpc))(t)
			open := w.newLineItem("open")
			open.Goal = campaign.Goal{Kind: campaign.MaxClicks}
			open = must(w.CreateLineItem(ctx, open))(t)

			p := provider(t, w.Store)
			must(p.DownTo(ctx, 30))(t)
			var kind, status string
			var nanos int64
			row := w.DB().QueryRow(`SELECT goal_kind, goal_nanos, status FROM line_items WHERE id = $1`, open.ID)
			if err := row.Scan(&kind, &nanos, &status); err != nil || kind != "cpm" || money.Nanos(nanos) != open.MaxBidCPM || status != "paused" {
				t.Errorf("in an older version: %s %d %s, %v", kind, nanos, status, err)
			}
			if _, err := w.DB().Exec(`UPDATE line_items SET goal_nanos = 0`); err == nil {
				t.Error("the older version's check is gone")
			}
			must(p.Up(ctx))(t)
			got := must(w.GetLineItem(ctx, cpc.ID))(t)
			if !reflect.DeepEqual(got, cpc) {
				t.Errorf("came back as %+v, want %+v", got, cpc)
			}
		})
	}
}

func provider(t *testing.T, s *Store) *goose.Provider {
	t.Helper()
	dir := must(fs.Sub(migrations, "migrations"))(t)
	dialect := goose.DialectSQLite3
	if IsPostgres(s.DB()) {
		dialect = goose.DialectPostgres
	}
	return must(goose.NewProvider(dialect, s.DB(), dir, goose.WithTableName(VersionTable), goose.WithDisableGlobalRegistry(true)))(t)
}

// Line items that share a campaign's budget are not promised more than all of
// it together.
func testMinDelivery(t *testing.T, w *world) {
	ctx := context.Background()
	promise := func(share float64, own money.Nanos) campaign.LineItem {
		li := w.newLineItem("promised")
		li.MinDelivery, li.Budget, li.Limits = share, campaign.Budget{Daily: own}, campaign.Limits{CostPerClick: money.Unit}
		return li
	}
	first := must(w.CreateLineItem(ctx, promise(0.7, 0)))(t)
	must(w.CreateLineItem(ctx, promise(1, money.Unit)))(t) // of its own
	_, err := w.CreateLineItem(ctx, promise(0.4, 0))
	wantProblem(t, err, "min_delivery")
	_, err = w.CreateLineItems(ctx, []campaign.LineItem{promise(0.2, 0), promise(0.2, 0)})
	wantProblem(t, err, "[0].min_delivery")
	second := must(w.CreateLineItem(ctx, promise(0.3, 0)))(t)
	second.MinDelivery = 0.31
	_, err = w.UpdateLineItem(ctx, second.ID, To(second))
	wantProblem(t, err, "min_delivery")
	must(w.SetLineItemStatus(ctx, first.ID, campaign.Archived))(t)
	must(w.UpdateLineItem(ctx, second.ID, To(second)))(t)
}
