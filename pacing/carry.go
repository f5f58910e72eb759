package pacing

import (
	"context"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// Price is one dual price: of a budget, or of a line item's limit.
type Price struct {
	PriceKey
	Log float64 // of a budget ln lambda, of a limit the logit of its part in the bid
}

// PriceKey says what a price is of. One of the two is set.
type PriceKey struct {
	Node     event.NodeID     // a budget
	LineItem event.LineItemID // a limit
}

// Priced is a Controller whose prices another one can go on from: a bidder's
// own from those of the one that steps for all, and that one, when it starts,
// from the bidders'.
type Priced interface {
	Controller
	// Prices appends the price of every budget and limit to dst.
	Prices(dst []Price) []Price
	// Adopt goes on from these prices. Those of what it does not know
	// are ignored.
	Adopt(prices []Price)
}

// Rememberer is a Controller that can write down what it learned, and go on
// from it after a restart.
type Rememberer interface {
	Controller
	// Memory returns what it learned. It is called between two Steps.
	Memory() ([]byte, error)
	// Remember takes what Memory returned at the market time at, before the
	// first Plan. What does not keep until now is left out: a price does for an
	// hour, the shape of traffic for weeks. After an error nothing has changed.
	Remember(memory []byte, at, now time.Time) error
}

// Memory is where what was learned outlives a process.
type Memory interface {
	// Recall returns what was kept last under a name, and when; nothing if
	// nothing was.
	Recall(ctx context.Context, name string) (memory []byte, at time.Time, err error)
	// Keep replaces it.
	Keep(ctx context.Context, name string, memory []byte) error
}

// Prices appends the price of every budget to dst.
func (c *Dual) Prices(dst []Price) []Price {
	for n, d := range c.nodes {
		dst = append(dst, Price{PriceKey{Node: n}, d.log})
	}
	return c.limits.prices(dst)
}

// Adopt goes on from prices.
func (c *Dual) Adopt(prices []Price) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range prices {
		if d := c.nodes[p.Node]; d != nil {
			d.log = min(mostLog, max(0, p.Log))
		}
	}
	c.limits.adopt(prices)
}
