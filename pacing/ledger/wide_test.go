package ledger

import (
	"context"
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

// Given totals that an int64 of nanos cannot hold, when more is booked and
// corrected, then booking goes on and nothing of them is lost or rounded.
func testTotalsBeyondWhatAnAmountCanBe(t *testing.T, s *shop) {
	ctx := context.Background()
	const bills = 24
	for seq := range uint64(bills) {
		bill := s.billing(1, seq, money.Cap-1, money.Cap) // of no budget
		s.book(bill)
	}
	for _, reference := range []string{"a", "b", "c"} {
		c := s.correction(reference, money.Cap)
		s.correct(c)
		c.Amount, c.Reference = -money.Cap+1, reference+"-"
		s.correct(c)
	}
	var amount, cost, corrected wide
	err := s.store.DB().QueryRow(`SELECT amount_units, amount, advertiser_cost_units, advertiser_cost, corrected_units, corrected FROM ledger_totals`).
		Scan(&amount.units, &amount.rest, &cost.units, &cost.rest, &corrected.units, &corrected.rest)
	want := new(big.Int).Mul(big.NewInt(bills), big.NewInt(int64(money.Cap-1)))
	if err != nil || amount.big().Cmp(want) != 0 || cost.big().Cmp(want) != 0 || corrected.nanos() != 3 {
		t.Errorf("amount %+v, cost %+v, corrected %+v, %v; want %v and 3", amount, cost, corrected, err, want)
	}
	totals, err := s.Totals(ctx)
	if err != nil || len(totals) != 1 || totals[0].Bookings != bills || totals[0].Amount != math.MaxInt64 {
		t.Errorf("totals %+v, %v", totals, err)
	}
}

func (w wide) big() *big.Int {
	n := new(big.Int).Mul(big.NewInt(w.units), big.NewInt(int64(money.Unit)))
	return n.Add(n, big.NewInt(w.rest))
}

func TestWideSumsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum wide
		want := new(big.Int)
		for _, n := range rapid.SliceOf(rapid.Int64()).Draw(t, "amounts") {
			sum.add(money.Nanos(n))
			want.Add(want, big.NewInt(n))
		}
		if sum.big().Cmp(want) != 0 {
			t.Fatalf("%+v, want %v", sum, want)
		}
		clip := want
		for _, end := range []int64{math.MinInt64, math.MaxInt64} {
			if end := big.NewInt(end); !want.IsInt64() && end.Sign() == want.Sign() {
				clip = end
			}
		}
		if got := sum.nanos(); int64(got) != clip.Int64() {
			t.Fatalf("%+v is told as %d, want %v", sum, got, clip)
		}
	})
}
