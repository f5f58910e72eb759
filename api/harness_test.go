package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/api"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// harness is the API over a store of its own.
type harness struct {
	t           *testing.T
	store       *store.Store
	ledger      *ledger.Ledger
	handler     http.Handler
	url         string
	admin, read string // keys
	changed     atomic.Int64
	log         lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newHarness(t *testing.T, edits ...func(*api.Config)) *harness {
	t.Helper()
	ctx := context.Background()
	st, err := store.Open(ctx, store.Config{DSN: "file:" + filepath.Join(t.TempDir(), "tangent.db"), Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	money, err := ledger.New(ctx, st.DB(), ledger.Config{Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, store: st, ledger: money}
	for role, key := range map[store.Role]*string{store.RoleAdmin: &h.admin, store.RoleRead: &h.read} {
		if *key, _, err = st.CreateKey(ctx, "test", role); err != nil {
			t.Fatal(err)
		}
	}
	cfg := api.Config{
		Store: st, Keys: st, Delivery: delivery{st, money}, Ledger: money, Clock: clock.Real(), Version: "v0.0.0-test",
		Service: func(context.Context) v1.Service {
			return v1.Service{Version: "v0.0.0-test", Roles: []string{"control"}, Ready: true, CatalogVersion: 7}
		},
		Changed: func() { h.changed.Add(1) },
		Logger:  slog.New(slog.NewTextHandler(&h.log, nil)),
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	handler, err := api.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	h.handler, h.url = handler, server.URL
	return h
}

// delivery stands for ledger and plan: it knows the campaigns of the store
// and reports the same amounts for each.
type delivery struct {
	store  *store.Store
	ledger *ledger.Ledger
}

func (d delivery) CampaignDelivery(ctx context.Context, id event.CampaignID) (v1.Delivery, error) {
	c, err := d.store.GetCampaign(ctx, id)
	if err != nil {
		return v1.Delivery{}, err
	}
	return v1.Delivery{Currency: "EUR", Conversions: v1.ConversionSums{Verified: 12, VerifiedValue: 1188*money.Unit + money.Unit/2, Unverified: 3, UnverifiedValue: 240 * money.Unit}, Periods: []v1.DeliveryPeriod{{
		Window: "lifetime", Budget: c.Budget.Lifetime, Booked: 3*money.Unit + 1, MediaCost: 2 * money.Unit, Outstanding: 500 * money.Micro, LateRisk: money.Unit / 4, Plan: 4 * money.Unit,
	}}}, nil
}

func (d delivery) LineItemDelivery(ctx context.Context, id event.LineItemID) (v1.Delivery, error) {
	_, err := d.store.GetLineItem(ctx, id)
	return v1.Delivery{Currency: "EUR"}, err
}

// LineItemWhy says that a line item of the store is paused.
func (d delivery) LineItemWhy(ctx context.Context, id event.LineItemID, days int) (v1.Why, error) {
	_, err := d.store.GetLineItem(ctx, id)
	return v1.Why{LineItemID: id, From: "2026-12-01", Bids: int64(days), Obstacles: []v1.Obstacle{{Code: "line_item_paused"}}}, err
}

// LineItemFrontier says that a line item of the store has met nothing yet.
func (d delivery) LineItemFrontier(ctx context.Context, id event.LineItemID) (v1.Frontier, error) {
	li, err := d.store.GetLineItem(ctx, id)
	return v1.Frontier{LineItemID: id, Name: li.Name, Currency: "EUR", Outcome: "impressions"}, err
}

// LineItemPacing says that nobody has stepped for a line item of the store.
func (d delivery) LineItemPacing(ctx context.Context, id event.LineItemID) (v1.Pacing, error) {
	li, err := d.store.GetLineItem(ctx, id)
	return v1.Pacing{LineItemID: id, Name: li.Name, Currency: "EUR", Budgets: []v1.PacingBudget{{Of: "campaign_daily", State: "unknown"}}}, err
}

// AdvertiserBalance reads the ledger, which payments move.
func (d delivery) AdvertiserBalance(ctx context.Context, id event.AdvertiserID) (v1.Balance, error) {
	rows, err := d.ledger.Report(ctx, ledger.Filter{Advertisers: []event.AdvertiserID{id}})
	if err != nil || len(rows) == 0 {
		return v1.Balance{}, cmp.Or(err, ledger.ErrUnfunded)
	}
	return v1.Balance{AdvertiserID: id, Currency: "EUR", Kind: "prepaid", Paid: rows[0].Paid, Available: rows[0].Limit}, nil
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	v1.Problem
}

// places lists what the problem's errors name.
func (a answer) places() string {
	var out []string
	for _, e := range a.Errors {
		out = append(out, e.Location+" "+e.Message)
	}
	return strings.Join(out, "\n")
}

// send makes a request as the admin; edits come last.
func (h *harness) send(method, path, body string, edits ...func(*http.Request)) answer {
	h.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, h.url+path, in)
	if err != nil {
		h.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	for _, edit := range edits {
		edit(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(data)}
	if resp.StatusCode >= 400 {
		if ct := resp.Header.Get("Content-Type"); ct != "application/problem+json" {
			h.t.Errorf("%s %s: an error of type %q", method, path, ct)
		}
		if err := json.Unmarshal(data, &a.Problem); err != nil || a.Problem.Status != a.status {
			h.t.Errorf("%s %s: not a problem: %v %s", method, path, err, data)
		}
	}
	return a
}

// must sends and wants success; out may be nil.
func (h *harness) must(method, path, body string, out any) {
	h.t.Helper()
	a := h.send(method, path, body)
	if a.status/100 != 2 {
		h.t.Fatalf("%s %s: %d %s", method, path, a.status, a.body)
	}
	if out != nil {
		if err := json.Unmarshal([]byte(a.body), out); err != nil {
			h.t.Fatalf("%s %s: %v: %s", method, path, err, a.body)
		}
	}
}

// Bodies of one valid thing of each kind.
const (
	advertiserBody = `{"name":"Example Shoes","time_zone":"Europe/Berlin","currency":"EUR"}`
	exchangeBody   = `{"name":"example-exchange","seat":"s1","currency":"EUR","billing_event":"billing","no_bid":"204",
		"default_tmax_ms":120,"network_margin_ms":20,"win_deadline_seconds":300,"horizon_seconds":3600}`
)

func campaignBody(advertiser event.AdvertiserID) string {
	return fmt.Sprintf(`{"advertiser_id":%d,"name":"Winter","flight":{"start":"2026-12-01T00:00:00","end":"2027-01-01"},
		"budget":{"lifetime":"5000","daily":"250.5"}}`, advertiser)
}

func lineItemBody(c event.CampaignID) string {
	return fmt.Sprintf(`{"campaign_id":%d,"name":"Mobile","goal":{"kind":"cpc","amount":"0.8"},"max_bid_cpm":"4.5","click_rate":0.002,
		"targeting":{"sizes":{"include":[{"w":300,"h":250}]},"countries":{"include":["DEU"]},"device_types":{"include":[1,4]},"segments":{"exclude":[7]},
		"dayparts":[{"days":[1,2],"from":8,"to":20}]},
		"frequency_caps":[{"level":"campaign","impressions":3,"window_seconds":86400}]}`, c)
}

func creativeBody(li event.LineItemID) string {
	return fmt.Sprintf(`{"line_item_id":%d,"name":"Boots","format":"banner","size":{"w":300,"h":250},"markup":"<a href=\"${CLICK_URL}\">boots</a>",
		"landing_url":"https://example.com/boots","domains":["example.com"],"categories":["IAB18"],"attributes":[2],"secure":true}`, li)
}

// family is one of each kind.
type family struct {
	advertiser v1.Advertiser
	campaign   v1.Campaign
	lineItem   v1.LineItem
	creative   v1.Creative
	exchange   v1.Exchange
}

func (h *harness) family() (f family) {
	h.t.Helper()
	h.must("POST", "/v1/exchanges", exchangeBody, &f.exchange)
	h.must("POST", "/v1/advertisers", advertiserBody, &f.advertiser)
	h.must("POST", "/v1/campaigns", campaignBody(f.advertiser.ID), &f.campaign)
	h.must("POST", "/v1/line-items", lineItemBody(f.campaign.ID), &f.lineItem)
	h.must("POST", "/v1/creatives", creativeBody(f.lineItem.ID), &f.creative)
	return f
}

// stored is everything in the store, to show that nothing changed.
// spent says that some of every lifetime budget is booked.
func (h *harness) spent(amount money.Nanos) {
	h.t.Helper()
	_, err := h.store.DB().Exec(`INSERT INTO balances (node, period, booked) SELECT id, 0, $1 FROM budget_nodes WHERE "window" = 'lifetime'`, int64(amount))
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) stored() string {
	h.t.Helper()
	changes, err := h.store.Changes(context.Background(), 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return fmt.Sprintf("%+v", changes)
}
