package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/api"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// shadingLedger has sums of two line items, the second of them with bids alone.
type shadingLedger struct {
	*ledger.Ledger
	asked ledger.ShadingFilter
}

func (l *shadingLedger) Shading(_ context.Context, f ledger.ShadingFilter) ([]ledger.ShadingSum, error) {
	l.asked = f
	arm := func(exchange event.ExchangeID, arm uint16, bids, n int64, cost, value float64) ledger.ShadingSum {
		s := ledger.ShadingSum{Currency: "EUR", Bids: bids, Impressions: n, Cost: cost * float64(n), Value: value * float64(n)}
		s.LineItem, s.Exchange, s.Day, s.Arm = 1, exchange, 20261201, arm
		s.CostCost, s.CostValue, s.ValueValue = 1.1*cost*cost*float64(n), 1.1*cost*value*float64(n), 1.2*value*value*float64(n)
		return s
	}
	alone := arm(1, 2, 5, 0, 0, 0)
	alone.LineItem, alone.Currency = 2, ""
	return []ledger.ShadingSum{
		arm(1, 1, 4000, 1000, 2e6, 3e6), arm(1, 2, 200, 60, 3e6, 3e6), arm(1, 3, 40, 12, 9e6, 3e6),
		arm(2, 1, 100, 20, 2e6, 3e6), alone,
	}, nil
}

// Given sums of arms, when the report is asked for, then it has a row for what
// was asked, win rates and averages of both kinds of bids, and what was saved
// where there is enough to tell.
func TestShadingReport(t *testing.T) {
	sums := &shadingLedger{}
	h := newHarness(t, func(c *api.Config) { sums.Ledger = c.Ledger.(*ledger.Ledger); c.Ledger = sums })
	var r v1.ShadingReport
	h.must("GET", "/v1/shading?line_item_id=1&from=2026-12-01&to=2026-12-31", "", &r)
	if f := (ledger.ShadingFilter{LineItem: 1, From: 20261201, To: 20261231}); sums.asked != f {
		t.Errorf("the ledger was asked for %+v, want %+v", sums.asked, f)
	}
	if len(r.Items) != 2 || r.Items[0].LineItemID != 1 || r.Items[0].Currency != "EUR" || r.Items[0].Day != "" || r.Items[1].Control.Bids != 5 || r.Items[1].Saving != nil {
		t.Fatalf("the report is %+v", r)
	}
	one := r.Items[0]
	if a := one.Shaded; a.Bids != 4100 || a.Impressions != 1020 || *a.WinRate != 1020.0/4100 || a.Cost != 2040*money.Unit/1000 || a.CPM != 2*money.Unit || a.SurplusCPM != money.Unit {
		t.Errorf("shaded bids are %+v", a)
	}
	if a := one.Control; a.Impressions != 60 || *a.WinRate != 0.3 || a.CPM != 3*money.Unit || a.SurplusCPM != 0 {
		t.Errorf("the control is %+v", a)
	}
	// 1020 impressions at 2 instead of 3 of a thousand
	s := one.Saving
	if s == nil || s.Amount != 1020*money.Unit/1000 || s.Share < 0.333 || s.Share > 0.334 || !(s.AmountLow < s.Amount && s.Amount < s.AmountHigh) || !(0 < s.ShareLow && s.ShareHigh < 1) {
		t.Errorf("the saving is %+v", s)
	}
	for by, rows := range map[string]int{"line_item": 2, "exchange": 3, "day": 2, "each": 3} {
		r = v1.ShadingReport{}
		if h.must("GET", "/v1/shading?by="+by, "", &r); len(r.Items) != rows {
			t.Errorf("by %s there are %d rows, want %d: %+v", by, len(r.Items), rows, r)
		}
	}
	for _, query := range []string{"by=night", "from=yesterday", "line_item_id=x", "exchange_id=0"} {
		if a := h.send("GET", "/v1/shading?"+query, "", authorization("Bearer "+h.read)); a.status != 422 {
			t.Errorf("%s is answered %d %s", query, a.status, a.body)
		}
	}
}

// mixedLedger has a bid of each of two line items on one exchange.
type mixedLedger struct{ *ledger.Ledger }

func (mixedLedger) Shading(context.Context, ledger.ShadingFilter) ([]ledger.ShadingSum, error) {
	sum := func(id event.LineItemID, value float64) ledger.ShadingSum {
		return ledger.ShadingSum{ShadingKey: ledger.ShadingKey{LineItem: id, Exchange: 1, Day: 20261201, Arm: 1}, Currency: "EUR", Impressions: 1, Cost: 1e6, Value: value}
	}
	return []ledger.ShadingSum{sum(1, 2e6), sum(2, 2e9), sum(3, 2e6)}, nil
}

// Values of max goals are no money: they have rows of their own. A line item
// that nobody knows has a goal like most.
func TestShadingDoesNotAddValuesOfMaxGoals(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Ledger = mixedLedger{c.Ledger.(*ledger.Ledger)} })
	f := h.family()
	h.must("POST", "/v1/line-items", strings.Replace(lineItemBody(f.campaign.ID), `{"kind":"cpc","amount":"0.8"}`, `{"kind":"max_clicks"}`, 1), new(v1.LineItem))
	for _, by := range []string{"exchange", "day"} {
		var r v1.ShadingReport
		h.must("GET", "/v1/shading?by="+by, "", &r)
		if len(r.Items) != 2 || r.Items[0].Goals != "amount" || r.Items[0].Shaded.SurplusCPM != money.Unit || r.Items[1].Goals != "max" || r.Items[1].Shaded.Impressions != 1 {
			t.Errorf("by %s: %+v", by, r.Items)
		}
	}
}
