package central

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// hearing is what all bidders together have said at a tick.
type hearing struct {
	ready   bool // it is enough to step on
	newcome bool // a bidder asks for everything
	unknown int  // bidders that have not said everything
	sums    pacing.Sums
	prices  []pacing.Price // what bidders have been using; only before the first step
}

// collect sums up what bidders counted. It is enough to step on if somebody is
// heard of, and before the first step, if all who are have said everything or
// had time to.
func (c *Controller) collect(now time.Time) (h hearing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	alive := 0
	for id, b := range c.bidders {
		silent := now.Sub(b.heard)
		switch {
		case silent > c.cfg.Silent+10*c.fadeTime():
			// If it should be heard of again, it must not count in full.
			delete(c.bidders, id)
			c.since = max(c.since, now.UnixNano())
		case silent <= c.cfg.Silent:
			alive++
			b.forget()
			if !b.known {
				h.unknown++
			}
		}
	}
	c.metrics.alive.Set(float64(alive))
	if alive == 0 {
		return h
	}
	if !c.leading {
		if c.patience++; h.unknown > 0 && c.patience <= grace {
			return h
		}
		h.prices = c.prices(now)
		c.leading = true
	}
	h.ready = true
	h.newcome, c.newcome = c.newcome, false
	h.sums = c.sum(now)
	return h
}

// sum takes what bidders counted since the last time. It goes by the bidders'
// numbers, so that the same messages make the same sums.
func (c *Controller) sum(now time.Time) (all pacing.Sums) {
	items := map[event.LineItemID]*pacing.Sum{}
	nodes := map[event.NodePeriod]*total{}
	for _, id := range slices.Sorted(maps.Keys(c.bidders)) {
		b := c.bidders[id]
		b.take(items)
		b.stand(nodes, c.fade(now.Sub(b.heard)))
	}
	for _, s := range items {
		all.LineItems = append(all.LineItems, *s)
	}
	for _, t := range nodes {
		if t.live {
			all.Nodes = append(all.Nodes, t.sum)
		}
	}
	slices.SortFunc(all.LineItems, func(a, b pacing.Sum) int { return cmp.Compare(a.LineItem, b.LineItem) })
	slices.SortFunc(all.Nodes, func(a, b pacing.NodeSum) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Period, b.Period))
	})
	return all
}

func (c *Controller) fadeTime() time.Duration { return fadeOver * c.cfg.Silent }

// fade returns what is left of the open bids of a bidder that was silent.
func (c *Controller) fade(silent time.Duration) float64 {
	if silent <= c.cfg.Silent {
		return 1
	}
	return math.Exp(-float64(silent-c.cfg.Silent) / float64(c.fadeTime()))
}

// prices returns the mean of the prices that bidders use, by what they meet: a
// new controller goes on where they are.
func (c *Controller) prices(now time.Time) (all []pacing.Price) {
	type mean struct{ log, weight float64 }
	of := map[pacing.PriceKey]mean{}
	for _, id := range slices.Sorted(maps.Keys(c.bidders)) {
		b := c.bidders[id]
		if now.Sub(b.heard) > c.cfg.Silent {
			continue
		}
		for n, p := range b.prices {
			m := of[n]
			of[n] = mean{m.log + p.rate*p.Log, m.weight + p.rate}
		}
		b.prices = nil
	}
	for n, m := range of {
		if m.weight > 0 {
			all = append(all, pacing.Price{PriceKey: n, Log: m.log / m.weight})
		}
	}
	return all
}
