package bidder

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"
	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
	"github.com/tangent-dsp/tangent/pacing/frontier"
	"github.com/tangent-dsp/tangent/predict"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// people is an audience in memory.
type people struct {
	reads    int
	permit   audience.Permit // of the last read
	segments []event.SegmentID
	seen     []campaign.Exposure
	err      error
	slow     bool // has nothing by the deadline
	deadline time.Time
}

func (p *people) Read(deadline time.Time, permit audience.Permit, ids []audience.UserKey, to *audience.Profile) error {
	p.reads++
	p.deadline, p.permit = deadline, permit
	to.Reset()
	if p.slow {
		return audience.ErrTimeout
	}
	if p.err != nil {
		return p.err
	}
	to.Known = true
	to.Segments = append(to.Segments, p.segments...)
	to.Exposures = append(to.Exposures, p.seen...)
	return nil
}

// patient is how long requests may take that do not say: whoever asks here
// waits for a busy machine. No exchange may say more.
const patient = 10 * time.Second

// world is a bidder with one advertiser, one exchange and a purse.
type world struct {
	t        testing.TB
	bidder   *Bidder
	catalog  *catalog.Catalog
	holds    *pacing.Holds
	tokens   *openrtb.Keyring
	people   *people
	changes  campaign.Changes
	metrics  *prometheus.Registry
	switched Switch
	byItem   map[event.LineItemID]float64 // multipliers
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, people: &people{}, metrics: prometheus.NewRegistry(), byItem: map[event.LineItemID]float64{}}
	w.changes = campaign.Changes{
		Revision:    1,
		Advertisers: []campaign.Advertiser{{ID: 1, Name: "Example", Status: campaign.Active, TimeZone: "UTC", Currency: "USD"}},
		Campaigns: []campaign.Campaign{{ID: 1, AdvertiserID: 1, Name: "Shoes", Status: campaign.Active,
			Budget: campaign.Budget{Daily: 100 * money.Unit, DailyNode: 1}}},
		Exchanges: []campaign.Exchange{
			{ID: 1, Name: "alpha", Status: campaign.Active, Seat: "seat-1", Currency: "USD", BillingEvent: campaign.BillOnBilling,
				NoBid: campaign.NoBidNBR, DefaultTMax: patient, NetworkMargin: 20 * time.Millisecond,
				WinDeadline: time.Minute, Horizon: time.Hour},
			{ID: 2, Name: "beta", Status: campaign.Active, Seat: "seat-1", Currency: "USD", BillingEvent: campaign.BillOnImpression,
				NoBid: campaign.NoBid204, DefaultTMax: patient, NetworkMargin: 20 * time.Millisecond,
				WinDeadline: time.Minute, Horizon: time.Hour},
			{ID: 3, Name: "gamma", Status: campaign.Active, Seat: "seat-1", Currency: "USD", BillingEvent: campaign.BillOnWin,
				NoBid: campaign.NoBid204, DefaultTMax: patient, NetworkMargin: 20 * time.Millisecond,
				WinDeadline: time.Minute, Horizon: time.Hour},
		},
	}
	var err error
	market := clock.NewManual(noon)
	if w.catalog, err = catalog.New(catalog.Config{Clock: market}); err != nil {
		t.Fatal(err)
	}
	if w.holds, err = pacing.NewHolds(pacing.HoldsConfig{}); err != nil {
		t.Fatal(err)
	}
	if w.tokens, err = openrtb.NewKeyring([]openrtb.Key{{ID: 1, Secret: make([]byte, 32)}}); err != nil {
		t.Fatal(err)
	}
	keyer, err := audience.NewKeyer(audience.KeyerConfig{Secret: make([]byte, 32)})
	if err != nil {
		t.Fatal(err)
	}
	gate, err := audience.NewGate(audience.GateConfig{})
	if err != nil {
		t.Fatal(err)
	}
	w.bidder, err = New(Config{
		Catalog: w.catalog, Decoder: openrtb.NewDecoder(openrtb.DefaultLimits()), Gate: gate, Keyer: keyer, Audience: w.people,
		Model: predict.Fixed{}, Bids: event.NewBidIDs(7), Holds: w.holds, Counters: pacing.NewCollector(),
		Multipliers: func() *pacing.Multipliers { return pacing.NewMultipliers(3, w.byItem) },
		Samples:     frontier.NewSampler(0), Tokens: w.tokens, Clock: market, Switch: &w.switched, PublicURL: "https://bid.example.com/", Registerer: w.metrics,
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// item adds a line item that bids cpm for 300x250 anywhere, under any deal, as change shapes
// it, with one creative.
func (w *world) item(cpm string, change func(*campaign.LineItem, *campaign.Creative)) event.LineItemID {
	amount, err := money.Parse(cpm)
	if err != nil {
		w.t.Fatal(err)
	}
	id := event.LineItemID(len(w.changes.LineItems) + 1)
	li := campaign.LineItem{ID: id, CampaignID: 1, AdvertiserID: 1, Name: fmt.Sprint("item ", id), Status: campaign.Active,
		Goal: campaign.Goal{Kind: campaign.CPM, Amount: amount}, MaxBidCPM: 50 * money.Unit, Targeting: campaign.Targeting{AnyDeal: true}}
	c := campaign.Creative{ID: event.CreativeID(id), LineItemID: id, Name: "banner", Status: campaign.Active,
		Size: campaign.Size{W: 300, H: 250}, Markup: `<a href="${CLICK_URL}">shoes</a>`, LandingURL: "https://example.com/",
		Domains: []string{"example.com"}, Categories: []string{"IAB18-4"}, Attributes: []int{1}, Secure: true}
	if change != nil {
		change(&li, &c)
	}
	w.changes.LineItems = append(w.changes.LineItems, li)
	w.changes.Creatives = append(w.changes.Creatives, c)
	return id
}

// open publishes the catalog and gives the campaign's day an amount to spend.
func (w *world) open(purse money.Nanos) *world {
	w.t.Helper()
	if err := w.catalog.Apply(w.changes); err != nil {
		w.t.Fatal(err)
	}
	w.holds.Extend(noon.Add(time.Hour))
	if purse > 0 {
		w.holds.Grant(event.NodePeriod{Node: 1, Period: 20261201}, purse)
	}
	return w
}

const plain = `{"id":"r1","imp":[{"id":"i1","banner":{"w":300,"h":250},"bidfloor":0.1}],
	"site":{"domain":"news.example.org"},"device":{"geo":{"country":"USA"}},"user":{"id":"u1"},"cur":["USD"],"at":1}`

// post sends a body to exchange alpha, and returns the response.
func (w *world) post(body string) *fasthttp.Response { return w.postTo("alpha", body, nil) }

func (w *world) postTo(exchange, body string, change func(*fasthttp.Request)) *fasthttp.Response {
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI(Path + exchange)
	ctx.Request.SetBodyString(body)
	if change != nil {
		change(&ctx.Request)
	}
	w.bidder.Handle(&ctx)
	return &ctx.Response
}

// bids returns the bids of a response, read by another's types.
func (w *world) bids(r *fasthttp.Response) []openrtb2.Bid {
	w.t.Helper()
	if r.StatusCode() == fasthttp.StatusNoContent {
		return nil
	}
	if r.StatusCode() != fasthttp.StatusOK {
		w.t.Fatalf("status %d: %s", r.StatusCode(), r.Body())
	}
	var resp openrtb2.BidResponse
	if err := json.Unmarshal(r.Body(), &resp); err != nil {
		w.t.Fatalf("%v in %s", err, r.Body())
	}
	var all []openrtb2.Bid
	for _, s := range resp.SeatBid {
		all = append(all, s.Bid...)
	}
	return all
}

// count sums a metric over its labels but the reason.
func (w *world) count(metric string, why openrtb.Reason) float64 {
	w.t.Helper()
	families, err := w.metrics.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		if f.GetName() != metric {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "reason" && l.GetValue() == why.String() {
					sum += m.GetCounter().GetValue()
				}
			}
		}
	}
	return sum
}

var errGone = errors.New("gone")
