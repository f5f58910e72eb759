package pacing

import (
	"math"
	"math/bits"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// late learns, for one exchange, how much is billed after the horizon, of what
// was foreseen of bids that ended without a word. What was foreseen of them
// passes from age to age, and leaves each by a bill, or is on to the next: the
// same life table as that of delays, by sums alone, as there may be
// millions of such bids in the 30 days that bills are booked. Where no bill ever
// came late, it says that none will. It is guarded by Holds.mu.
type late struct {
	waiting tail // what was foreseen of bids that ended without a bill, by age

	lateCounts
	share [ages + 1]float64 // at the start of each age: the part that is billed yet
}

// lateCounts are what outlives a restart. All is faded.
type lateCounts struct {
	Passed [ages]float64 // what was foreseen of bids that left an age
	Billed [ages]float64 // what was billed in it
	Bids   float64       // that fell silent
	Silent float64       // what was foreseen of those
	Bills  float64       // that came late
}

const (
	// Ages are a minute and its powers of two, the last one beyond 30 days.
	ages = 17
	// priorLate is how many silent bids it takes to believe a late one half.
	priorLate = 20
	// lateFades is the time in which what was seen counts for 1/e.
	lateFades = 7 * 24 * time.Hour
)

// ageOf returns the age that a bid is in.
func ageOf(d time.Duration) int { return min(ages-1, bits.Len64(uint64(max(0, d)/time.Minute))) }

// tail is an amount of money by age, in nanos.
type tail [ages]float64

// pass moves a tail on by the time that passed, and adds to left what left
// each age. It does not know where in an age what is: as much leaves it as
// if that were anywhere.
func (t *tail) pass(passed time.Duration, left *[ages]float64) {
	on := 0.
	for k := range t {
		t[k] += on
		on = t[k] * -math.Expm1(-float64(passed)/float64(time.Minute<<max(0, k-1)))
		t[k] -= on
		if left != nil {
			left[k] += on
		}
	}
}

// take takes a bill out, and returns how much of it there was: in its age, or
// in those nearest to it, as a tail does not know where in an age what is.
func (t *tail) take(age int, amount float64) (taken float64) {
	for far := range ages {
		for _, k := range [...]int{age - far, age + far} {
			if k >= 0 && k < ages && taken < amount {
				x := min(t[k], amount-taken)
				t[k] -= x
				taken += x
			}
		}
	}
	return taken
}

// age passes time.
func (l *late) age(passed time.Duration) {
	if passed > 0 {
		fade := math.Exp(-float64(passed) / float64(lateFades))
		for k := range l.Passed {
			l.Passed[k] *= fade
			l.Billed[k] *= fade
		}
		for _, x := range []*float64{&l.Bids, &l.Silent, &l.Bills} {
			*x *= fade
		}
		l.waiting.pass(passed, &l.Passed)
	}
	if l.Bids < 1e-3 {
		l.lateCounts = lateCounts{} // forgotten
	}
	prior := 0.
	if l.Bids > 0 {
		prior = priorLate * l.Silent / l.Bids
	}
	var hazard [ages]float64
	before := 0. // an age that nothing was seen of is taken to bill half as much as the one before
	for k := range hazard {
		if all := l.Passed[k] + prior; all > 0 {
			hazard[k] = min(1, (l.Billed[k]+prior*before/2)/all)
		}
		before = hazard[k]
	}
	for k := ages - 1; k >= 0; k-- {
		l.share[k] = hazard[k] + (1-hazard[k])*l.share[k+1]
	}
}

// bill counts a bill that came late. What was foreseen of its bid is in no
// token, event or booking: as much is taken out of what waits as was billed. For
// one bid that is too much where it was one of many that may have won, and too
// little of the others, which it does not take out. Together it is right where as
// much is billed as was foreseen, see unheard.
func (l *late) bill(age int, amount money.Nanos) {
	l.Billed[age] += float64(amount)
	l.Passed[age] += l.waiting.take(age, float64(amount))
	l.Bills++
}

// lateShare is what is billed after the horizon of what is foreseen then.
// Holds.mu is held.
func (h *Holds) lateShare(d *delays) float64 {
	if l := h.late[d.exchange]; l != nil {
		return l.share[ageOf(d.horizon)]
	}
	return 0
}

// unheard is what was foreseen of a bid that ended without a word. Bills take out
// of it what they are, not what was foreseen: where exchanges bill m times as much
// as bidders foresee, a part of 1/m of them would take out all, and nothing would
// be kept for the rest. So it is as many times more as bids of that exchange
// are billed in all, by what came in time; at most the bid.
func (o *hold) unheard() float64 {
	of := o.delays.laterOpen
	if o.won {
		of = o.delays.laterWon
	}
	return min(float64(o.bid), o.foreseen()*max(1, of[min(1, len(of)-1)]))
}

// unbilled is what was foreseen of the bids on one budget that ended without a
// word at one exchange.
type unbilled struct {
	tail
	entered, squares float64 // of all that came in: its sum, in nanos, and weighed by their bids, in nanos squared
}

// fellSilent notes a bid that reached its horizon without a word.
func (h *Holds) fellSilent(o *hold) {
	x, age := o.unheard(), ageOf(time.Duration(o.end-o.since))
	for _, a := range o.accounts[:o.nodes] {
		a.silent.Add(int64(o.bid))
		t := a.unbilled[o.delays.exchange]
		if t == nil {
			if t = new(unbilled); a.unbilled == nil {
				a.unbilled = make(map[event.ExchangeID]*unbilled)
			}
			a.unbilled[o.delays.exchange] = t
		}
		t.tail[age] += x
		t.entered += x
		t.squares += x * float64(o.bid)
	}
	l := h.late[o.delays.exchange]
	if l == nil {
		l = new(late)
		h.late[o.delays.exchange] = l
	}
	l.waiting[age] += x
	l.Bids++
	l.Silent += x
}

// reserve works out what to keep of a budget for bills that come late: what
// is expected of them, and the spread of that and of what is known of it.
// It is never more than what was foreseen of the bids that may send one.
func (h *Holds) reserve(a *account, passed time.Duration) {
	a.coming, a.reserved = 0, 0
	all, variance := 0., 0.
	for exchange, t := range a.unbilled {
		l := h.late[exchange]
		t.pass(passed, nil)
		coming, sum := 0., 0.
		for k, x := range t.tail {
			coming += x * l.share[k]
			sum += x
		}
		if sum < 1 {
			delete(a.unbilled, exchange)
			continue
		}
		all += sum
		if coming <= 0 || l.Bills <= 0 {
			continue
		}
		a.coming += coming
		// Each is billed all of the bid or nothing. Bids are in the budget's currency, as
		// what is learned of the exchange is not.
		variance += coming*t.squares/t.entered + coming*coming/l.Bills
	}
	if a.over {
		a.coming = 0
		return
	}
	a.reserved = min(all, a.coming+h.deviations*math.Sqrt(variance))
}
