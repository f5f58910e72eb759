package central

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// Config is what a Controller works with. Durations are market time unless
// they say otherwise: where the market clock is scaled, so must they be.
type Config struct {
	Controller pacing.Controller // steps for all; it is this one's alone
	Bus        Bus
	Clock      clock.Clock
	// LineItems returns the line items that may bid, as [pacing.Config] has it.
	LineItems func() (version uint64, items []pacing.LineItem)
	Observed  func() []pacing.Observed // as [pacing.Config] has it
	// Epoch is larger than those of all controllers before this one. It is the
	// high part of the versions of multipliers.
	Epoch    uint64
	Interval time.Duration // real time between ticks; default 1 s
	// Silent is how long a bidder may say nothing before it counts as gone;
	// default 5 s, give it about 5 intervals. What its open bids may cost fades
	// from then on, over twelve times as long.
	Silent time.Duration
	// Window is over how long traffic is counted to know each bidder's share;
	// default 60 s. It must be that of the bidders.
	Window     time.Duration
	Registerer prometheus.Registerer // nil: no metrics
}

func (c *Config) setDefaults() error {
	if c.Controller == nil || c.Bus == nil || c.Clock == nil || c.LineItems == nil {
		return errors.New("a controller, bus, clock and line items are needed")
	}
	if c.Observed == nil {
		c.Observed = func() []pacing.Observed { return nil }
	}
	if c.Interval < 0 || c.Silent < 0 || c.Window < 0 || c.Epoch > maxEpoch {
		return errors.New("the durations must not be negative, nor the epoch above 2^42")
	}
	if c.Interval == 0 {
		c.Interval = time.Second
	}
	if c.Silent == 0 {
		c.Silent = 5 * time.Second
	}
	if c.Window == 0 {
		c.Window = time.Minute
	}
	return nil
}

const (
	rotation = 16 // ticks in which everything is said once, whether it changed or not
	grace    = 3  // ticks that a new controller listens at most before it speaks
	fadeOver = 12 // times Silent
)

// Controller steps for all bidders. Only one should: of two at a time the
// bidders hear the one with the larger epoch.
type Controller struct {
	cfg     Config
	stop    func()
	metrics *metrics

	mu       sync.Mutex // what is heard
	heard    message    // reused
	bidders  map[uint64]*bidder
	since    int64 // who began before counted before we listened
	leading  bool  // has stepped, or is about to
	patience int   // ticks listened before the first step
	newcome  bool  // somebody asked for everything

	// Of the one goroutine that ticks.
	items      []pacing.LineItem
	version    uint64
	planned    bool
	flows      *flows
	tick       uint64
	last       time.Time
	told       map[event.LineItemID]float64 // the multipliers that were sent last
	toldPrices map[pacing.PriceKey]float64
	buffer     []byte
}

// New returns a controller that hears bidders from now on. Close it.
func New(c Config) (*Controller, error) {
	if err := c.setDefaults(); err != nil {
		return nil, fmt.Errorf("cannot make a central controller: %w", err)
	}
	x := &Controller{
		cfg: c, bidders: map[uint64]*bidder{}, since: c.Clock.Now().UnixNano(), flows: newFlows(c.Window),
		told: map[event.LineItemID]float64{}, toldPrices: map[pacing.PriceKey]float64{},
	}
	var err error
	if x.metrics, err = newMetrics(c.Registerer); err != nil {
		return nil, fmt.Errorf("cannot make a central controller: %w", err)
	}
	if x.stop, err = c.Bus.Subscribe(Reports, x.hear); err != nil {
		unregister(c.Registerer, x.metrics.all())
		return nil, fmt.Errorf("cannot make a central controller: %w", err)
	}
	return x, nil
}

// Close stops hearing bidders.
func (c *Controller) Close() {
	c.stop()
	unregister(c.cfg.Registerer, c.metrics.all())
}

// Run ticks until ctx ends.
func (c *Controller) Run(ctx context.Context) {
	t := time.NewTicker(c.cfg.Interval)
	defer t.Stop()
	for {
		if err := c.Step(); err != nil {
			c.metrics.unsent.Inc()
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// hear takes a bidder's message in.
func (c *Controller) hear(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := &c.heard
	if err := m.decode(b); err != nil || m.kind != kindReport {
		c.metrics.refused.Inc()
		return
	}
	x := c.bidders[m.from]
	if x == nil {
		if len(c.bidders) == maxBidders {
			c.metrics.refused.Inc()
			return
		}
		x = newBidder(m, m.began >= c.since, !c.leading)
		c.bidders[m.from] = x
	}
	c.newcome = c.newcome || m.flags&flagAsk != 0
	if x.seq > 0 && m.seq > x.seq+1 {
		c.metrics.missed.Add(float64(m.seq - x.seq - 1))
	}
	x.hear(m, c.cfg.Clock.Now())
}

// maxBidders bounds the memory that messages can take.
const maxBidders = 4096

// Step is one tick of Run. Simulations that drive the clock themselves call
// it after the bidders' ticks. It returns an error if the bus took nothing.
func (c *Controller) Step() error {
	now := c.cfg.Clock.Now()
	if !c.last.IsZero() && now.Before(c.last) {
		return nil // time will be there again
	}
	c.refresh()
	c.tick++
	m := message{kind: kindWord, from: c.cfg.Epoch, seq: c.tick, at: now.UnixNano(), began: c.since}
	h := c.collect(now)
	if h.unknown > 0 || !h.ready {
		m.flags = flagAsk
	}
	if h.ready {
		c.adopt(h.prices)
		if passed := now.Sub(c.last); !c.last.IsZero() && passed > 0 {
			c.flows.add(h.sums.LineItems, passed)
		}
		c.last = now
		h.sums.Observed = c.cfg.Observed()
		m.flags |= flagLeads
		c.say(&m, c.cfg.Controller.Step(now, h.sums), h.newcome)
	}
	var err error
	if c.buffer, err = send(c.cfg.Bus, Words, &m, c.buffer); err != nil {
		return fmt.Errorf("cannot tell the multipliers: %w", err)
	}
	return nil
}

// refresh takes over the line items when they changed.
func (c *Controller) refresh() {
	version, items := c.cfg.LineItems()
	if c.planned && version == c.version {
		return
	}
	c.items, c.version, c.planned = items, version, true
	c.cfg.Controller.Plan(items)
	c.flows.plan(items)
	clear(c.toldPrices)
	for id := range c.told {
		if c.flows.items[id] == nil {
			delete(c.told, id)
		}
	}
}

// adopt goes on from the prices that bidders have, if the controller can.
func (c *Controller) adopt(prices []pacing.Price) {
	if p, ok := c.cfg.Controller.(pacing.Priced); ok && len(prices) > 0 {
		p.Adopt(prices)
	}
}

// say puts into m what changed, and what is said again in this tick anyway;
// everything if whole.
func (c *Controller) say(m *message, set *pacing.Multipliers, whole bool) {
	for i := range c.items {
		id := c.items[i].ID
		of := set.Of(id)
		if told, ok := c.told[id]; whole || !ok || told != of || turn(int64(id), c.tick) {
			m.set = append(m.set, multiplier{id, of})
			c.told[id] = of
		}
	}
	if p, ok := c.cfg.Controller.(pacing.Priced); ok {
		for _, x := range p.Prices(nil) {
			if y := brief(x, c.flows.priced(x.PriceKey)); whole || c.toldPrices[x.PriceKey] != y.Log || turn(int64(x.Node)+int64(x.LineItem), c.tick) {
				m.prices = append(m.prices, y)
				c.toldPrices[x.PriceKey] = y.Log
			}
		}
	}
	if whole {
		m.flags |= flagWhole
	}
}

// turn says whether a row is said in this tick although it did not change.
func turn(id int64, tick uint64) bool { return uint64(id)%rotation == tick%rotation }
