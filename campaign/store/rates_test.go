package store

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Given a source that states rates, when tables are added, then they read back
// to the last digit, are in the changes, and are what money is converted by;
// none is stated again otherwise.
func testRateTables(t *testing.T, w *world) {
	ctx := context.Background()
	before := must(w.Changes(ctx, 0))(t)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	table := func(source string, at time.Time) campaign.RateTable {
		return campaign.RateTable{Source: source, Base: "EUR", Start: at,
			Quotes: []campaign.Quote{{Currency: "USD", Units: 1_085_000_000_001}, {Currency: "JPY", Units: 162_350_000_000_000}}}
	}
	first := must(w.AddRateTable(ctx, table("Example Bank", day.Add(1234567))))(t)
	second := must(w.AddRateTable(ctx, table("Example Bank", day.Add(time.Hour))))(t)
	other := must(w.AddRateTable(ctx, table("Example Broker", day)))(t)
	if first.ID == 0 || second.ID == first.ID || first.Quotes[0].Currency != "JPY" || !first.Start.Equal(day.Add(time.Millisecond)) {
		t.Errorf("added were %+v and %+v", first, second)
	}
	want := []campaign.RateTable{first, second, other}
	if list := must(w.ListRateTables(ctx, Filter{}))(t); !reflect.DeepEqual(list, want) {
		t.Errorf("listed are %+v, want %+v", list, want)
	}
	if ch := must(w.Changes(ctx, before.Revision))(t); ch.Empty() || !reflect.DeepEqual(ch.RateTables, want) {
		t.Errorf("changed were %+v", ch.RateTables)
	}
	for _, at := range []time.Time{day.Add(time.Hour), day} {
		if _, err := w.AddRateTable(ctx, table("Example Bank", at)); !errors.Is(err, ErrConflict) {
			t.Errorf("a table that is not newer: %v", err)
		}
	}
	var p campaign.Problems
	if _, err := w.AddRateTable(ctx, campaign.RateTable{Source: "Example Bank", Base: "EUR", Start: day.AddDate(0, 0, 1)}); !errors.As(err, &p) {
		t.Errorf("a table without quotes: %v", err)
	}
	latest, ok, err := w.LatestRateTable(ctx, "Example Bank", "EUR")
	if err != nil || !ok || !reflect.DeepEqual(latest, second) {
		t.Errorf("the newest is %+v, %v, %v", latest, ok, err)
	}
	if _, ok, err := w.LatestRateTable(ctx, "Example Bank", "USD"); ok || err != nil {
		t.Errorf("a base that it never stated: %v, %v", ok, err)
	}
	err = InTx(ctx, w.DB(), func(tx *sql.Tx) error {
		some := must(RateTablesOf(ctx, tx, []uint32{second.ID, first.ID, 4_000_000_000}))(t)
		if !reflect.DeepEqual(some, campaign.RateTables{first, second}) {
			t.Errorf("by id they are %+v", some)
		}
		at := must(RateTablesAt(ctx, tx, day))(t)
		if !reflect.DeepEqual(at, campaign.RateTables{other}) {
			t.Errorf("at %v they are %+v", day, at)
		}
		currencies := must(CurrenciesOf(ctx, tx, []event.AdvertiserID{w.advertiser.ID, 999}))(t)
		if !reflect.DeepEqual(currencies, map[event.AdvertiserID]string{w.advertiser.ID: "EUR"}) {
			t.Errorf("currencies are %v", currencies)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
