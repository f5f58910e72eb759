package ledger

import (
	"context"
	"slices"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given orders that are told again and again, by browsers and by servers, when
// they are booked in whatever order and batches, then each counts once per
// advertiser, as a server told it where one did, and no budget moves.
func testOrdersCountOnce(t *testing.T, w *world) {
	order := func(advertiser event.AdvertiserID, id byte, value money.Nanos, verified bool) event.Event {
		return event.Event{
			Kind: event.KindConversion, Bid: event.NewBidID(1, uint64(id)), Advertiser: advertiser, Campaign: 2, LineItem: 3, Creative: 4,
			Currency: "EUR", Order: []byte{id, 1, 2, 3}, OrderValue: value, Verified: verified, Billable: true,
			IssuedAt: noon, ClickedAt: noon, ReceivedAt: noon,
		}
	}
	late := order(1, 9, money.Unit, true)
	late.Expired = true
	none := order(1, 8, money.Unit, true)
	none.Order = nil
	below := order(1, 7, -1, true)
	events := []event.Event{
		order(1, 1, 5*money.Unit, false), order(1, 1, 7*money.Unit, true), order(1, 1, 5*money.Unit, false),
		order(2, 1, money.Unit/2, true), order(1, 2, 3, false), late, none, below,
	}
	for i := 3; i < 23; i++ { // together more than 64 bits of nanos hold
		events = append(events, order(1, byte(10+i), money.Cap, false))
	}
	ctx := context.Background()
	for _, some := range [][]event.Event{events, events[:1], events[1:2], events[2:3], events} {
		if _, err := w.Book(ctx, some); err != nil {
			t.Fatal(err)
		}
		slices.Reverse(some)
	}
	want := Conversions{Verified: 2, VerifiedValue: 7*money.Unit + money.Unit/2, Unverified: 21, UnverifiedValue: 1<<63 - 1}
	if got, err := w.LineItemConversions(ctx, 3); err != nil || got != want {
		t.Errorf("the line item has %+v, %v; want %+v", got, err, want)
	}
	if got, err := w.CampaignConversions(ctx, 2); err != nil || got != want {
		t.Errorf("the campaign has %+v, %v; want %+v", got, err, want)
	}
	if got, err := w.LineItemConversions(ctx, 4); err != nil || got != (Conversions{}) {
		t.Errorf("another line item has %+v, %v", got, err)
	}
	var rows int
	if err := w.db.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM bookings) + (SELECT COUNT(*) FROM balances)`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d bookings and balances, %v; want none", rows, err)
	}
}
