package catalog

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// Config is what a catalog needs.
type Config struct {
	Clock clock.Clock // market time
	// MaxDelta is how many changed line items there may be before they are
	// folded into a new base; 0 means 512. A twentieth of a base, and at
	// least 64, is enough in any case.
	MaxDelta int
	// MaxRateAge is how old a table of exchange rates may be to bid by; 0 means
	// [campaign.DefaultRateAge].
	MaxRateAge time.Duration
}

const (
	defaultMaxDelta = 512
	minDelta        = 64
	deltaShare      = 20 // one in so many
	// grace is how long after its flight a line item stays in the mask, so
	// that a query whose time is a little behind the catalog's misses nothing.
	grace = 24 * time.Hour
)

// Catalog holds the current snapshot and takes changes. All its methods are
// safe for concurrent use; Load is for the hot path, the others take a lock
// that is held while an index is built, slowly: see rests.
type Catalog struct {
	clock    clock.Clock
	maxDelta int
	current  atomic.Pointer[Snapshot]

	mu       sync.Mutex
	book     book
	taken    *touched // by what was entered since changes were last applied
	revision campaign.Revision
	rests    *rests // between portions of the work; none until there is something to bid from
	rates    rates
	delta    map[event.LineItemID]*LineItem // of the current snapshot
}

// New returns an empty catalog.
func New(cfg Config) (*Catalog, error) {
	if cfg.Clock == nil {
		return nil, errors.New("cannot make a catalog: no clock")
	}
	if cfg.MaxDelta < 0 {
		return nil, fmt.Errorf("cannot make a catalog: a delta of %d line items: allowed is 0 and above", cfg.MaxDelta)
	}
	if cfg.MaxRateAge < 0 {
		return nil, fmt.Errorf("cannot make a catalog: rates %v old: allowed is 0 and above", cfg.MaxRateAge)
	}
	if cfg.MaxRateAge == 0 {
		cfg.MaxRateAge = campaign.DefaultRateAge
	}
	if cfg.MaxDelta == 0 {
		cfg.MaxDelta = defaultMaxDelta
	}
	c := &Catalog{
		clock: cfg.Clock, maxDelta: cfg.MaxDelta, book: newBook(), rests: &rests{stint: stint}, delta: map[event.LineItemID]*LineItem{},
	}
	c.taken = newTouched(c.rests)
	c.rates.maxAge = cfg.MaxRateAge
	c.current.Store(&Snapshot{creatives: c.book.creatives, advertisers: new(sync.Map)})
	return c, nil
}

// Load returns the current snapshot. A request loads it once.
func (c *Catalog) Load() *Snapshot { return c.current.Load() }

// Revision returns the store's revision up to which changes were applied.
func (c *Catalog) Revision() campaign.Revision {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revision
}

// flip makes pauses what they should be now, in every snapshot.
func (c *Catalog) flip(t *touched) {
	i := 0
	for e := range t.creatives {
		c.rests.each(i)
		i++
		e.live.bits.Store(e.pauses())
	}
	s := c.current.Load()
	for e := range t.lineItems {
		c.rests.each(i)
		i++
		e.live.bits.Store(e.pauses())
		for _, ix := range [...]*index{s.base, s.delta} {
			if _, pos, ok := ix.lookup(e.id); ok {
				ix.refresh(pos)
			}
		}
	}
}
