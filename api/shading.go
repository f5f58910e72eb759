package api

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
	"github.com/tangent-dsp/tangent/report/shading"
)

type shadingInput struct {
	By         string `query:"by" enum:"line_item,exchange,day,each" default:"line_item" doc:"What a row is for; each: a line item on an exchange on a day. Few bids of a kind make wide intervals."`
	LineItemID int64  `query:"line_item_id" minimum:"1" doc:"Only this line item's bids."`
	ExchangeID int64  `query:"exchange_id" minimum:"1" doc:"Only bids on this exchange."`
	From       string `query:"from" format:"date" doc:"Only bids of this UTC day and later ones." example:"2026-12-01"`
	To         string `query:"to" format:"date" doc:"Only bids of this UTC day and earlier ones." example:"2026-12-31"`
}

// registerShading adds the report of what shading saved.
func (s *server) registerShading(l Ledger) {
	register(s, s.operation(http.MethodGet, "/v1/shading", "get", "shading", "Compare shaded first-price bids with those that were left unshaded", nil),
		func(ctx context.Context, in *shadingInput) (*output[v1.ShadingReport], error) {
			sums, err := l.Shading(ctx, ledger.ShadingFilter{
				LineItem: event.LineItemID(in.LineItemID), Exchange: event.ExchangeID(in.ExchangeID), From: dayOf(in.From), To: dayOf(in.To),
			})
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			open, err := s.openGoals(ctx, sums)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &output[v1.ShadingReport]{v1.ShadingReport{Items: compareArms(sums, in.By, open)}}, nil
		})
}

// openGoals says which line items have a goal without an amount on an outcome:
// their values are no money, and are not added to others'.
func (s *server) openGoals(ctx context.Context, sums []ledger.ShadingSum) (map[event.LineItemID]bool, error) {
	open := map[event.LineItemID]bool{}
	for _, x := range sums {
		if _, known := open[x.LineItem]; known {
			continue
		}
		li, err := s.store.GetLineItem(ctx, x.LineItem)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		open[x.LineItem] = li.Goal.Open()
	}
	return open, nil
}

// dayOf reads a day that was validated as one; none is 0.
func dayOf(date string) event.Period {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return event.PeriodOf(t)
}

// row is what a row of the report is for.
type row struct {
	lineItem event.LineItemID
	exchange event.ExchangeID
	day      event.Period
	currency string
	open     bool // values are a thousand times what the highest bid would pay
}

// arms are the two kinds of bids of a row. Explored ones are of neither.
type arms struct{ shaded, control shading.Sums }

func compareArms(sums []ledger.ShadingSum, by string, open map[event.LineItemID]bool) []v1.Shading {
	each := by == "each"
	rows := map[row]arms{}
	pays := map[event.LineItemID]string{} // its advertiser has one currency
	for _, s := range sums {
		pays[s.LineItem] = cmp.Or(s.Currency, pays[s.LineItem])
	}
	for _, s := range sums {
		r := row{currency: pays[s.LineItem], open: open[s.LineItem]}
		if each || by == "line_item" {
			r.lineItem = s.LineItem
		}
		if each || by == "exchange" {
			r.exchange = s.Exchange
		}
		if each || by == "day" {
			r.day = s.Day
		}
		a := rows[r]
		switch part := (shading.Sums{
			Bids: s.Bids, Impressions: s.Impressions, Cost: s.Cost, Value: s.Value,
			CostCost: s.CostCost, CostValue: s.CostValue, ValueValue: s.ValueValue,
		}); landscape.Arm(s.Arm) {
		case landscape.ArmShaded:
			a.shaded.Add(part)
		case landscape.ArmControl:
			a.control.Add(part)
		}
		rows[r] = a
	}
	items := []v1.Shading{}
	for _, r := range slices.SortedFunc(maps.Keys(rows), func(a, b row) int {
		return cmp.Or(cmp.Compare(a.lineItem, b.lineItem), cmp.Compare(a.exchange, b.exchange), cmp.Compare(a.day, b.day), cmp.Compare(a.currency, b.currency), cmp.Compare(goals(a.open), goals(b.open)))
	}) {
		a := rows[r]
		item := v1.Shading{
			LineItemID: r.lineItem, ExchangeID: r.exchange, Day: r.day.Date(), Currency: r.currency, Goals: goals(r.open),
			Shaded: armOf(a.shaded), Control: armOf(a.control),
		}
		if saved, ok := shading.Saved(a.shaded, a.control); ok {
			item.Saving = &v1.ShadingSaving{
				Amount: nanosOf(saved.Amount.Mean), AmountLow: nanosOf(saved.Amount.Low), AmountHigh: nanosOf(saved.Amount.High),
				Share: saved.Share.Mean, ShareLow: saved.Share.Low, ShareHigh: saved.Share.High,
			}
		}
		items = append(items, item)
	}
	return items
}

// goals names the kind of goals of a row.
func goals(open bool) string {
	if open {
		return "max"
	}
	return "amount"
}

func armOf(s shading.Sums) v1.ShadingArm {
	arm := v1.ShadingArm{Bids: s.Bids, Impressions: s.Impressions, Cost: nanosOf(s.Cost)}
	if rate, known := s.WinRate(); known {
		arm.WinRate = &rate
	}
	if n := float64(s.Impressions); n > 0 {
		arm.CPM, arm.SurplusCPM = nanosOf(1000*s.Cost/n), nanosOf(1000*(s.Value-s.Cost)/n)
	}
	return arm
}

// nanosOf rounds an estimate, which may be below 0.
func nanosOf(f float64) money.Nanos {
	return money.Nanos(math.RoundToEven(min(max(f, -math.MaxInt64/2), math.MaxInt64/2)))
}
