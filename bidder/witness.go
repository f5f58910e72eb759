package bidder

import (
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/predict"
)

// witnessed is an opportunity of a line item that is sampled, until the imp's
// auction is over and its rivals are known.
type witnessed struct {
	in   *frontier.Reservoir
	way  int
	item event.LineItemID
	frontier.Sample
}

// rivals are the two that would bid most in a way.
type rivals struct {
	first, second money.Nanos
	who           event.LineItemID
}

func (r *rivals) note(id event.LineItemID, worth money.Nanos) {
	switch {
	case id == r.who: // in another format or size
		r.first = max(r.first, worth)
	case worth > r.first:
		r.first, r.second, r.who = worth, r.first, id
	case worth > r.second:
		r.second = worth
	}
}

// of returns what the best of the others would bid at most.
func (r *rivals) of(id event.LineItemID) money.Nanos {
	if r.who == id {
		return r.second
	}
	return r.first
}

// witness counts an imp as an opportunity of a line item, whatever it bids, and
// samples some: whom its hash says. An imp that is tried again is new to line
// items that earlier walks, which went down to a bound before, did not
// come to. One that has an ad already is the same opportunity.
func (a *auction) witness(l looking, li *catalog.LineItem, imp *openrtb.Imp) {
	const salt = 0x0b5e7 // so that who is sampled has nothing to do with ties
	if a.free || a.b.Samples == nil || a.rest.media != nil {
		return
	}
	seat, way := a.ex.SeatOf(li.Advertiser), -1
	for i := range a.ways {
		if !a.ways[i].done && a.ways[i].takes(li, seat) {
			way = i
			break
		}
	}
	if way < 0 {
		return
	}
	in, hash := a.b.Samples.Of(li.ID), uint32(catalog.Mix(a.seed^uint64(li.ID)^uint64(l.imp)<<48+salt))
	if !in.Meet(hash, a.value, a.now) {
		return
	}
	w := &a.ways[way]
	c := choice{item: li}
	if c.creative, _ = a.choose(w, li, imp, money.Cap); c.creative == nil {
		return
	}
	floor, _ := a.floorFor(w, imp, c.creative) // it was, or the creative had not been chosen
	to := a.walk.Currency()
	most, outcomes := inAuction(to, li.MaxBid), predict.Outcomes(a.b.Model, li, &a.query)
	free, full := costOf(li, to, 0, a.quantity, a.now), costOf(li, to, most, a.quantity, a.now)
	a.witnessed = append(a.witnessed, witnessed{in, way, li.ID, frontier.Sample{
		At: uint32(a.now.Unix()), Hash: hash, Mechanism: landscape.Mechanism(w.kind), Shade: !a.ex.NoShading, Context: a.contextOf(w, &c, floor),
		Multiplier: float32(a.multipliers.Of(li.ID)), Value: float32(outcomes * li.Factor(&a.query)), Outcomes: float32(outcomes), Floor: float32(floor),
		Quantity: float32(a.quantity.Float()), Rate: float32(to.Factor),
		Fixed: float32(free), Slope: float32(float64(full-free) / float64(max(most, 1))),
	}})
}

// keepWitnessed keeps what was sampled of an imp.
func (a *auction) keepWitnessed() {
	for i := range a.witnessed {
		x := &a.witnessed[i]
		x.Rival = float32(a.ways[x.way].rivals.of(x.item))
		x.in.Keep(x.Sample)
	}
	a.witnessed = a.witnessed[:0]
}
