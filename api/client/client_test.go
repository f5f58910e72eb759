package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/api"
	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient returns an admin's client of an API of its own.
func newClient(t *testing.T) *client.Client {
	t.Helper()
	c, _ := newClientAndStore(t)
	return c
}

func newClientAndStore(t *testing.T) (*client.Client, *store.Store) {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, store.Config{DSN: "file:" + filepath.Join(t.TempDir(), "tangent.db"), Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	key, _, err := st.CreateKey(ctx, "test", store.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	book, err := ledger.New(ctx, st.DB(), ledger.Config{Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := api.New(api.Config{
		Store: st, Keys: st, Delivery: noDelivery{}, Ledger: book, Clock: clock.Real(),
		Service: func(context.Context) v1.Service { return v1.Service{Version: "test", Roles: []string{"control"}} },
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := client.New(client.Config{URL: server.URL + "/", Key: key, HTTP: server.Client()})
	if err != nil {
		t.Fatal(err)
	}
	return c, st
}

type noDelivery struct{}

func (noDelivery) CampaignDelivery(context.Context, event.CampaignID) (v1.Delivery, error) {
	return v1.Delivery{Currency: "EUR", Periods: []v1.DeliveryPeriod{{Window: "lifetime", Booked: 7}}}, nil
}

func (noDelivery) AdvertiserBalance(_ context.Context, id event.AdvertiserID) (v1.Balance, error) {
	return v1.Balance{AdvertiserID: id, Currency: "EUR", Kind: "prepaid", Available: 9}, nil
}

func (noDelivery) LineItemWhy(_ context.Context, id event.LineItemID, days int) (v1.Why, error) {
	return v1.Why{LineItemID: id, Bids: int64(days)}, nil
}

func (noDelivery) LineItemFrontier(_ context.Context, id event.LineItemID) (v1.Frontier, error) {
	return v1.Frontier{LineItemID: id, Samples: 7}, nil
}

func (noDelivery) LineItemPacing(_ context.Context, id event.LineItemID) (v1.Pacing, error) {
	return v1.Pacing{LineItemID: id, Multiplier: 0.5}, nil
}

func (noDelivery) LineItemDelivery(context.Context, event.LineItemID) (v1.Delivery, error) {
	return v1.Delivery{}, fmt.Errorf("cannot read: %w", store.ErrNotFound)
}

// Given an empty server, when a program sets up a campaign and works with it,
// then every call does what its name says.
func TestSetUpACampaign(t *testing.T) {
	ctx := context.Background()
	c, st := newClientAndStore(t)
	exchange, err := c.Exchanges.Create(ctx, v1.ExchangeSpec{
		Name: "example-exchange", Seat: "s1", Currency: "EUR", BillingEvent: campaign.BillOnBilling, NoBid: campaign.NoBid204,
		DefaultTMaxMS: 120, NetworkMarginMS: 20, WinDeadlineSeconds: 300, HorizonSeconds: 3600,
	})
	if err != nil {
		t.Fatal(err)
	}
	advertiser, err := c.Advertisers.Create(ctx, v1.AdvertiserSpec{Name: "Example Shoes", TimeZone: "Europe/Berlin", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	winter, err := c.Campaigns.Create(ctx, v1.CampaignSpec{
		AdvertiserID: advertiser.ID, Name: "Winter", Status: campaign.Paused, Budget: v1.Budget{Daily: 250 * money.Unit},
	})
	if err != nil {
		t.Fatal(err)
	}
	mobile, err := c.LineItems.Create(ctx, v1.LineItemSpec{
		CampaignID: winter.ID, Name: "Mobile", Goal: v1.Goal{Kind: campaign.CPM, Amount: 2 * money.Unit}, MaxBidCPM: 4 * money.Unit,
		Targeting:     v1.Targeting{Exchanges: campaign.Only(exchange.ID), Sizes: campaign.Only(v1.Size{W: 300, H: 250})},
		FrequencyCaps: []v1.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 3, WindowSeconds: 3600}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Creatives.Create(ctx, v1.CreativeSpec{
		LineItemID: mobile.ID, Name: "Boots", Size: v1.Size{W: 300, H: 250}, Markup: `<a href="${CLICK_URL}">boots</a>`,
		LandingURL: "https://example.com/boots", Domains: []string{"example.com"}, Secure: true,
	}); err != nil {
		t.Fatal(err)
	}

	if winter, err = c.Campaigns.Resume(ctx, winter.ID); err != nil || winter.Status != campaign.Active {
		t.Fatalf("resumed: %+v, %v", winter, err)
	}
	winter, err = c.Campaigns.Update(ctx, winter.ID, map[string]any{"budget": map[string]any{"daily": 300 * money.Unit}})
	if err != nil || winter.Budget.Daily != 300*money.Unit {
		t.Fatalf("updated: %+v, %v", winter, err)
	}
	if got, err := c.Campaigns.Get(ctx, winter.ID); err != nil || got != winter {
		t.Fatalf("got %+v, %v; want %+v", got, err, winter)
	}
	if mobile, err = c.LineItems.Pause(ctx, mobile.ID); err != nil || mobile.Status != campaign.Paused {
		t.Fatalf("paused: %+v, %v", mobile, err)
	}
	if mobile, err = c.LineItems.Archive(ctx, mobile.ID); err != nil || mobile.Status != campaign.Archived {
		t.Fatalf("archived: %+v, %v", mobile, err)
	}
	if d, err := c.CampaignDelivery(ctx, winter.ID); err != nil || d.Periods[0].Booked != 7 {
		t.Fatalf("delivery: %+v, %v", d, err)
	}
	if got, err := c.Advertisers.Update(ctx, advertiser.ID, map[string]any{"funding": map[string]any{"kind": "prepaid"}}); err != nil || got.Funding.Kind != "prepaid" {
		t.Errorf("funded: %+v, %v", got, err)
	}
	payment := v1.PaymentSpec{Amount: 5 * money.Unit, Reason: "December", Reference: "TR-1"}
	if got, err := c.Pay(ctx, advertiser.ID, payment); err != nil || !got.Booked || got.Kind != "deposit" || got.Currency != "EUR" {
		t.Errorf("paid: %+v, %v", got, err)
	}
	if got, err := c.Pay(ctx, advertiser.ID, payment); err != nil || got.Booked {
		t.Errorf("paid again: %+v, %v", got, err)
	}
	if page, err := c.Payments(ctx, advertiser.ID, 0, 1); err != nil || len(page.Items) != 1 || page.Items[0].Reference != "TR-1" {
		t.Errorf("payments: %+v, %v", page, err)
	}
	if got, err := c.Balance(ctx, advertiser.ID); err != nil || got.Available != 9 {
		t.Errorf("balance: %+v, %v", got, err)
	}
	if _, err := st.DB().Exec(`INSERT INTO balances (node, period, booked) SELECT id, 0, 10000000000 FROM budget_nodes WHERE "window" = 'lifetime'
		ON CONFLICT (node, period) DO UPDATE SET booked = excluded.booked`); err != nil {
		t.Fatal(err)
	}
	credit := v1.CreditSpec{Amount: 5 * money.Unit, Date: "2026-03-01", Reason: "late start", Reference: "CN-1"}
	if got, err := c.CreditCampaign(ctx, winter.ID, credit); err != nil || !got.Booked || got.Kind != "credit" || got.Currency != "EUR" {
		t.Fatalf("credited: %+v, %v", got, err)
	}
	if got, err := c.CreditCampaign(ctx, winter.ID, credit); err != nil || got.Booked {
		t.Fatalf("credited again: %+v, %v", got, err)
	}
	credit.Reference = "CN-2"
	if got, err := c.CreditLineItem(ctx, mobile.ID, credit); err != nil || !got.Booked {
		t.Fatalf("credited: %+v, %v", got, err)
	}
	if page, err := c.Corrections(ctx, 1, 10); err != nil || len(page.Items) != 1 || page.Items[0].LineItemID != mobile.ID || page.Items[0].By != "test" {
		t.Fatalf("corrections: %+v, %v", page, err)
	}
	rule, err := c.AddFeeRule(ctx, advertiser.ID, v1.FeeRuleSpec{EffectiveFrom: campaign.LocalTimeOf(time.Now().AddDate(1, 0, 0)), MarkupPPM: 1})
	if err != nil || rule.ID != 1 {
		t.Fatalf("fees: %+v, %v", rule, err)
	}
	if page, err := c.FeeRules(ctx, advertiser.ID, 0, 1); err != nil || len(page.Items) != 1 || page.Items[0] != rule {
		t.Fatalf("fees: %+v, %v", page, err)
	}
	if g, err := c.StopBidding(ctx, "a test"); err != nil || !g.Stopped || g.By != "test" {
		t.Fatalf("stopped: %+v, %v", g, err)
	}
	if g, err := c.Guard(ctx); err != nil || !g.Stopped || g.Reason != "a test" {
		t.Fatalf("guard: %+v, %v", g, err)
	}
	if g, err := c.ResumeBidding(ctx, "it is over"); err != nil || g.Stopped {
		t.Fatalf("resumed: %+v, %v", g, err)
	}
	if s, err := c.Status(ctx); err != nil || s.Version != "test" {
		t.Fatalf("status: %+v, %v", s, err)
	}
}

func TestRates(t *testing.T) {
	ctx, c := context.Background(), newClient(t)
	spec := v1.RateTableSpec{Source: "Example Bank", Base: "EUR", EffectiveFrom: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
		Quotes: []v1.RateQuote{{Currency: "GBP", Rate: 87 * money.QuoteOne / 100}, {Currency: "USD", Rate: 5 * money.QuoteOne / 4}}}
	first, err := c.AddRates(ctx, spec)
	if err != nil || first.ID != 1 || first.Source != spec.Source || !slices.Equal(first.Quotes, spec.Quotes) {
		t.Fatalf("added %+v, %v; want %+v", first, err, spec)
	}
	var failure *client.Error
	if _, err := c.AddRates(ctx, spec); !errors.As(err, &failure) || failure.Status != http.StatusConflict {
		t.Errorf("added again: %v", err)
	}
	spec.EffectiveFrom = spec.EffectiveFrom.AddDate(0, 0, 1)
	if second, err := c.AddRates(ctx, spec); err != nil || second.ID != 2 || !second.EffectiveFrom.Equal(spec.EffectiveFrom) {
		t.Fatalf("the next day: %+v, %v", second, err)
	}
	page, err := c.Rates(ctx, 0, 1)
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != 1 || page.NextAfter != 1 {
		t.Errorf("the first page is %+v, %v", page, err)
	}
	page, err = c.Rates(ctx, page.NextAfter, 0)
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != 2 || page.NextAfter != 0 {
		t.Errorf("the last page is %+v, %v", page, err)
	}
}

func TestAllReadsEveryPage(t *testing.T) {
	ctx, c := context.Background(), newClient(t)
	for i := range 101 { // one more than a page
		if _, err := c.Advertisers.Create(ctx, v1.AdvertiserSpec{Name: fmt.Sprint("Example ", i), TimeZone: "UTC", Currency: "EUR"}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for a, err := range c.Advertisers.All(ctx, 0) {
		if n++; err != nil || int(a.ID) != n {
			t.Fatalf("number %d is %+v, %v", n, a, err)
		}
	}
	if n != 101 {
		t.Errorf("%d advertisers", n)
	}
	for range c.Advertisers.All(ctx, 0) {
		break // a caller may stop early
	}
	if page, err := c.Campaigns.List(ctx, 1, 5, 7); err != nil || len(page.Items) != 0 {
		t.Errorf("campaigns: %+v, %v", page, err)
	}
}

func TestErrorsSayWhatTheServerSaid(t *testing.T) {
	ctx, c := context.Background(), newClient(t)
	_, err := c.Campaigns.Create(ctx, v1.CampaignSpec{AdvertiserID: 1})
	var failure *client.Error
	if !errors.As(err, &failure) || failure.Status != http.StatusUnprocessableEntity || len(failure.Errors) == 0 ||
		!strings.Contains(err.Error(), "cannot POST /v1/campaigns: 422") || !strings.Contains(err.Error(), "body.name") {
		t.Errorf("got %v", err)
	}
	if _, err := c.LineItemDelivery(ctx, 9); !errors.As(err, &failure) || failure.Status != http.StatusNotFound {
		t.Errorf("got %v", err)
	}
	for _, err := range c.Campaigns.All(canceled(), 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func TestKeyIsInNoError(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<html>bad gateway</html>", http.StatusBadGateway)
	}))
	defer proxy.Close()
	c, err := client.New(client.Config{URL: proxy.URL, Key: "tk_secret", HTTP: proxy.Client()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Status(context.Background()); err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "502 Bad Gateway") {
		t.Errorf("got %v", err)
	}
	for _, url := range []string{"", "127.0.0.1:80", "ftp://example.com", "http://user:pass@example.com", "http://example.com?key=tk_secret", "://"} {
		if _, err := client.New(client.Config{URL: url, Key: "tk_secret"}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Given a server without a shaded bid, when what shading saved is asked for,
// then the query arrives and the report is empty.
func TestShading(t *testing.T) {
	c, _ := newClientAndStore(t)
	day := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	r, err := c.Shading(context.Background(), client.ShadingQuery{By: "each", LineItem: 1, Exchange: 2, From: day, To: day})
	if err != nil || r.Items == nil || len(r.Items) != 0 {
		t.Errorf("the report is %+v, %v", r, err)
	}
	var failure *client.Error
	if _, err := c.Shading(context.Background(), client.ShadingQuery{By: "night"}); !errors.As(err, &failure) || failure.Status != http.StatusUnprocessableEntity {
		t.Errorf("by night: %v", err)
	}
}
