package openrtb

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

func TestQuantityOf(t *testing.T) {
	for multiplier, want := range map[float64]Quantity{1: 0, 14.2: 14_200_000, 0.25: 250_000, 1.0000001: 1_000_001, 1e-12: 1, 2: 2_000_000, 1e9: 1e12} {
		if got := QuantityOf(multiplier); got != want {
			t.Errorf("%v is %d, want %d", multiplier, got, want)
		}
	}
}

// What a showing costs is exact, rounded up once, and never above money.Cap.
func TestQuantityCostsExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Quantity(rapid.Uint64Range(1, 1e12).Draw(t, "quantity"))
		price := money.Nanos(rapid.Int64Range(0, int64(money.Cap)).Draw(t, "price"))
		want := new(big.Int).Mul(big.NewInt(int64(price)), new(big.Int).SetUint64(uint64(q)))
		want.Add(want, big.NewInt(oneImpression-1)).Quo(want, big.NewInt(oneImpression))
		if want.Cmp(big.NewInt(int64(money.Cap))) > 0 {
			want.SetInt64(int64(money.Cap))
		}
		if got := q.Of(price); big.NewInt(int64(got)).Cmp(want) != 0 {
			t.Fatalf("%d of %d costs %d, want %v", q, price, got, want)
		}
	})
}
