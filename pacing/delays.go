package pacing

import (
	"math"
	"math/bits"
	"sync/atomic"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// delaysKey names what is learned together: an exchange, a format, and the
// horizons between one power of two times the win deadline and the next. Requests may
// state any horizon; they must not each start a memory of their own.
type delaysKey struct {
	exchange event.ExchangeID
	deadline time.Duration
	format   Format
	octaves  uint8
}

func (t Terms) key() delaysKey {
	deadline := max(t.WinDeadline, time.Millisecond)
	octaves := bits.Len64(uint64(max(0, t.Horizon-1) / deadline))
	return delaysKey{t.Exchange, deadline, t.Format, uint8(octaves)}
}

// delays learns, for one exchange and format, what a bid of some age is still to
// be billed, of what was foreseen when it left. Ages are cut into stretches: the first ends at the win deadline,
// each further one at twice the age at which it begins, the last beyond the
// horizon. So a bid is looked at a handful of times in its life, and every
// bid enters the last stretch, wherever in it its horizon is. Each
// open bid passes from stretch to stretch and leaves one of them by a bill, a
// loss, or a win notice; how much entered a stretch and how much left it give
// its hazards, and the product of what stays gives the rest of the curve (the
// life table estimate of competing risks). A bid that is in a stretch still
// counts by how far through it has come, and is taken to leave in the rest of it
// as others do: in full, bills that are still on their way would pass for bills
// that do not come. A won bid starts over on a curve of its own. The curve ends in what comes after the
// horizon, see late.
//
// All is weighed by money, that which was foreseen: where the bidder
// foresees too little of dear bids, or of all, the curve says so.
type delays struct {
	number   uint32 // that holds know it by
	voice    *voice // of the exchange
	exchange event.ExchangeID
	horizon  time.Duration // the longest of its bids, at most

	bounds []int64 // ages in nanos at which the stretches end
	open   []stretch
	won    []stretch

	// Bids whose win notice told a price below the bid: billed since, and
	// billed at no more than that.
	told, kept atomic.Int64

	bills atomic.Int64 // that came before the horizon

	// Written by Tick, read by Tick: at the start of each stretch, what is still
	// billed of what is foreseen; one more entry for after the end.
	laterOpen []float64
	laterWon  []float64
	rendered  atomic.Uint64 // float64 bits of laterWon[0], for whoever else asks
}

// stretch counts what became of the bids that entered a stretch of age. All but
// entered are nanos.
type stretch struct {
	entered atomic.Int64 // bids
	at      atomic.Int64 // what was foreseen of those
	left    atomic.Int64 // of that: of the bids that were billed, lost or won in this stretch
	stayed  atomic.Int64 // of that: of the bids that reached its end, or their horizon
	billed  atomic.Int64 // what was billed
	won     atomic.Int64 // what was foreseen of those that were won, once they were
	times   sumOf        // of the bids that are inside: what was foreseen, times when they entered, unix nanos
}

// enter counts a bid that comes into the stretch.
func (s *stretch) enter(foreseen float64, at int64) {
	s.entered.Add(1)
	s.at.Add(int64(foreseen))
	s.times.add(math.Trunc(foreseen) * float64(at))
}

// leave counts a bid that entered at some time and was billed, lost or won.
func (s *stretch) leave(foreseen float64, entered int64) {
	s.left.Add(int64(foreseen))
	s.times.add(-math.Trunc(foreseen) * float64(entered))
}

// stay counts a bid that came to the end.
func (s *stretch) stay(foreseen float64, entered int64) {
	s.stayed.Add(int64(foreseen))
	s.times.add(-math.Trunc(foreseen) * float64(entered))
}

// through is which part of the stretch those that are inside have behind them,
// on average.
func (s *stretch) through(now, width int64) float64 {
	x := s.inside()
	if x <= 0 || width <= 0 {
		return 1
	}
	return max(0, min(1, (float64(now)-s.times.load()/x)/float64(width)))
}

// leaves returns which part of all that enters leaves, and of how much that was
// seen: of a bid that is inside and is through so far, 1 - through is to come, in
// which it leaves, evenly, if it is one of those and has not left before.
func (s *stretch) leaves(prior, through float64) (left, seen float64) {
	inside := s.inside()
	for range 8 { // it settles, from below
		seen = float64(s.at.Load()) + prior
		if through < 1 {
			seen -= inside * (1 - through) / (1 - left*through)
		}
		left = min(1, (float64(s.left.Load())+prior*priorHazard)/seen)
	}
	return left, seen
}

// sumOf is a sum of floats that many add to.
type sumOf struct{ bits atomic.Uint64 }

func (s *sumOf) load() float64 { return math.Float64frombits(s.bits.Load()) }

func (s *sumOf) add(x float64) {
	for {
		old := s.bits.Load()
		if s.bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+x)) {
			return
		}
	}
}

// inside is what was foreseen of the bids that are in the stretch now.
func (s *stretch) inside() float64 {
	return max(0, float64(s.at.Load()-s.left.Load()-s.stayed.Load()))
}

// fade halves what is over, once that is more than is remembered. Bids that are
// in the stretch count as before, and so do those that came with them and have
// left: there may be far more of them than are remembered, and without these
// they would pass for bids that hardly ever leave.
func (s *stretch) fade(leaves, through float64) {
	entered, at, left, stayed := float64(s.entered.Load()), float64(s.at.Load()), float64(s.left.Load()), float64(s.stayed.Load())
	young := leaves * through
	young = min(left, young/max(1-young, 1e-9)*s.inside())
	if over := left - young + stayed; over*entered <= rememberBids*at {
		return
	}
	gone, none := (left-young)/2, stayed/2
	s.left.Add(-int64(gone))
	s.stayed.Add(-int64(none))
	s.at.Add(-int64(gone) - int64(none))
	s.entered.Add(-int64(entered * (gone + none) / at))
	for _, c := range []*atomic.Int64{&s.billed, &s.won} {
		c.Add(-int64(float64(c.Load()) * gone / max(left, 1)))
	}
}

const (
	// Before anything is known, bills are taken to come almost for certain: in
	// each stretch a prior worth this many bids, half of them
	// billed.
	priorBids   = 4
	priorHazard = 0.5
	// An exchange's habits change: counts of what is over are halved when they
	// reach this.
	rememberBids = 100_000
)

// priorTold is how many bills above their notices every exchange begins with:
// its word is taken for little until bills have kept to it.
const priorTold = 20

// keep notes whether a bill kept to its win notice.
func (d *delays) keep(did bool) {
	if did {
		d.kept.Add(1)
	}
	if d.told.Add(1) > rememberBids {
		d.told.Add(-d.told.Load() / 2)
		d.kept.Add(-d.kept.Load() / 2)
	}
}

// after returns what a won bid is taken to be billed at most, between the
// price that the notice told and the bid: the nearer to the notice, the more
// of this exchange's bills kept to theirs.
func (d *delays) after(told, bid money.Nanos) money.Nanos {
	doubt := 1 - min(1, float64(d.kept.Load())/float64(d.told.Load()+priorTold))
	return min(bid, told+money.FromFloat(math.Ceil(doubt*float64(bid-told))))
}

// part is a share of something, from 0 to 1.
type part uint16

const fullPart part = math.MaxUint16

// partOf rounds a share up.
func partOf(share float64) part { return part(math.Ceil(max(0, min(1, share)) * float64(fullPart))) }

func (p part) of(amount money.Nanos) float64 { return float64(amount) * float64(p) / float64(fullPart) }

// doubt is how little is known of what this exchange bills beside what bidders
// expect it to, from 1 down: a bidder's word is taken for little until bills have
// come.
func (d *delays) doubt() float64 {
	x := priorTold / float64(d.bills.Load()+priorTold)
	return x * x
}

func newDelays(t Terms) *delays {
	d, k := &delays{exchange: t.Exchange, horizon: t.Horizon}, t.key()
	for i := range int(k.octaves) + 1 {
		d.bounds = append(d.bounds, int64(k.deadline)<<i)
	}
	n := len(d.bounds)
	d.open, d.won = make([]stretch, n), make([]stretch, n)
	d.laterOpen, d.laterWon = make([]float64, n+1), make([]float64, n+1)
	d.estimate(0, 0)
	return d
}

// estimate recomputes both curves from the counts. after is what is billed
// after the horizon of what is foreseen of bids that get so old.
func (d *delays) estimate(after float64, now int64) {
	n := len(d.bounds)
	d.laterWon[n], d.laterOpen[n] = after, after
	d.curve(d.won, d.laterWon, 0, now)
	d.rendered.Store(math.Float64bits(d.laterWon[0]))
	d.curve(d.open, d.laterOpen, d.laterWon[0], now)
}

// curve fills later from the last stretch back. wonLater is what is billed of
// what is foreseen once a bid is won.
func (d *delays) curve(stretches []stretch, later []float64, wonLater float64, now int64) {
	for k := len(stretches) - 1; k >= 0; k-- {
		s := &stretches[k]
		entered, at := s.entered.Load(), float64(s.at.Load())
		prior := float64(priorBids) // of bids of one nano, where there were none
		if entered > 0 {
			prior *= max(1, at/float64(entered))
		}
		through := s.through(now, d.width(k))
		left, all := s.leaves(prior, through)
		billed := (float64(s.billed.Load()) + prior*priorHazard) / all
		later[k] = billed + float64(s.won.Load())/all*wonLater + (1-left)*later[k+1]
		s.fade(left, through)
	}
}

// begins is the age at which a stretch begins.
func (d *delays) begins(k int) int64 {
	if k == 0 {
		return 0
	}
	return d.bounds[k-1]
}

// width is how long it takes through a stretch: in the last, to the horizon.
func (d *delays) width(k int) int64 { return min(d.bounds[k], int64(d.horizon)) - d.begins(k) }

// entered is when a hold entered its stretch.
func (d *delays) entered(o *hold) int64 { return o.since + d.begins(int(o.stretch)) }

// of returns the stretch that a hold is in.
func (d *delays) of(o *hold) *stretch {
	if o.won {
		return &d.won[o.stretch]
	}
	return &d.open[o.stretch]
}

// later returns what is still billed of what is foreseen of a hold.
func (d *delays) later(o *hold) float64 {
	if o.won {
		return d.laterWon[o.stretch]
	}
	return d.laterOpen[o.stretch]
}
