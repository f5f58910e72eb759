package ledger

import (
	"context"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given an exchange that bills by a pixel, whose price a page can falsify, when
// hundreds of notices claim the largest amount there is, then each is booked at
// its bid, the claims stop at a sum that can be read, and booking goes on.
func testHugeClaimsNeitherStopBookingNorSpoilTheBalance(t *testing.T, w *world) {
	const bid = money.Micro
	node := event.NodePeriod{Node: 1}
	w.budget(node, 100*money.Unit)
	seq := uint64(0)
	claim := func(price money.Nanos) event.Event {
		seq++
		return w.billing(1, seq, price, bid, node)
	}
	for range 5 {
		var batch []event.Event
		for range 20 {
			batch = append(batch, claim(money.Cap))
		}
		w.book(batch...)
	}
	// A balance that is at the limit already stays there.
	for _, table := range []string{"balances", "ledger_totals"} {
		if _, err := w.db.ExecContext(context.Background(), `UPDATE `+table+` SET disputed = $1`, int64(maxDisputedSum-1)); err != nil {
			t.Fatal(err)
		}
	}
	w.book(claim(money.Cap), claim(bid))

	if r := w.report(node); r.Booked != 102*bid || r.Disputed != maxDisputedSum {
		t.Errorf("booked %v, disputed %v; want %v and %v", r.Booked, r.Disputed, 102*bid, money.Nanos(maxDisputedSum))
	}
	totals, err := w.Totals(context.Background())
	if err != nil || len(totals) != 1 || totals[0].Bookings != 102 || totals[0].Disputed != maxDisputedSum {
		t.Errorf("totals %+v, %v", totals, err)
	}
}
