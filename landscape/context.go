package landscape

import (
	"cmp"
	"slices"
	"time"
)

// context is what was observed at one level of one key. The counts of all
// contexts below it are in it, too.
type context struct {
	key   Key
	at    time.Time // the counts are of this time
	dirty bool      // observed since it was last estimated
	n     float32   // aged observations
	fresh float32   // of them, those that are not estimated yet
	low   int       // the first bin or edge that is counted
	seen  [][kinds]float32
	dist  *distribution // as last estimated; nil while there was too little
}

// age fades what was observed.
func (c *context) age(now time.Time, halfLife time.Duration) {
	if d := now.Sub(c.at); d > 0 {
		c.fade(halves(float64(d) / float64(halfLife)))
		c.at = now
	}
}

func (c *context) fade(by float32) {
	c.n *= by
	for i := range c.seen {
		for k := range c.seen[i] {
			c.seen[i][k] *= by
		}
	}
}

// add counts at a bin or edge. What was taken back may have been forgotten
// since: no count falls below none.
func (c *context) add(what kind, at int, n float32) {
	switch {
	case len(c.seen) == 0:
		c.low, c.seen = at, make([][kinds]float32, 1, 16)
	case at < c.low:
		c.seen = slices.Insert(c.seen, 0, make([][kinds]float32, c.low-at)...)
		c.low = at
	case at >= c.low+len(c.seen):
		c.seen = append(c.seen, make([][kinds]float32, at+1-c.low-len(c.seen))...)
	}
	was := &c.seen[at-c.low][what]
	if *was+n < 0 {
		n = -*was
	}
	*was += n
	c.n = max(0, c.n+n)
	c.fresh += max(n, 0)
}

// forget drops the contexts that were observed least, finer ones first, when
// there are too many.
func (l *Learner) forget() {
	if len(l.contexts) <= l.cfg.MaxContexts {
		return
	}
	all := make([]*context, 0, len(l.contexts))
	for _, c := range l.contexts {
		c.age(l.now, l.cfg.HalfLife)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *context) int {
		switch {
		case a.n < b.n:
			return -1
		case a.n > b.n:
			return 1
		}
		return cmp.Or(b.key.level()-a.key.level(), cmp.Compare(a.key, b.key))
	})
	keep := l.cfg.MaxContexts - l.cfg.MaxContexts/8
	for _, c := range all[:len(all)-keep] {
		delete(l.contexts, c.key)
	}
}
