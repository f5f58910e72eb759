package loadtest

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/money"
)

func TestAuction(t *testing.T) {
	for _, tt := range []struct {
		name              string
		kind              int
		increment         money.Nanos
		bid, rival, floor money.Nanos
		want              outcome
	}{
		{"first price pays the bid", 1, 0, 100, 60, 50, outcome{true, 100, 61}},
		{"a tie is lost", 1, 0, 100, 100, 50, outcome{false, 100, 101}},
		{"alone above a floor", 1, 0, 100, 0, 50, outcome{true, 100, 50}},
		{"alone without a floor", 2, 0, 100, 0, 0, outcome{true, 1, 1}},
		{"second price pays the second", 2, 0, 100, 60, 50, outcome{true, 60, 61}},
		{"second price pays the floor", 2, 0, 100, 0, 50, outcome{true, 50, 50}},
		{"plus the increment", 2, 10, 100, 60, 50, outcome{true, 70, 61}},
		{"but never more than the bid", 2, 10, 65, 60, 50, outcome{true, 65, 61}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := Exchange{AuctionType: tt.kind, Increment: tt.increment}
			if got := x.auction(tt.bid, tt.rival, tt.floor); got.won != tt.want.won ||
				got.minToWin != tt.want.minToWin || got.won && got.price != tt.want.price {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAuctionLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amount := rapid.Int64Range(0, int64(maxPrice))
		x := Exchange{
			AuctionType: rapid.IntRange(1, 2).Draw(t, "type"),
			Increment:   money.Nanos(rapid.Int64Range(0, 20_000).Draw(t, "increment")),
		}
		floor := money.Nanos(amount.Draw(t, "floor"))
		bid := max(floor, 1) + money.Nanos(amount.Draw(t, "bid above"))
		rival := money.Nanos(amount.Draw(t, "rival"))
		if rival < floor {
			rival = 0
		}
		got := x.auction(bid, rival, floor)
		if got.won != (bid >= got.minToWin) {
			t.Fatalf("won %v with %d, though %d wins", got.won, bid, got.minToWin)
		}
		if got.won && (got.price > bid || got.price < floor || got.price < rival || got.price < 1) {
			t.Fatalf("paid %d of a bid of %d over %d, floor %d", got.price, bid, rival, floor)
		}
	})
}
