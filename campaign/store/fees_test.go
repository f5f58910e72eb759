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
	"github.com/tangent-dsp/tangent/money"
)

// Given an advertiser in Berlin, when rules are added in any order, then they
// read back with their instants, are in the changes, and are those that money
// is booked by; what is refused changes nothing.
func testFeeRules(t *testing.T, w *world) {
	ctx := context.Background()
	a, err := w.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "Europe/Berlin", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	other, err := w.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Hats", TimeZone: "UTC", Currency: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	local := func(text string) campaign.LocalTime {
		l, err := campaign.ParseLocalTime(text)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	before, err := w.Changes(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	summer := campaign.FeeRule{AdvertiserID: a.ID, EffectiveFrom: local("2026-07-01T00:00:00"), MarkupPPM: 150_000, DataCPM: money.Unit / 2, TechCPM: 1}
	spring := campaign.FeeRule{AdvertiserID: a.ID, EffectiveFrom: local("2026-03-02"), MarkupPPM: 1}
	for _, f := range []*campaign.FeeRule{&summer, &spring} {
		sent := *f
		if *f, err = w.AddFeeRule(ctx, sent); err != nil {
			t.Fatal(err)
		}
		sent.ID, sent.Start = f.ID, f.Start
		if *f != sent || f.ID == 0 {
			t.Errorf("%+v was added, want %+v", *f, sent)
		}
	}
	if want := time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC); !summer.Start.Equal(want) {
		t.Errorf("midnight in Berlin is %v, want %v", summer.Start, want)
	}
	list, err := w.ListFeeRules(ctx, Filter{ParentID: int64(a.ID)})
	if err != nil || !reflect.DeepEqual(list, []campaign.FeeRule{summer, spring}) {
		t.Errorf("listed are %+v, %v", list, err)
	}
	changes, err := w.Changes(ctx, before.Revision)
	if err != nil || changes.Empty() || !reflect.DeepEqual(changes.FeeRules, list) {
		t.Errorf("changes are %+v, %v", changes, err)
	}
	rulesOf := func() (rules map[event.AdvertiserID]campaign.FeeRules) {
		t.Helper()
		if err := InTx(ctx, w.DB(), func(tx *sql.Tx) (err error) {
			rules, err = FeeRulesOf(ctx, tx, []event.AdvertiserID{other.ID, a.ID, 999})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return rules
	}
	want := map[event.AdvertiserID]campaign.FeeRules{a.ID: {spring, summer}}
	if got := rulesOf(); !reflect.DeepEqual(got, want) {
		t.Errorf("booked by %+v, want %+v", got, want)
	}

	// now is noon UTC of the first of March.
	for name, c := range map[string]struct {
		change func(*campaign.FeeRule)
		want   error // nil: Problems
	}{
		"in the past":  {func(f *campaign.FeeRule) { f.EffectiveFrom = local("2026-03-01T12:00:00") }, nil}, // 11:00 UTC
		"too soon":     {func(f *campaign.FeeRule) { f.EffectiveFrom = local("2026-03-01T13:00:59") }, nil},
		"no markup":    {func(f *campaign.FeeRule) { f.MarkupPPM = -1 }, nil},
		"same instant": {func(f *campaign.FeeRule) { f.EffectiveFrom = summer.EffectiveFrom }, ErrConflict},
		"nobody's":     {func(f *campaign.FeeRule) { f.AdvertiserID = 999 }, ErrNotFound},
	} {
		f := campaign.FeeRule{AdvertiserID: a.ID, EffectiveFrom: local("2026-03-01T14:00:00")}
		c.change(&f)
		_, err := w.AddFeeRule(ctx, f)
		var p campaign.Problems
		if c.want == nil && !errors.As(err, &p) || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A day of fees cannot become another day.
	a.TimeZone = "UTC"
	if _, err := w.UpdateAdvertiser(ctx, a.ID, To(a)); err == nil {
		t.Error("the time zone changed")
	}
	if got := rulesOf(); !reflect.DeepEqual(got, want) {
		t.Errorf("what was refused changed the rules to %+v", got)
	}
}
