package landscape

import (
	"errors"

	"github.com/tangent-dsp/tangent/money"
)

// Arm is how a bid was made of what the impression is worth. It travels in the
// bid's token, so that what shading saved can be told.
type Arm uint16

// The arms.
const (
	ArmNone     Arm = 0 // not shaded: second price, a fixed price, or the exchange's setting
	ArmShaded   Arm = 1
	ArmControl  Arm = 2 // would have been shaded, and was left as it is to compare with
	ArmExplored Arm = 3 // a shaded bid moved at random, to learn what others near it do
)

// ShadingConfig says how bids are made. Zero values take the defaults;
// a share below 0 is none.
type ShadingConfig struct {
	Control float64 // share of shadable bids left unshaded, half of it where prices are told. Default 0.002
	Explore float64 // share of them moved at random, where prices are not told. Default 0.05
	Salt    uint64  // of the draw for the two shares
}

// Shading makes bids. It is immutable and safe for concurrent use.
type Shading struct {
	salt             uint64
	control, explore uint64 // of 2^32: control first, explore above it
}

// NewShading returns a maker of bids.
func NewShading(c ShadingConfig) (*Shading, error) {
	share := func(x, otherwise float64) float64 {
		if x == 0 {
			return otherwise
		}
		return max(x, 0)
	}
	control, explore := share(c.Control, 0.002), share(c.Explore, 0.05)
	if !(control+explore <= 1) {
		return nil, errors.New("cannot make shading: control and explored bids must be no more than all")
	}
	return &Shading{salt: c.Salt, control: uint64(control * (1 << 32)), explore: uint64((control + explore) * (1 << 32))}, nil
}

// An explored bid is a shaded one times a number drawn between these. The
// surplus is flat about its top: such a bid loses some 4 % of it on average.
const exploreFrom, exploreTo = 0.7, 1.4

// Imp is an impression as it is priced.
type Imp struct {
	Prices    Prices
	Mechanism Mechanism
	Worth     money.Nanos // per impression: the most to bid, at least Floor; see [Worth]
	Over      float64     // how many times Worth the impression is worth, where the maximum bid cuts it; 0 is once
	Floor     money.Nanos // the least to bid; of FixedPrice the price
	Shade     bool        // the exchange's setting; only first price is shaded
	Draw      uint64      // a hash of auction and line item
}

// Quote is what to bid, and what to expect of it.
type Quote struct {
	Bid     money.Nanos
	Arm     Arm
	WinRate float64     // the chance that it wins
	Payment money.Nanos // what is expected to be paid if it does
}

// Worth is the most to bid for an impression: its value to the advertiser,
// times what money is worth now, at most the maximum bid.
func Worth(value, multiplier float64, most money.Nanos) money.Nanos {
	return min(money.FromFloat(value*multiplier), most)
}

// Price makes the bid for an impression. It is within [Floor, Worth].
func (s *Shading) Price(i Imp) Quote {
	q := Quote{Bid: i.Worth}
	switch i.Mechanism {
	case FixedPrice:
		q.Bid = i.Floor
		q.Payment, q.WinRate = q.Bid, i.Prices.WinRate(float64(q.Bid))
		return q
	case SecondPrice:
		q.WinRate = i.Prices.WinRate(float64(q.Bid))
		if q.Payment = q.Bid; q.WinRate > 0 {
			paid := i.Prices.Cost(float64(q.Bid)) / q.WinRate
			q.Payment = min(max(money.FromFloat(paid), i.Floor), q.Bid)
		}
		return q
	}
	if i.Shade && i.Prices.Known() {
		draw := mix(i.Draw ^ s.salt)
		// The maximum bid bounds what is bid, not what is gained by winning: what
		// is worth more than it is bid for up to it.
		worth, floor := float64(i.Worth)*max(i.Over, 1), float64(i.Floor)
		switch lot := draw >> 32; {
		case lot < s.control && (draw&1 == 0 || !i.Prices.Told()): // where they are told, a high bid teaches nothing beside
			q.Arm = ArmControl
		case lot < s.explore && !i.Prices.Told():
			q.Arm = ArmExplored
			part := float64(draw&(1<<32-1)) / (1 << 32)
			q.Bid = money.FromFloat(i.Prices.Shade(worth, floor) * (exploreFrom + (exploreTo-exploreFrom)*part))
		default:
			q.Arm = ArmShaded
			q.Bid = money.FromFloat(i.Prices.Shade(worth, floor))
		}
		q.Bid = min(max(q.Bid, i.Floor), i.Worth)
	}
	q.Payment, q.WinRate = q.Bid, i.Prices.WinRate(float64(q.Bid))
	return q
}

// mix spreads a hash over all 64 bits (the finalizer of SplitMix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
