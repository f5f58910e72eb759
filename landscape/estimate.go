package landscape

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// How thin contexts lean on their parents: a context of n observations is
// its own n against so many of the parent's distribution, n/(n+pooled) of its
// own. Below minOwn it is the parent's alone.
const (
	pooled = 30
	minOwn = 10
)

// The guess that everything begins with: log-normal about what was observed,
// with this standard deviation of the logarithm, cut at three of them.
const (
	priorSpread = 1.2
	priorCut    = 4
)

// At most so many contexts are estimated per tick, coarse ones first; the
// others are at the next. Each takes some ten microseconds, the first of a
// context forty (BenchmarkEstimate).
const maxEstimates = 1024

// pauseEvery is after how many of them Config.Pause is called.
const pauseEvery = 8

// rounds of expectation and maximisation per tick. Each begins with the last
// tick's estimate, so that they add up; one that begins with nothing takes more.
const (
	rounds      = 8
	firstRounds = 64
)

// scratch is the memory of an estimate, by bin or edge.
type scratch struct {
	prior, p, next    [edges + 1]float64
	exact, over, less [edges + 1]float64 // seen: in the bin, above the edge, below the edge
	due               []*context
}

// estimate makes the next model of what changed.
func (l *Learner) estimate() {
	s := &l.scratch
	s.due = s.due[:0]
	for _, c := range l.contexts {
		if c.dirty && (c.n >= minOwn || c.key.level() == levelAll) {
			s.due = append(s.due, c)
		}
	}
	gone := false
	for k := range l.model.known {
		if l.contexts[k] == nil {
			gone = true
			break
		}
	}
	if len(s.due) == 0 && !gone {
		return
	}
	slices.SortFunc(s.due, func(a, b *context) int {
		if d := a.key.level() - b.key.level(); d != 0 {
			return d
		}
		switch { // the most news first
		case a.fresh > b.fresh:
			return -1
		case a.fresh < b.fresh:
			return 1
		}
		return cmp.Compare(a.key, b.key) // the same observations make the same model
	})
	known := maps.Clone(l.model.known)
	if known == nil {
		known = map[Key]*distribution{}
	}
	for k := range known {
		if l.contexts[k] == nil {
			delete(known, k)
		}
	}
	for i, c := range s.due[:min(len(s.due), maxEstimates)] {
		if l.cfg.Pause != nil && i%pauseEvery == pauseEvery-1 {
			l.cfg.Pause()
		}
		if c.fresh > 0 {
			c.fade(halves(float64(c.fresh) / l.cfg.Memory))
		}
		c.dirty, c.fresh = false, 0
		c.dist = s.estimate(c, l.parent(c.key), l.cfg.Prior)
		known[c.key] = c.dist
	}
	clear(s.due)
	l.version++
	l.model = &Model{version: l.version, at: l.now, known: known}
}

// parent returns the distribution of the next coarser context that has one, or
// nil.
func (l *Learner) parent(k Key) *distribution {
	for level := k.level() - 1; level >= 0; level-- {
		if c := l.contexts[k.at(level)]; c != nil && c.dist != nil {
			return c.dist
		}
	}
	return nil
}

// estimate returns the most likely distribution behind a context's
// observations and its prior, the parent's distribution. It is the
// self-consistent one (Efron, Turnbull): each censored observation is spread
// over the bins it may be of, as the estimate itself is. With lost bids alone
// beside exact prices that is the Kaplan-Meier estimate, with won and lost
// bids alone the isotonic one.
func (s *scratch) estimate(c *context, parent *distribution, root float64) *distribution {
	clear(s.exact[:])
	clear(s.over[:])
	clear(s.less[:])
	low, high := edges, 0 // bins [low, high)
	var told float32
	for i, seen := range c.seen {
		j := c.low + i
		told += seen[exact]
		s.exact[j], s.over[j], s.less[j] = float64(seen[exact]), float64(seen[above]), float64(seen[below])
		if seen[exact]+seen[above]+seen[below] > 0 {
			low, high = min(low, max(j-1, 0)), max(high, min(j+1, lastBin+1))
		}
	}
	weight := float64(pooled)
	if parent == nil {
		weight = root
		low, high = s.guess(low, high)
	} else {
		low, high = min(low, parent.low), max(high, parent.low+len(parent.won)-1)
		clear(s.prior[:])
		for i := range len(parent.won) - 1 {
			s.prior[parent.low+i] = float64(parent.won[i+1]) - float64(parent.won[i])
		}
	}
	copy(s.p[low:high], s.prior[low:high])
	n := firstRounds
	if d := c.dist; d != nil {
		n = rounds
		for j := low; j < high; j++ {
			s.p[j] *= 0.1
			if i := j - d.low; i >= 0 && i < len(d.won)-1 {
				s.p[j] += 0.9 * (float64(d.won[i+1]) - float64(d.won[i]))
			}
		}
	}
	for range n {
		s.round(low, high, weight)
	}
	d := s.distribution(low, high)
	d.told = told > c.n/2
	return d
}

// guess sets the prior of everything, and returns the bins that it covers.
func (s *scratch) guess(low, high int) (int, int) {
	// A price is taken to be a third below a won bid, or as much above a lost one.
	const side = perOctave / 2
	var n, sum float64
	for j := range edges {
		x := s.exact[j] + s.over[j] + s.less[j]
		n += x
		sum += x*float64(j) + side*(s.over[j]-s.less[j])
	}
	middle := float64(edges) / 2
	if n > 0 {
		middle = sum/n + 0.5
	}
	const spread = priorSpread / math.Ln2 * perOctave // in bins
	low = min(max(int(middle-priorCut*spread), 0), low)
	high = max(min(int(middle+priorCut*spread), lastBin+1), high)
	var all float64
	clear(s.prior[:])
	for j := low; j < high; j++ {
		z := (float64(j) + 0.5 - middle) / spread
		s.prior[j] = math.Exp(-z * z / 2)
		all += s.prior[j]
	}
	for j := low; j < high; j++ {
		s.prior[j] /= all
	}
	return low, high
}

// round improves s.p over the bins [low, high).
func (s *scratch) round(low, high int, weight float64) {
	const least = 1e-9
	// next gathers, per bin, the share of censored observations for each unit
	// of p: of bids lost at or below it, of bids won above it.
	var f, share float64
	for j := low; j < high; j++ { // bids lost at edge j: the price is in bin j or beyond
		if s.over[j] > 0 {
			share += s.over[j] / max(1-f, least)
		}
		s.next[j] = share
		f += s.p[j]
	}
	share = 0
	var sum float64
	for j := high - 1; j >= low; j-- { // bids won at edge j+1: the price is in bin j or before
		if s.less[j+1] > 0 {
			share += s.less[j+1] / max(f, least)
		}
		p := s.p[j]
		f -= p
		p = weight*s.prior[j] + s.exact[j] + p*(s.next[j]+share)
		s.p[j] = p
		sum += p
	}
	by := 1 / sum // a division takes several times as long as a product
	for j := low; j < high; j++ {
		s.p[j] *= by
	}
}

// distribution returns what s.p is over the bins [low, high), without the
// outer bins that hold nothing.
func (s *scratch) distribution(low, high int) *distribution {
	const least = 1e-7
	for low < high-1 && s.p[low] < least {
		low++
	}
	for high > low+1 && s.p[high-1] < least {
		high--
	}
	n := high - low + 1
	both := make([]float32, 2*n)
	d := &distribution{low: low, won: both[:n:n], paid: both[n:]}
	var all float64
	for j := low; j < high; j++ {
		all += s.p[j]
	}
	var f, c float64
	for j := low; j < high; j++ {
		f += s.p[j] / all
		c += s.p[j] / all * (edgeAt[j] + edgeAt[j+1]) / 2
		d.won[j-low+1], d.paid[j-low+1] = float32(min(f, 1)), float32(c)
	}
	d.won[high-low] = 1
	return d
}
