package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// books makes a data folder in which one line item was billed 1.5 EUR on 9
// March, and returns it with the line item's id.
func books(t *testing.T) (data string, lineItem int64) {
	t.Helper()
	ctx, data := t.Context(), t.TempDir()
	st, err := store.Open(ctx, store.Config{DSN: "file:" + filepath.Join(data, "tangent.db"), Clock: clock.Real()})
	check := func() {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check()
	defer st.Close()
	l, err := openLedger(ctx, st)
	check()
	ex, err := st.CreateExchange(ctx, campaign.Exchange{Name: "example-exchange", Seat: "1", Currency: "EUR", OtherCurrencies: []string{"USD"}, BillingEvent: campaign.BillOnBilling,
		NoBid: campaign.NoBid204, DefaultTMax: 100 * time.Millisecond, NetworkMargin: 10 * time.Millisecond, WinDeadline: time.Minute, Horizon: time.Hour})
	check()
	a, err := st.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example Shoes", TimeZone: "Europe/Berlin", Currency: "EUR"})
	check()
	c, err := st.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: a.ID, Name: "Spring", Budget: campaign.Budget{Lifetime: 100 * money.Unit}})
	check()
	li, err := st.CreateLineItem(ctx, campaign.LineItem{CampaignID: c.ID, Name: "Boots", Goal: campaign.Goal{Kind: campaign.CPM, Amount: money.Unit}, MaxBidCPM: money.Unit})
	check()
	_, err = st.AddRateTable(ctx, campaign.RateTable{Source: "Example Bank", Base: "EUR", Start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Quotes: []campaign.Quote{{Currency: "USD", Units: 5 * money.QuoteOne / 4}}})
	check()
	noon := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	_, err = l.Book(ctx, []event.Event{{
		Kind: event.KindBilling, Bid: event.NewBidID(1, 1), Billable: true, IssuedAt: noon, OccurredAt: noon, ReceivedAt: noon,
		Exchange: ex.ID, Advertiser: a.ID, Campaign: c.ID, LineItem: li.ID, Nodes: []event.NodePeriod{{Node: c.Budget.LifetimeNode}},
		Currency: "EUR", BidPrice: 2 * money.Unit, Price: 15e8, PriceState: event.PriceOK,
	}})
	check()
	return data, int64(li.ID)
}

// spent returns what the only campaign's budget bears.
func spent(t *testing.T, data string) money.Nanos {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{DSN: "file:" + filepath.Join(data, "tangent.db"), Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	l, err := openLedger(t.Context(), st)
	if err != nil {
		t.Fatal(err)
	}
	all, err := l.Report(t.Context(), ledger.Filter{})
	if err != nil || len(all) != 1 {
		t.Fatalf("the budgets are %+v, %v", all, err)
	}
	return all[0].Booked
}

func TestReconcile(t *testing.T) {
	data, lineItem := books(t)
	report, found := filepath.Join(data, "report.csv"), filepath.Join(data, "found.json")
	write := func(lines ...string) {
		t.Helper()
		text := "Day,Item,Imps,Net,Currency\n"
		for _, l := range lines {
			text += strings.ReplaceAll(l, "$", fmt.Sprint(lineItem)) + "\n"
		}
		if err := os.WriteFile(report, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reconcile := func(stdin string, args ...string) (int, string, string) {
		return tangent(t, stdin, append([]string{"reconcile", "--data-dir", data, "--exchange", "example-exchange",
			"--column", "line_item_id=Item", "--column", "amount=Net", "--json", found, report}, args...)...)
	}
	want := func(step string, status, wantStatus int, text string, parts ...string) {
		t.Helper()
		if status != wantStatus {
			t.Errorf("%s: exit status %d, want %d\n%s", step, status, wantStatus, text)
		}
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("%s: want %q in\n%s", step, p, text)
			}
		}
	}

	status, out, errs := tangent(t, "", "reconcile", "--help")
	want("help", status, 0, out+errs, "Usage: tangent reconcile")
	write("2026-03-09,$,1,1.5,EUR")
	status, out, errs = reconcile("")
	want("the same", status, 0, out+errs, "difference        0")

	write("2026-03-09,$,1,1.5,EUR", "2026-03-10,$,2,0.75,EUR")
	status, out, errs = reconcile("")
	want("a difference", status, 1, out+errs, "unnotified", "+0.75", "--book would book 1 correction, 0.75 EUR in all", "the report and the ledger differ")
	status, out, errs = reconcile("", "--tolerance", "0.75")
	want("tolerated", status, 0, out+errs)
	status, out, errs = reconcile("no\n", "--book")
	want("not confirmed", status, 1, out+errs, "Type yes: nothing was booked")
	status, out, errs = reconcile("", "--book")
	want("nobody answers", status, 1, out+errs, "nothing was booked")
	status, out, errs = reconcile("", "--book", "--confirm", "--only", "disputed")
	want("another reason", status, 1, out+errs)
	status, out, errs = reconcile("yes\n", "--book", "--by", "auditor")
	want("confirmed", status, 0, out+errs, "booked 1 correction, 0.75 EUR in all; 0 of it beyond budgets")
	b, err := os.ReadFile(found)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		Difference money.Nanos
		Booked     int `json:"corrections_booked"`
		File       string
	}
	if err := json.Unmarshal(b, &said); err != nil || said.Difference != 75e7 || said.Booked != 1 || len(said.File) != 71 {
		t.Errorf("JSON %+v, %v", said, err)
	}
	status, out, errs = reconcile("", "--book", "--confirm")
	want("once corrected", status, 0, out+errs, "corrected before  0.75", "difference        0")

	write("2026-03-09,$,1,1.5,EUR", "2026-03-10,$,2,0.75,EUR", "2026-03-10,4711,2,5,EUR")
	status, out, errs = reconcile("", "--book", "--confirm")
	want("a stranger", status, 1, out+errs, "line item 4711", "the report and the ledger differ")
	write("2026-03-09,$,1,1.5,EUR", "2026-03-10,$,2,\"0,75\",EUR")
	status, out, errs = reconcile("", "--book", "--confirm")
	want("unreadable", status, 1, out+errs, "line 3: cannot read amount", "0,75")
	status, out, errs = reconcile("", "--zone", "Europe/Nowhere")
	want("no such zone", status, 1, out+errs, "Europe/Nowhere")
	status, out, errs = reconcile("", "--confirm")
	want("confirm alone", status, 1, out+errs, "--confirm, --only and --by go with --book")
	status, out, errs = reconcile("", "--book", "--only", "kindness")
	want("no such reason", status, 1, out+errs, "no reason \"kindness\"")

	// Another currency that the exchange bills in is a report of its own, and
	// the advertiser pays in its own.
	status, out, errs = reconcile("", "--currency", "GBP")
	want("a currency that is not the exchange's", status, 1, out+errs, "example-exchange does not bill in GBP")
	write("2026-03-09,$,1,1.5,EUR")
	status, out, errs = reconcile("", "--currency", "USD")
	want("a line in the first currency", status, 1, out+errs, "line 2: it is in EUR, the report is compared in USD")
	write("2026-03-09,$,1,2.5,USD")
	status, out, errs = reconcile("", "--currency", "USD", "--book", "--confirm")
	want("in dollars", status, 0, out+errs, "amounts in USD", "0  0 notices", "booked 1 correction, 2.5 USD in all")
	status, out, errs = reconcile("", "--currency", "USD")
	want("once corrected in dollars", status, 0, out+errs, "corrected before  2.5", "difference        0")
	if got := spent(t, data); got != 15e8+75e7+2e9 {
		t.Errorf("the campaign's budget bears %v, want 1.5 + 0.75 + 2.5 / 1.25", got)
	}

	// The days that the report covers, and one of them has nothing.
	write("2026-03-10,$,2,0.75,EUR")
	status, out, errs = reconcile("", "--from", "2026-03-09", "--to", "2026-03-10")
	want("a day without lines", status, 1, out+errs, "unbilled", "-1.5")
}
