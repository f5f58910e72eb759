package store

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// conformance is what a store does on every database. empty returns the DSN
// of an empty one.
func conformance(t *testing.T, empty func(testing.TB) string) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, w *world)
	}{
		{"what is created reads back", testCreate},
		{"what is updated reads back", testUpdate},
		{"statuses", testStatus},
		{"parents", testParents},
		{"advertisers keep their money", testFixedMoney},
		{"fee rules are added and stay", testFeeRules},
		{"inventory lists", testInventory},
		{"exchange rates are added and stay", testRateTables},
		{"invalid things change nothing", testInvalid},
		{"hostile texts are texts", testHostile},
		{"lists come in pages", testPages},
		{"exchange names are unique", testExchangeNames},
		{"budget nodes keep their ids", testNodes},
		{"an advertiser's funding", testFunding},
		{"budget nodes follow flights", testNodeFlights},
		{"minimum delivery", testMinDelivery},
		{"batches are all or nothing", testBatch},
		{"changes", testChanges},
		{"following changes", testFollowing},
		{"rows come in parts", testRowsInParts},
		{"changes are of one instant", testChangesSnapshot},
		{"performance of creatives", testPerformance},
		{"keys", testKeys},
		{"conversion keys", testConversionKeys},
		{"writers in parallel", testParallelWriters},
		{"a cancelled write changes nothing", testCancelled},
		{"opening again keeps everything", testOpenAgain},
		{"the database holds the rules too", testConstraints},
		{"processes in parallel", testProcesses},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, newWorld(t, empty(t))) })
	}
}

func TestSQLite(t *testing.T) { conformance(t, newFile) }

func TestPostgreSQL(t *testing.T) { conformance(t, newDatabase) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newFile(tb testing.TB) string {
	return "file:" + filepath.Join(tb.TempDir(), "campaigns.db")
}

func open(tb testing.TB, dsn string) *Store {
	tb.Helper()
	s, err := Open(context.Background(), Config{DSN: dsn, Clock: clock.NewManual(start)})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

// world is a store with one thing of each kind.
type world struct {
	*Store
	dsn        string
	exchange   campaign.Exchange
	advertiser campaign.Advertiser
	campaign   campaign.Campaign
	lineItem   campaign.LineItem
	creative   campaign.Creative
}

func newWorld(tb testing.TB, dsn string) *world {
	tb.Helper()
	s := open(tb, dsn)
	ctx, w := context.Background(), &world{Store: s, dsn: dsn}
	w.exchange = must(s.CreateExchange(ctx, campaign.Exchange{Name: "example-exchange", Seat: "1", Currency: "EUR", OtherCurrencies: []string{"USD", "GBP"}, BillingEvent: campaign.BillOnBilling,
		NoBid: campaign.NoBidNBR, DefaultTMax: 120 * time.Millisecond, NetworkMargin: 20 * time.Millisecond, WinDeadline: time.Minute, Horizon: time.Hour}))(tb)
	w.advertiser = must(s.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "Europe/Berlin", Currency: "EUR"}))(tb)
	w.campaign = must(s.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: w.advertiser.ID, Name: "Spring",
		Flight: campaign.Flight{Start: local(tb, "2026-03-01"), End: local(tb, "2026-04-01")}, Budget: campaign.Budget{Lifetime: 1000 * money.Unit, Pacing: campaign.PaceAhead}}))(tb)
	w.lineItem = must(s.CreateLineItem(ctx, w.newLineItem("Runners")))(tb)
	w.creative = must(s.CreateCreative(ctx, w.newCreative("Banner")))(tb)
	return w
}

func (w *world) newLineItem(name string) campaign.LineItem {
	return campaign.LineItem{CampaignID: w.campaign.ID, Name: name, Budget: campaign.Budget{Daily: 20 * money.Unit, Pacing: campaign.PaceEven},
		Goal: campaign.Goal{Kind: campaign.CPC, Amount: money.Unit / 2}, MaxBidCPM: 4*money.Unit + money.Micro, ClickRate: 0.1234567890123456,
		ConversionRate: 0.0123456789012345, ConversionRatePer: campaign.PerClick, OrderValue: 80*money.Unit + 1,
		Limits: campaign.Limits{CostPerClick: money.Unit, CostPerAction: 20 * money.Unit, ReturnOnSpend: 2.5}, MinDelivery: 0.25,
		Targeting: campaign.Targeting{Exchanges: campaign.Only(w.exchange.ID), Sizes: campaign.Only(campaign.Size{W: 300, H: 250}),
			Countries: campaign.List[string]{Include: []string{"DEU"}}, Segments: campaign.List[event.SegmentID]{Exclude: []event.SegmentID{4294967295}},
			Dayparts: []campaign.Daypart{{Days: []time.Weekday{time.Monday}, From: 8, To: 24}}},
		FrequencyCaps: []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 3, Window: time.Hour}},
		Curve:         campaign.FrequencyCurve{Level: campaign.CapCampaign, WindowSeconds: 3600, Factors: []float64{1, 0.5}},
		Modifiers:     []campaign.Modifier{{When: campaign.Targeting{Regions: campaign.Only("DE-BE")}, Factor: 1.25}}}
}

func (w *world) newCreative(name string) campaign.Creative {
	return campaign.Creative{LineItemID: w.lineItem.ID, Name: name, Size: campaign.Size{W: 300, H: 250}, Markup: `<a href="${CLICK_URL}">shoes</a>`,
		LandingURL: "https://shoes.example.com/", Domains: []string{"example.com"}, Categories: []string{"IAB18"}, Attributes: []int{1, 2}, Secure: true}
}

// must ends the test on an error: must(f())(t).
func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func local(tb testing.TB, s string) campaign.LocalTime {
	tb.Helper()
	return must(campaign.ParseLocalTime(s))(tb)
}

// wantProblem wants err to be about one field.
func wantProblem(t *testing.T, err error, field string) {
	t.Helper()
	var p campaign.Problems
	if !errors.As(err, &p) || !slices.ContainsFunc(p, func(q campaign.Problem) bool { return q.Field == field }) {
		t.Errorf("error is %v, want a problem with %q", err, field)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error is %v, want %v", err, want)
	} else if strings.Contains(err.Error(), "SELECT") {
		t.Errorf("error shows SQL: %v", err)
	}
}
