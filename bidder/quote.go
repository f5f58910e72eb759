package bidder

import (
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/predict"
)

// quote makes the bid of a choice whose creative is chosen: what is bid, what
// that costs the advertiser at most, and on average.
func (a *auction) quote(w *way, imp *openrtb.Imp, c *choice) {
	floor, _ := a.floorFor(w, imp, c.creative) // it was, or the creative had not been chosen
	c.context = a.contextOf(w, c, floor)
	if c.context != w.context {
		w.context, w.prices = c.context, a.landscape.Prices(c.context)
	}
	c.learned = w.prices.Local()
	c.quote = a.b.Shading.Price(landscape.Imp{
		Prices: w.prices, Mechanism: landscape.Mechanism(w.kind), Worth: c.worth, Over: c.over, Floor: floor,
		Shade: !a.ex.NoShading, Draw: c.tie,
	})
	in := a.walk.Currency()
	c.cost = costOf(c.item, in, c.quote.Bid, a.quantity, a.now)
	c.paid = c.cost
	if c.quote.Payment < c.quote.Bid {
		c.paid = costOf(c.item, in, c.quote.Payment, a.quantity, a.now)
	}
	c.expected = money.FromFloat(float64(c.paid) * c.quote.WinRate)
	c.outcomes = predict.Allowed(a.b.Model, c.item, &a.query) * a.quantity.Float() * c.quote.WinRate
}

// censored tells pacing of a bid that would have left had there been money.
func (c *choice) censored(n *pacing.Counter) {
	n.Censored(c.cost, c.expected)
	c.brings(n)
}

// brings tells pacing what a bid of a line item with limits is expected to
// bring.
func (c *choice) brings(n *pacing.Counter) {
	if c.outcomes > 0 {
		n.Outcome(c.outcomes)
	}
}

// contextOf is what the price of an imp depends on.
func (a *auction) contextOf(w *way, c *choice, floor money.Nanos) landscape.Key {
	if !a.hasWhere {
		a.hasWhere = true
		switch {
		case a.req.Site != nil:
			a.where = hash(a.req.Site.Domain)
		case a.req.App != nil:
			a.where = hash(a.req.App.Bundle)
		}
	}
	size := c.creative.Size()
	of := landscape.Context{
		Exchange: a.ex.ID, Currency: a.currency, Mechanism: landscape.Mechanism(w.kind),
		Format: uint8(pacedAs(c.creative.Wire.Type())), Floor: floor,
		W: size.W, H: size.H, Place: a.where, Hour: a.now.UTC().Hour(),
	}
	if w.deal != nil {
		of.Deal = max(hash(w.deal.ID), 1)
	}
	return landscape.KeyOf(of)
}
