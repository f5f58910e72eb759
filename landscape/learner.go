package landscape

import (
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Config of a [Learner]. Zero values take the defaults.
type Config struct {
	// HalfLife is the age at which an observation counts half. Default 24 h of
	// market time.
	HalfLife time.Duration
	// Memory is how many later observations of the same context make one count
	// half, so that busy contexts follow their market sooner. Default 5,000.
	Memory float64
	// Prior is how many observations the log-normal guess that everything
	// begins with is worth. Default 200.
	Prior float64
	// MaxContexts bounds memory, at about 4 KiB each; those with the fewest
	// observations are forgotten. Default 8192.
	MaxContexts int
	// Share keeps what is observed for [Learner.AppendCounts].
	Share bool
	// Pause, if given, is called after every few estimates of Model, a tenth of
	// a millisecond or several: others want the processor, too. Up to 128 times.
	Pause func()
}

// Learner estimates price distributions. Observing is safe for concurrent use
// with everything; Model and the methods that move counts are, too, and may
// take milliseconds.
type Learner struct {
	cfg Config

	mu      sync.Mutex // of what was observed since it was last taken
	pending counts
	outbox  counts // of ours, since it was last sent; nil unless shared

	work     sync.Mutex // of everything below
	contexts map[Key]*context
	taken    counts // pending, while it is entered
	version  uint64
	model    *Model
	now      time.Time
	scratch  scratch

	newest atomic.Pointer[Model]
}

// Load returns the model as it was made last.
func (l *Learner) Load() *Model { return l.newest.Load() }

// NewLearner returns a learner that knows nothing.
func NewLearner(c Config) (*Learner, error) {
	if c.HalfLife < 0 || c.Memory < 0 || c.Prior < 0 || c.MaxContexts < 0 {
		return nil, errors.New("cannot make a landscape: half-life, memory, prior and contexts must not be negative")
	}
	if c.HalfLife == 0 {
		c.HalfLife = 24 * time.Hour
	}
	if c.Memory == 0 {
		c.Memory = 5_000
	}
	if c.Prior == 0 {
		c.Prior = 200
	}
	if c.MaxContexts == 0 {
		c.MaxContexts = 8192
	}
	l := &Learner{cfg: c, pending: counts{}, taken: counts{}, contexts: map[Key]*context{}, model: &Model{}}
	if c.Share {
		l.outbox = counts{}
	}
	return l, nil
}

// kind is what is known of a price.
type kind uint8

const (
	exact kind = iota
	above      // at or above a lost bid
	below      // at or below a won bid

	kinds
)

// cell is where an observation is counted: a bin for an exact price, an edge
// for one on a side of a bid.
type cell struct {
	key  Key
	at   uint16
	kind kind
}

// counts are observations by cell.
type counts map[cell]float32

// maxCells bounds what waits to be entered or sent. Beyond it observations
// are counted for their market alone.
const maxCells = 1 << 16

func (c counts) add(x cell, n float32) {
	if _, known := c[x]; !known && len(c) >= maxCells {
		x.key = x.key&levelMasks[levelKind] | levels<<levelShift
		if _, known = c[x]; !known && len(c) >= 2*maxCells {
			return // some thousand markets at least: this is noise
		}
	}
	c[x] += n
}

func (l *Learner) add(x cell, n float32) {
	l.pending.add(x, n)
	if l.outbox != nil {
		l.outbox.add(x, n)
	}
}

func (l *Learner) exact(k Key, price float64) {
	bin, _ := position(price)
	l.add(cell{k, uint16(bin), exact}, 1)
}

// censor counts a bid at the two edges around it, nearer more: so its place
// within a bin is not lost on average. It counts in parts of 64, whose sums are
// the same in every order.
func (l *Learner) censor(k Key, what kind, bid float64, n float64) {
	bin, within := position(bid)
	within = math.Round(within*64) / 64
	if within < 1 {
		l.add(cell{k, uint16(bin), what}, float32(n*(1-within)))
	}
	if within > 0 {
		l.add(cell{k, uint16(bin + 1), what}, float32(n*within))
	}
}

// Model enters what was observed and returns what is known now. It is meant to
// be called once per tick, with market time; between ticks read the last one.
func (l *Learner) Model(now time.Time) *Model {
	l.work.Lock()
	defer l.work.Unlock()
	l.mu.Lock()
	l.pending, l.taken = l.taken, l.pending
	l.mu.Unlock()
	if now.After(l.now) {
		l.now = now
	}
	l.enter(l.taken)
	clear(l.taken)
	l.forget()
	l.estimate()
	l.newest.Store(l.model)
	return l.model
}

// enter adds counts to their contexts, from the finest level to the coarsest.
func (l *Learner) enter(all counts) {
	for x, n := range all {
		for level := range levels {
			k := x.key.at(level)
			c := l.contexts[k]
			if c == nil {
				c = &context{key: k, at: l.now}
				l.contexts[k] = c
			}
			if !c.dirty {
				c.age(l.now, l.cfg.HalfLife)
				c.dirty = true
			}
			c.add(x.kind, int(x.at), n)
		}
	}
}

// halves returns 2^-x.
func halves(x float64) float32 { return float32(math.Exp2(-x)) }
