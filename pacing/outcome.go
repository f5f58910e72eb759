package pacing

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// auctioned is what is known of how a bid's auction ended. Prices are of one
// impression in the auction's currency, which a float32 keeps to one part in
// ten million: they are never owed.
type auctioned struct {
	context  landscape.Key // 0: nobody learns from it
	offered  float32
	paid     float32 // what a notice said the price is; 0: none did
	minToWin float32 // 0: no notice said
	won      bool
	told     bool // the outcome was
	unpriced bool // lost for a reason that says nothing of prices
	noticed  bool // a win notice said that the bill is below the bid: the hold's, here for room
}

// Heard is what a notice said of the auction, per impression in the auction's
// currency. 0 is not said.
type Heard struct {
	Price, MinToWin money.Nanos
	// Unpriced says that the bid lost for a reason which no price would have
	// changed, such as its creative.
	Unpriced bool
}

// Hear notes what a notice said of a bid's auction. It changes no money: tell
// it before [Holds.Won] or [Holds.Lost], which do.
func (h *Holds) Hear(id event.BidID, n Heard) {
	s := h.shard(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	if place, ok := s.open.of(id); ok && s.slab.of(place).context != 0 {
		s.slab.of(place).hear(n)
	} else if e, ok := s.ended[id]; ok {
		e.hear(n)
		s.ended[id] = e
	}
}

func (a *auctioned) hear(n Heard) {
	if n.Price > 0 {
		a.paid = float32(n.Price)
	}
	if n.MinToWin > 0 {
		a.minToWin = float32(n.MinToWin)
	}
	a.unpriced = a.unpriced || n.Unpriced
}

// waits says whether the outcome is still to be told, at the win deadline.
func (a *auctioned) waits() bool { return a.context != 0 && !a.told }

// tell tells the outcome. Late takes back that it was told as lost.
func (a *auctioned) tell(to func(landscape.Outcome), late bool) {
	a.told = true
	if a.unpriced && !a.won {
		return
	}
	to(landscape.Outcome{
		Context: a.context, Bid: float64(a.offered), Won: a.won,
		Price: float64(a.paid), MinToWin: float64(a.minToWin), Late: late,
	})
}

// correct tells that a bid which was taken for lost has won, or what it would
// have had to be.
func (a *auctioned) correct(won bool, to func(landscape.Outcome)) {
	if a.context == 0 || !a.told || a.won || !won && a.minToWin == 0 {
		return
	}
	a.won = won
	a.tell(to, true)
}

// end is how a hold ended.
type end uint8

const (
	endUnknown end = iota // nothing is learned of it
	endLost               // a loss notice
	endBilled
)

// end keeps how the auction of a released bid ended until the win deadline, or
// corrects what was told where that has passed.
func (s *shard) end(id event.BidID, a auctioned, won bool, to func(landscape.Outcome)) {
	if a.waits() {
		a.won = won
		s.ended[id] = a
		return
	}
	a.correct(won, to)
}
