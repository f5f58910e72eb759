package central

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// RemoteConfig is what a Remote works with. Durations are market time.
type RemoteConfig struct {
	Local pacing.Controller // this bidder's own, for when nothing is heard
	Bus   Bus
	// ID is of this start of the bidder, and of no other; default a random one.
	ID uint64
	// Fresh is how long the multipliers that were heard last are used; default
	// 5 s, give it about 5 intervals.
	Fresh time.Duration
	// Window is as in [Config].
	Window     time.Duration
	Registerer prometheus.Registerer // nil: no metrics
}

func (c *RemoteConfig) setDefaults() error {
	if c.Local == nil || c.Bus == nil {
		return errors.New("a local controller and a bus are needed")
	}
	if c.Fresh < 0 || c.Window < 0 {
		return errors.New("the durations must not be negative")
	}
	for c.ID == 0 {
		c.ID = rand.Uint64()
	}
	if c.Fresh == 0 {
		c.Fresh = 5 * time.Second
	}
	if c.Window == 0 {
		c.Window = time.Minute
	}
	return nil
}

// Remote is a bidder's Controller. It says what the bidder counted, and
// returns the multipliers of the controller that steps for all. When it has
// not heard of that for a while, it returns its own controller's.
//
// Its own controller steps all the while, as if all bidders met what this one
// does: what it counted is divided by its share of the traffic. Its prices are
// moved to those that are heard, so that it goes on where those end.
type Remote struct {
	cfg     RemoteConfig
	stop    func()
	metrics *remoteMetrics

	mu    sync.Mutex
	inbox message // reused
	word  word

	// Of the one goroutine that steps.
	items   []pacing.LineItem
	flows   *flows
	shares  *shares
	count   running
	last    time.Time
	heard   time.Time // when something new was
	fresh   bool
	alone   atomic.Bool // not fresh, for everybody to read
	set     *pacing.Multipliers
	version uint64 // of set
	buffer  []byte
	prices  []pacing.Price
}

// word is what was heard.
type word struct {
	epoch, tick uint64
	news        bool // since the last step
	ask         bool
	set         map[event.LineItemID]heardMultiplier
	prices      map[pacing.PriceKey]heardPrice
}

type heardMultiplier struct {
	version uint64
	of      float64
}

type heardPrice struct {
	version uint64
	price
}

var _ pacing.Controller = (*Remote)(nil)

// NewRemote returns a bidder's controller, which listens from now on. Close it.
func NewRemote(c RemoteConfig) (*Remote, error) {
	if err := c.setDefaults(); err != nil {
		return nil, fmt.Errorf("cannot make a remote controller: %w", err)
	}
	r := &Remote{
		cfg: c, flows: newFlows(c.Window), shares: newShares(c.Window), count: newRunning(),
		word: word{set: map[event.LineItemID]heardMultiplier{}, prices: map[pacing.PriceKey]heardPrice{}},
	}
	var err error
	if r.metrics, err = newRemoteMetrics(c.Registerer); err != nil {
		return nil, fmt.Errorf("cannot make a remote controller: %w", err)
	}
	if r.stop, err = c.Bus.Subscribe(Words, r.hear); err != nil {
		unregister(c.Registerer, r.metrics.all())
		return nil, fmt.Errorf("cannot make a remote controller: %w", err)
	}
	return r, nil
}

// Close stops listening. Steps go on with the local controller.
func (r *Remote) Close() { r.stop() }

// Alone says whether the bidder bids by its own controller, as it hears no
// other. It is safe for concurrent use.
func (r *Remote) Alone() bool { return r.alone.Load() }

// Plan tells the line items that may bid.
func (r *Remote) Plan(items []pacing.LineItem) {
	r.items = items
	r.cfg.Local.Plan(items)
	r.flows.plan(items)
	r.shares.plan(items)
	r.count.plan(r.flows.items)
	r.set = nil
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range r.word.set {
		if r.flows.items[id] == nil {
			delete(r.word.set, id)
		}
	}
	for k := range r.word.prices {
		if r.flows.of[k.Node] == nil && r.flows.items[k.LineItem] == nil {
			delete(r.word.prices, k)
		}
	}
}

// hear takes a word of the controller in.
func (r *Remote) hear(b []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := &r.inbox
	if err := m.decode(b); err != nil || m.kind != kindWord {
		r.metrics.refused.Inc()
		return
	}
	w := &r.word
	if m.from < w.epoch {
		return // one that was succeeded
	}
	if m.from > w.epoch {
		w.epoch, w.tick = m.from, 0
	} else if m.seq > w.tick+1 && w.tick > 0 {
		r.metrics.missed.Add(float64(m.seq - w.tick - 1))
	}
	w.ask = w.ask || m.flags&flagAsk != 0
	w.news = w.news || m.flags&flagLeads != 0 && m.seq > w.tick
	w.tick = max(w.tick, m.seq)
	version := versionOf(m.from, m.seq)
	for _, s := range m.set {
		if version >= w.set[s.lineItem].version {
			w.set[s.lineItem] = heardMultiplier{version, s.of}
		}
	}
	for _, p := range m.prices {
		if version >= w.prices[p.PriceKey].version {
			w.prices[p.PriceKey] = heardPrice{version, p}
		}
	}
}

// Step sends what was counted, and returns the multipliers to bid with.
func (r *Remote) Step(now time.Time, sums pacing.Sums) *pacing.Multipliers {
	if passed := now.Sub(r.last); !r.last.IsZero() && passed > 0 {
		r.flows.add(sums.LineItems, passed)
	} else if r.last.IsZero() {
		r.count.began = now
	}
	r.last = now
	r.count.add(sums)
	r.shares.observe(sums.Nodes)
	local := r.cfg.Local.Step(now, r.extrapolate(sums))
	news, ask := r.listen(now)
	if !r.fresh || news || r.set == nil {
		r.set = r.multipliers(local)
	}
	r.report(now, ask)
	r.metrics.show(r, now)
	return r.set
}

// extrapolate returns what all bidders met, as far as one can tell from here.
func (r *Remote) extrapolate(sums pacing.Sums) pacing.Sums {
	all := pacing.Sums{LineItems: make([]pacing.Sum, len(sums.LineItems)), Nodes: make([]pacing.NodeSum, len(sums.Nodes)), Observed: sums.Observed}
	copy(all.LineItems, sums.LineItems)
	for i := range all.LineItems {
		s := &all.LineItems[i]
		if nodes := r.flows.items[s.LineItem]; len(nodes) > 0 {
			scale(s, 1/r.shares.node(nodes[0]))
		}
	}
	copy(all.Nodes, sums.Nodes)
	for i := range all.Nodes {
		n := &all.Nodes[i]
		by := 1 / r.shares.node(n.Node)
		fields := nodeFields(n)
		for _, p := range fields[nodeOwn:] {
			*p = times(*p, by)
		}
	}
	return all
}

// listen looks at what was heard since the last step, and has the local
// controller go on from it.
func (r *Remote) listen(now time.Time) (news, ask bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := &r.word
	news, ask = w.news, w.ask
	w.news, w.ask = false, false
	if news {
		r.heard = now
		r.shares.tell(w.prices, r.flows)
		if p, ok := r.cfg.Local.(pacing.Priced); ok {
			r.prices = r.prices[:0]
			for _, x := range w.prices {
				r.prices = append(r.prices, x.Price)
			}
			p.Adopt(r.prices)
		}
	}
	r.fresh = !r.heard.IsZero() && now.Sub(r.heard) <= r.cfg.Fresh
	r.alone.Store(!r.fresh)
	if !r.fresh {
		// What comes next is heard from its beginning, and from whomever.
		w.epoch, w.tick = 0, 0
		clear(w.set)
		clear(w.prices)
	}
	return news, ask
}

// multipliers returns those that were heard, and the local controller's for
// line items of which nothing was.
func (r *Remote) multipliers(local *pacing.Multipliers) *pacing.Multipliers {
	r.version++
	of := make(map[event.LineItemID]float64, len(r.items))
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.items {
		id := r.items[i].ID
		of[id] = local.Of(id)
		if m, ok := r.word.set[id]; ok {
			of[id] = m.of
		}
	}
	if len(r.word.set) > 0 {
		r.version = max(r.version, versionOf(r.word.epoch, r.word.tick))
	}
	return pacing.NewMultipliers(r.version, of)
}

// Planned is what its own controller says.
func (r *Remote) Planned(n event.NodePeriod, amount money.Nanos, at time.Time) (money.Nanos, bool) {
	if p, ok := r.cfg.Local.(pacing.Planner); ok {
		return p.Planned(n, amount, at)
	}
	return 0, false
}

// Led says whether it bids by what the controller for all says. Else it goes on
// with its own.
func (r *Remote) Led() bool { return r.fresh }

// Share is what part of a budget's traffic comes to this bidder.
func (r *Remote) Share(n event.NodeID) float64 { return r.shares.node(n) }

// Standings are those of its own controller.
func (r *Remote) Standings(dst []pacing.Standing) []pacing.Standing {
	if e, ok := r.cfg.Local.(pacing.Explainer); ok {
		return e.Standings(dst)
	}
	return dst
}
