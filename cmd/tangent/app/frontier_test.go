package app_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/money"
)

// Given a line item that bids for some hours against prices that nobody told,
// when its frontier is asked for, then that is of what it met, W spends the
// budget, and what was billed is on it; a restart forgets nothing.
func TestFrontierOfWhatALineItemMet(t *testing.T) {
	anchor, midnight := time.Now(), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	w := newWorld(t, func(c *app.Config) {
		c.MarketAnchor, c.MarketOrigin, c.MarketSpeed, c.Tick = anchor, midnight, 900, 20*time.Millisecond
	})
	o := w.setUp(v1.Budget{Daily: 1000 * money.Unit})
	const daily = money.Unit / 5
	li := w.item(o, 6*money.Unit, func(li *v1.LineItemSpec) { li.Budget.Daily = daily })
	if f, err := w.api.LineItemFrontier(t.Context(), li.ID); err != nil || f.Samples != 0 || len(f.Limits) != 1 || f.Limits[0].Code != "no_opportunity" {
		t.Errorf("%+v, %v", f, err)
	}
	w.buy("alpha", secondPrice("first"))

	// All that is met has to be of one day, on a slow machine too.
	r := rand.New(rand.NewPCG(1, 1))
	requests, billed := 0.0, int64(0)
	for i := 0; i < 1500 && w.app.Clock().Now().Before(midnight.Add(16*time.Hour)); i++ {
		requests++
		price := math.Exp(0.6 * r.NormFloat64())
		bid, _ := w.ask("alpha", secondPrice(fmt.Sprint(i)))
		if bid == nil || bid.Price < price {
			continue
		}
		told := strings.NewReplacer("${AUCTION_PRICE}", fmt.Sprintf("%.6f", price), "${AUCTION_CURRENCY}", "USD", "${AUCTION_MIN_TO_WIN}", "")
		w.tell(told.Replace(bid.NURL), 200)
		w.tell(told.Replace(bid.BURL), 200)
		billed++
	}
	var f v1.Frontier
	read := func() (err error) {
		f, err = w.api.LineItemFrontier(t.Context(), li.ID)
		return err
	}
	w.await("all that was met", func() bool {
		now := w.app.Clock().Now() // up to which a day's opportunities are reckoned, whenever the last were written
		if err := read(); err != nil {
			t.Fatal(err)
		}
		return f.Delivered.Impressions == billed && f.Samples >= 128 && f.Opportunities*now.Sub(f.Since).Hours()/24 > 0.8*requests
	})
	if f.BudgetOf != "line_item_daily" || f.Budget != daily || f.W.Spend != f.Budget || len(f.Limits) != 0 || f.Lambda <= 1 || f.Opportunities < requests || f.StandardError > 0.2 || len(f.WhatIfs) != 5 || f.Currency != "USD" || f.Outcome != "impressions" {
		t.Errorf("%+v", f)
	}
	w.await("prices are learned", func() bool { return w.metric("tangent_landscape_contexts") > 0 })
	w.end()
	w.start()
	before := f
	if err := read(); err != nil || f.Samples < before.Samples-1 || f.Delivered.Impressions < billed {
		t.Errorf("after a restart %+v, %v", f, err)
	}
}

// secondPrice is a bid request without a floor.
func secondPrice(id string) string {
	return strings.NewReplacer(`"r-walker"`, `"`+id+`"`, `"at":1`, `"at":2`, `"bidfloor":2`, `"bidfloor":0`).Replace(request("walker", ""))
}
