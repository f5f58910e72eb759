package replay

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Mechanism is what a winner pays and what an exchange tells.
type Mechanism string

// The mechanisms.
const (
	Second        Mechanism = "second"         // the winner pays the price of the log; its win notice tells it
	First         Mechanism = "first"          // the winner pays its bid; every bidder is told the least that would have won
	FirstCensored Mechanism = "first-censored" // the winner pays its bid; nothing else is told
)

// Mechanisms are all that there are.
var Mechanisms = []Mechanism{Second, First, FirstCensored}

// ParseMechanism finds a mechanism by its name.
func ParseMechanism(name string) (Mechanism, error) {
	if slices.Contains(Mechanisms, Mechanism(name)) {
		return Mechanism(name), nil
	}
	return "", fmt.Errorf("there is no mechanism %q; there are %s, %s and %s", name, Second, First, FirstCensored)
}

func (m Mechanism) second() bool { return m == Second }

// Notices is how and when an exchange tells what became of a bid. Delays are
// in auctions of yesterday's mean traffic.
type Notices struct {
	Deadline int     // after a bid, a win notice may come so late
	Win      float64 // mean delay of win notices
	Bill     float64 // mean delay of bills
	Lost     float64 // share of win notices that never come, and of bills that come ten times as late
	Doubled  float64 // share of notices that come twice
	Heavy    bool    // bills have a log-normal delay of the same mean; else an exponential one
	NoPrice  bool    // win notices tell no price
	NoWin    bool    // there are no win notices
}

// horizon is how long after its bid a bill is still expected.
func (n *Notices) horizon() float64 {
	return max(10*n.Bill, 4*float64(n.Deadline))
}

// delay draws how much later, in auctions, a bill comes.
func (n *Notices) delay(rng *rand.Rand) float64 {
	if n.Bill == 0 {
		return 0
	}
	mean := n.Bill
	if n.Lost > 0 && rng.Float64() < n.Lost {
		mean *= 10
	}
	if n.Heavy {
		const sigma = 1.5
		return mean * math.Exp(sigma*rng.NormFloat64()-sigma*sigma/2)
	}
	return mean * rng.ExpFloat64()
}

// notice is one on its way.
type notice struct {
	at       int64 // market time, unix nanos
	left     int64 // when the bid did
	bid      event.BidID
	price    money.Nanos
	nodes    []event.NodePeriod
	bidder   int32
	exchange event.ExchangeID
	kind     event.Kind
	least    money.Nanos // the least that would have won; 0 if it is not told
}

// queue is a heap of notices by time.
type queue []notice

func (q *queue) push(n notice) {
	h := append(*q, n)
	for i := len(h) - 1; i > 0; {
		up := (i - 1) / 2
		if h[up].at <= h[i].at {
			break
		}
		h[up], h[i] = h[i], h[up]
		i = up
	}
	*q = h
}

func (q *queue) pop() notice {
	h := *q
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h[last] = notice{}
	h = h[:last]
	for i := 0; ; {
		low := 2*i + 1
		if low >= last {
			break
		}
		if low+1 < last && h[low+1].at < h[low].at {
			low++
		}
		if h[i].at <= h[low].at {
			break
		}
		h[i], h[low] = h[low], h[i]
		i = low
	}
	*q = h
	return top
}
