package reconcile

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

func TestMain(m *testing.M) {
	// Every round is some dozens of synced transactions; -rapid.checks asks for
	// more.
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

const (
	monday  = event.Period(20260309)
	tuesday = event.Period(20260310)
)

// world is a ledger with an exchange and three line items: two of one
// campaign, one of another.
type world struct {
	*ledger.Ledger
	t         testing.TB
	store     *store.Store
	exchange  campaign.Exchange
	zone      *time.Location
	items     []campaign.LineItem
	creatives []campaign.Creative
	bids      uint64
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldWithFees(t, campaign.FeeRule{})
}

func newWorldWithFees(t testing.TB, fees campaign.FeeRule) *world {
	t.Helper()
	w := &world{t: t}
	ctx, now := context.Background(), clock.NewManual(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	var err error
	check := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.zone, err = time.LoadLocation("America/New_York")
	check()
	w.store, err = store.Open(ctx, store.Config{DSN: "file:" + filepath.Join(t.TempDir(), "tangent.db"), Clock: now})
	check()
	t.Cleanup(func() { w.store.Close() })
	w.Ledger, err = ledger.New(ctx, w.store.DB(), ledger.Config{Clock: now})
	check()
	a, err := w.store.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "Europe/Berlin", Currency: "EUR"})
	check()
	for i := range 2 {
		c, err := w.store.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: a.ID, Name: fmt.Sprint("Campaign ", i), Budget: campaign.Budget{Lifetime: 1000 * money.Unit, Daily: 50 * money.Unit}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 - i {
			li, err := w.store.CreateLineItem(ctx, campaign.LineItem{CampaignID: c.ID, Name: "Boots", Goal: campaign.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: money.Unit})
			if err != nil {
				t.Fatal(err)
			}
			cr, err := w.store.CreateCreative(ctx, campaign.Creative{LineItemID: li.ID, Name: "Banner", Size: campaign.Size{W: 300, H: 250},
				Markup: "<a href=\"${CLICK_URL}\">boots</a>", LandingURL: "https://shoes.example.com/", Domains: []string{"shoes.example.com"}})
			if err != nil {
				t.Fatal(err)
			}
			w.items, w.creatives = append(w.items, li), append(w.creatives, cr)
		}
	}
	w.newExchange("example-exchange")
	if fees != (campaign.FeeRule{}) {
		fees.AdvertiserID = a.ID
		_, err = w.store.AddFeeRule(ctx, fees)
		check()
	}
	now.Advance(50 * 24 * time.Hour)
	return w
}

func (w *world) newExchange(name string) {
	w.t.Helper()
	var err error
	w.exchange, err = w.store.CreateExchange(context.Background(), campaign.Exchange{Name: name, Seat: "1", Currency: "EUR",
		BillingEvent: campaign.BillOnBilling, NoBid: campaign.NoBid204, DefaultTMax: 100 * time.Millisecond, NetworkMargin: 10 * time.Millisecond,
		WinDeadline: time.Minute, Horizon: time.Hour})
	if err != nil {
		w.t.Fatal(err)
	}
}

// notice returns the billing notice of a line item, of a bid of 10 at 10:00
// of a day in the exchange's zone.
func (w *world) notice(item int, day event.Period, price string) event.Event {
	w.t.Helper()
	w.bids++
	li := &w.items[item]
	now := at(day, 10, w.zone)
	c, err := w.store.GetCampaign(context.Background(), li.CampaignID)
	if err != nil {
		w.t.Fatal(err)
	}
	return event.Event{
		Kind: event.KindBilling, Bid: event.NewBidID(1, w.bids), Billable: true, IssuedAt: now, OccurredAt: now, ReceivedAt: now,
		Exchange: w.exchange.ID, Advertiser: li.AdvertiserID, Campaign: li.CampaignID, LineItem: li.ID, Creative: w.creatives[item].ID,
		Nodes:    []event.NodePeriod{{Node: c.Budget.LifetimeNode}},
		Currency: "EUR", BidPrice: 10 * money.Unit, Price: w.amount(price), PriceState: event.PriceOK,
	}
}

func (w *world) amount(text string) money.Nanos {
	w.t.Helper()
	n, err := money.Parse(text)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) book(events ...event.Event) {
	w.t.Helper()
	if _, err := w.Book(context.Background(), events); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) config() Config {
	return Config{Store: w.store, Ledger: w.Ledger, Exchange: w.exchange.Name, Zone: w.zone}
}

// compare compares the lines of a report. $0 to $2 are the ids of line items,
// $a to $c of their creatives, $x and $y of campaigns.
func (w *world) compare(c Config, report string) *Result {
	w.t.Helper()
	r, err := Compare(context.Background(), c, strings.NewReader(w.ids(report)))
	if err != nil {
		w.t.Fatalf("%v of\n%s", err, report)
	}
	return r
}

func (w *world) ids(report string) string {
	var pairs []string
	for i := range w.items {
		pairs = append(pairs, fmt.Sprintf("$%d", i), fmt.Sprint(int64(w.items[i].ID)),
			fmt.Sprintf("$%c", 'a'+i), fmt.Sprint(int64(w.creatives[i].ID)))
	}
	pairs = append(pairs, "$x", fmt.Sprint(int64(w.items[0].CampaignID)), "$y", fmt.Sprint(int64(w.items[2].CampaignID)))
	return strings.NewReplacer(pairs...).Replace(report)
}

// found is a result in short: "2026-03-09 0 unnotified 1.5; ...".
func (w *world) found(r *Result) string {
	var all []string
	for _, d := range r.Differences {
		who := "campaign " + fmt.Sprint(int64(d.Campaign))
		for i := range w.items {
			if w.items[i].ID == d.LineItem {
				who = fmt.Sprint(i)
			}
		}
		all = append(all, fmt.Sprintf("%s %s %v %v", d.Day, who, d.Reason, d.Amount))
	}
	return strings.Join(all, "; ")
}

func (w *world) correct(r *Result, only ...Reason) ledger.Corrected {
	w.t.Helper()
	done, err := Book(context.Background(), w.Ledger, r, "auditor", only...)
	if err != nil {
		w.t.Fatal(err)
	}
	return done
}

// booked returns what is booked of the campaign of a line item, for ever.
func (w *world) booked(item int) money.Nanos {
	w.t.Helper()
	all, err := w.Report(context.Background(), ledger.Filter{Campaigns: []event.CampaignID{w.items[item].CampaignID}})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range all {
		if !r.Daily {
			return r.Booked
		}
	}
	return 0
}
