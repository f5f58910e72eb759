package scenario

import (
	"context"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

// TestSameMoneyAcrossCurrencies: the same bids and notices in a currency that
// advertisers do not pay in, with a rate that changes in between, book the same
// money in both currencies over 1, 3 and 16 bidders; after each, what budgets
// bear is what the exchange's own books say, by the rate of each bid.
func TestSameMoneyAcrossCurrencies(t *testing.T) {
	s := openStore(t)
	ctx := context.Background()
	start := time.Date(2026, 12, 1, 21, 0, 0, 0, time.UTC)
	rapid.Check(t, func(rt *rapid.T) {
		r := record(rt)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 1))
		unit := rapid.Int64Range(int64(money.QuoteOne)/5, int64(money.QuoteOne)*2)
		rates := [2]money.Quote{money.Quote(unit.Draw(rt, "rate")), money.Quote(unit.Draw(rt, "later"))}
		bookings, booked, disputed := r.money()
		var first map[string]string
		for _, bidders := range []int{1, 3, 16} {
			w, err := NewWorld(ctx, Config{Store: s, Start: start})
			if err != nil {
				rt.Fatal(err)
			}
			w.In = "EUR"
			for i, q := range rates {
				if err := w.AddRate(ctx, "EUR", currency, q, start.Add(time.Duration(i)*time.Hour)); err != nil {
					rt.Fatal(err)
				}
			}
			before, err := totalsIn(ctx, w.Ledger, "EUR")
			if err != nil {
				rt.Fatal(err)
			}
			books := r.books(ctx, rt, w, bidders, rng)
			now, err := totalsIn(ctx, w.Ledger, "EUR")
			if err != nil {
				rt.Fatal(err)
			}
			if now.Bookings-before.Bookings != bookings || now.Amount-before.Amount != booked || now.Disputed-before.Disputed != disputed {
				rt.Fatalf("%d bidders: %d bookings of %v EUR, %v disputed; want %d of %v, %v", bidders,
					now.Bookings-before.Bookings, now.Amount-before.Amount, now.Disputed-before.Disputed, bookings, booked, disputed)
			}
			if first == nil {
				first = books
			} else if !maps.Equal(first, books) {
				rt.Fatalf("one bidder booked %v, %d booked %v", first, bidders, books)
			}
			if err := w.Close(); err != nil {
				rt.Fatal(err)
			}
		}
	})
}
