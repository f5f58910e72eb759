package landscape

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

// Whatever it is, a bid is within floor and worth; only first prices are
// shaded, and only where that is on and something is known.
func TestBidsKeepToTheirBounds(t *testing.T) {
	l, keys := busy(t)
	s, err := NewShading(ShadingConfig{Control: 0.2, Explore: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		worth := money.Nanos(rapid.Int64Range(1, int64(money.Unit)).Draw(t, "worth"))
		i := Imp{
			Mechanism: Mechanism(rapid.IntRange(1, 3).Draw(t, "mechanism")), Worth: worth,
			Floor: money.Nanos(rapid.Int64Range(0, int64(worth)).Draw(t, "floor")), Shade: rapid.Bool().Draw(t, "shade"), Over: rapid.SampledFrom([]float64{0, 1, 3, 1e6}).Draw(t, "over"), Draw: rapid.Uint64().Draw(t, "draw"),
		}
		if rapid.Bool().Draw(t, "known") {
			i.Prices = l.Load().Prices(keys[0])
		}
		q := s.Price(i)
		if q.Bid < i.Floor || q.Bid > worth || q.Payment > q.Bid || q.Payment < 0 || q.WinRate < 0 || q.WinRate > 1 {
			t.Fatalf("%+v makes %+v", i, q)
		}
		if shadable := i.Mechanism == FirstPrice && i.Shade && i.Prices.Known(); shadable != (q.Arm != ArmNone) {
			t.Fatalf("%+v makes %+v", i, q)
		}
		switch {
		case i.Mechanism == FixedPrice && q.Bid != i.Floor:
			t.Fatalf("at a fixed price of %d the bid is %d", i.Floor, q.Bid)
		case i.Mechanism != FixedPrice && (q.Arm == ArmNone || q.Arm == ArmControl) && q.Bid != worth:
			t.Fatalf("an unshaded bid of %d is %d", worth, q.Bid)
		}
		if again := s.Price(i); again != q {
			t.Fatalf("the same auction makes %+v, then %+v", q, again)
		}
	})
}

// What is worth more than the most to bid is bid for up to that, where less
// would lose more by losing than it gains by paying less.
func TestTheMostToBidBoundsTheBidNotTheGain(t *testing.T) {
	l, keys := busy(t)
	s, err := NewShading(ShadingConfig{Control: -1, Explore: -1})
	if err != nil {
		t.Fatal(err)
	}
	prices := l.Load().Prices(keys[0])
	i := Imp{Prices: prices, Mechanism: FirstPrice, Worth: 1_200_000, Shade: true}
	last := s.Price(i).Bid
	if last >= i.Worth {
		t.Fatalf("what is worth %d is bid for with %d", i.Worth, last)
	}
	for _, i.Over = range []float64{1.5, 4, 1000} {
		bid := s.Price(i).Bid
		if bid < last {
			t.Errorf("worth %v times the most, %d is bid; %d for less", i.Over, bid, last)
		}
		last = bid
	}
	if last != i.Worth {
		t.Errorf("worth a thousand times the most of %d, %d is bid", i.Worth, last)
	}
}

// The arms have the shares that were asked for, and none where it is none.
func TestSharesOfTheArms(t *testing.T) {
	l, keys := busy(t)
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		config           ShadingConfig
		control, explore float64
	}{{ShadingConfig{}, 0.002, 0.05}, {ShadingConfig{Control: -1, Explore: -1}, 0, 0}, {ShadingConfig{Control: 0.5, Explore: 0.25, Salt: 7}, 0.5, 0.25}} {
		s, err := NewShading(c.config)
		if err != nil {
			t.Fatal(err)
		}
		const n = 100_000
		var arms [4]float64
		for range n {
			arms[s.Price(Imp{Prices: l.Load().Prices(keys[0]), Mechanism: FirstPrice, Worth: 2e6, Shade: true, Draw: r.Uint64()}).Arm]++
		}
		for arm, want := range map[Arm]float64{ArmControl: c.control, ArmExplored: c.explore, ArmNone: 0} {
			if got := arms[arm] / n; got < want-0.005 || got > want+0.005 {
				t.Errorf("%+v: arm %d has %.3f, want %.3f", c.config, arm, got, want)
			}
		}
	}
	if _, err := NewShading(ShadingConfig{Control: 0.7, Explore: 0.4}); err == nil {
		t.Error("more than all may be left unshaded")
	}
}
