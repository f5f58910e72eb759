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

// delays learns, for one exchange and format, how likely a bid of some age is still to
// be billed. Ages are cut into stretches: the first ends at the win deadline,
// each further one at twice the age at which it begins, the last beyond the
// horizon. So a bid is looked at a handful of times in its life, and every
// bid enters the last stretch, wherever in it its horizon is. Each
// open bid passes from stretch to stretch and leaves one of them by a bill, a
// loss, or a win notice; how many entered a stretch and how many left it give
// its hazards, and the product of what stays gives the rest of the curve (the
// life table estimate of competing risks). Because the bids at risk are
// counted as they enter, the estimate is not biased by those whose bill is
// still on its way. A won bid starts over on a curve of its own.
type delays struct {
	bounds []int64 // ages in nanos at which the stretches end
	open   []stretch
	won    []stretch

	// Bids whose win notice told a price below the bid: billed since, and
	// billed at no more than that.
	told, kept atomic.Int64

	// Written by Tick, read by Tick: the probability at the start of each
	// stretch that the bill still comes; one more entry, 0, for after the end.
	laterOpen []float64
	laterWon  []float64
	rendered  atomic.Uint64 // float64 bits of laterWon[0], for whoever else asks
}

// stretch counts what became of the bids that entered a stretch of age.
type stretch struct {
	entered, billed, lost, won atomic.Int64
}

const (
	// Before anything is known, bills are taken to come almost for certain: in
	// each stretch a prior worth this many bids, half of them
	// billed.
	priorBids   = 4
	priorHazard = 0.5
	// An exchange's habits change: counts are halved when they reach this.
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

func newDelays(t Terms) *delays {
	d, k := new(delays), t.key()
	for i := range int(k.octaves) + 1 {
		d.bounds = append(d.bounds, int64(k.deadline)<<i)
	}
	n := len(d.bounds)
	d.open, d.won = make([]stretch, n), make([]stretch, n)
	d.laterOpen, d.laterWon = make([]float64, n+1), make([]float64, n+1)
	d.estimate()
	return d
}

// estimate recomputes both curves from the counts.
func (d *delays) estimate() {
	curve(d.won, d.laterWon, 0)
	d.rendered.Store(math.Float64bits(d.laterWon[0]))
	curve(d.open, d.laterOpen, d.laterWon[0])
}

// curve fills later from the last stretch back. wonLater is the probability
// that a bid is billed once it is won.
func curve(stretches []stretch, later []float64, wonLater float64) {
	for k := len(stretches) - 1; k >= 0; k-- {
		s := &stretches[k]
		entered := s.entered.Load()
		n := float64(entered) + priorBids
		billed := min(1, (float64(s.billed.Load())+priorBids*priorHazard)/n)
		won := min(1-billed, float64(s.won.Load())/n)
		lost := min(1-billed-won, float64(s.lost.Load())/n)
		later[k] = billed + won*wonLater + (1-billed-won-lost)*later[k+1]
		if entered > rememberBids {
			for _, c := range []*atomic.Int64{&s.entered, &s.billed, &s.lost, &s.won} {
				c.Add(-c.Load() / 2)
			}
		}
	}
}

// of returns the stretch that a hold is in.
func (d *delays) of(o *hold) *stretch {
	if o.won {
		return &d.won[o.stretch]
	}
	return &d.open[o.stretch]
}

// later returns how likely it is that a hold's bill still comes.
func (d *delays) later(o *hold) float64 {
	if o.won {
		return d.laterWon[o.stretch]
	}
	return d.laterOpen[o.stretch]
}
