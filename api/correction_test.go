package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

func creditBody(amount, date, reference string) string {
	return fmt.Sprintf(`{"amount":%q,"date":%q,"reason":"wrong creative shown","reference":%q}`, amount, date, reference)
}

// Given what an exchange's report booked, when credits are given for a
// campaign and a line item, then they are entries beside it, each once, and the
// list has all of them.
func TestCredits(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	ctx := context.Background()
	if _, err := h.ledger.Correct(ctx, ledger.Correction{
		Kind: ledger.Reconciled, Reason: "unnotified", Reference: "march.csv:7", Exchange: f.exchange.ID,
		Account: ledger.Account{LineItem: f.lineItem.ID}, Day: 20260310, Currency: "EUR", Amount: 50 * money.Unit, By: "accounting",
	}); err != nil {
		t.Fatal(err)
	}
	campaign := fmt.Sprintf("/v1/campaigns/%d/credits", f.campaign.ID)
	lineItem := fmt.Sprintf("/v1/line-items/%d/credits", f.lineItem.ID)

	var first, again, other v1.Credit
	h.must("POST", lineItem, creditBody("12.5", "2026-03-10", "CN-1"), &first)
	h.must("POST", lineItem, creditBody("12.5", "2026-03-10", "CN-1"), &again)
	h.must("POST", campaign, strings.Replace(creditBody("0.000000001", "2026-03-11", "CN-2"), "{", `{"kind":"conversion",`, 1), &other)
	want := v1.Credit{Kind: "credit", Currency: "EUR", Booked: true, CreditSpec: v1.CreditSpec{
		Amount: 12*money.Unit + money.Unit/2, Date: "2026-03-10", Reason: "wrong creative shown", Reference: "CN-1"}}
	if first != want {
		t.Errorf("the first is %+v, want %+v", first, want)
	}
	if again.Booked {
		t.Error("one reference was booked twice")
	}
	if other.Kind != "conversion" || !other.Booked {
		t.Errorf("the other is %+v", other)
	}

	var page v1.Page[v1.Correction]
	h.must("GET", "/v1/corrections?limit=2", "", &page)
	if len(page.Items) != 2 || page.NextAfter == 0 {
		t.Fatalf("the first page is %+v", page)
	}
	reconciled, credited := page.Items[0], page.Items[1]
	if reconciled.Kind != "reconciliation" || reconciled.ExchangeID != f.exchange.ID || reconciled.By != "accounting" || reconciled.Overrun < 0 {
		t.Errorf("reconciled: %+v", reconciled)
	}
	if credited.AdvertiserID != f.advertiser.ID || credited.CampaignID != f.campaign.ID || credited.LineItemID != f.lineItem.ID || credited.Date != "2026-03-10" ||
		credited.Amount != -want.Amount || credited.Reference != "CN-1" || credited.By != "test" || time.Since(credited.BookedAt) > time.Minute {
		t.Errorf("credited: %+v", credited)
	}
	var rest v1.Page[v1.Correction]
	h.must("GET", fmt.Sprintf("/v1/corrections?after=%d", page.NextAfter), "", &rest)
	if len(rest.Items) != 1 || rest.NextAfter != 0 || rest.Items[0].LineItemID != 0 || rest.Items[0].Amount != -1 {
		t.Errorf("the second page is %+v", rest)
	}
	balances, err := h.ledger.Report(ctx, ledger.Filter{Campaigns: []event.CampaignID{f.campaign.ID}})
	if err != nil {
		t.Fatal(err)
	}
	if b := balances[0]; b.Daily || b.Booked != 37_500_000_000-1 {
		t.Errorf("the lifetime budget has %+v", b)
	}
}

func TestCreditsThatAreRefused(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	path := fmt.Sprintf("/v1/campaigns/%d/credits", f.campaign.ID)
	h.spent(3 * money.Unit)
	h.must("POST", path, creditBody("1", "2026-03-10", "CN-1"), nil)
	tomorrow := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	for name, c := range map[string]struct {
		path, body string
		status     int
		place      string
	}{
		"zero":             {path, creditBody("0", "2026-03-10", "x"), 422, "body.amount must be above 0"},
		"negative":         {path, creditBody("-1", "2026-03-10", "x"), 422, "body.amount must be above 0"},
		"number":           {path, `{"amount":1,"date":"2026-03-10","reason":"r","reference":"x"}`, 422, "body.amount"},
		"too much":         {path, creditBody("99999999999", "2026-03-10", "x"), 422, "body.amount"},
		"future":           {path, creditBody("1", tomorrow, "x"), 422, "body.date must not be in the future"},
		"no day":           {path, creditBody("1", "2026-02-30", "x"), 422, "body.date"},
		"no date":          {path, `{"amount":"1","reason":"r","reference":"x"}`, 422, "body.date is required"},
		"no reference":     {path, creditBody("1", "2026-03-10", ""), 422, "body.reference"},
		"long in bytes":    {path, creditBody("1", "2026-03-10", strings.Repeat("ß", 101)), 422, "body.reference must be at most 200 bytes"},
		"unknown kind":     {path, strings.Replace(creditBody("1", "2026-03-10", "x"), "{", `{"kind":"reconciliation",`, 1), 422, "body.kind"},
		"long ago":         {path, creditBody("1", "0001-01-01", "x"), 422, "body.date must not be before"},
		"the ledger's own": {path, creditBody("1", "2026-03-10", "reversal of 2"), 422, "body.reference must not begin with"},
		"other amount":     {path, creditBody("2", "2026-03-10", "CN-1"), 409, ""},
		"other day":        {path, creditBody("1", "2026-03-11", "CN-1"), 409, ""},
		"other reason":     {path, strings.Replace(creditBody("1", "2026-03-10", "CN-1"), "wrong", "right", 1), 409, ""},
		"other item":       {fmt.Sprintf("/v1/line-items/%d/credits", f.lineItem.ID), creditBody("1", "2026-03-10", "CN-1"), 409, ""},
		"than is booked":   {path, creditBody("2.5", "2026-03-10", "x"), 409, ""},
		"nobody's":         {"/v1/campaigns/999/credits", creditBody("1", "2026-03-10", "x"), 404, ""},
		"no line item":     {"/v1/line-items/999/credits", creditBody("1", "2026-03-10", "x"), 404, ""},
		"no exchange has":  {path, strings.Replace(creditBody("1", "2026-03-10", "x"), "{", `{"exchange_id":1,`, 1), 422, "body.exchange_id"},
	} {
		if a := h.send("POST", c.path, c.body); a.status != c.status || !strings.Contains(a.places(), c.place) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	all, err := h.ledger.Corrections(context.Background(), 0, 100)
	if err != nil || len(all) != 1 {
		t.Errorf("what was refused was booked: %+v, %v", all, err)
	}
	if log := h.log.String(); log != "" {
		t.Errorf("mistakes of callers were logged: %s", log)
	}
}

// A key's name may be longer than what the ledger keeps of it.
func TestCreditByALongName(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	plain, _, err := h.store.CreateKey(context.Background(), "x"+strings.Repeat("ß", 199), store.RoleAdmin)
	if err != nil {
		t.Fatal(err)
	}
	h.spent(money.Unit)
	a := h.send("POST", fmt.Sprintf("/v1/campaigns/%d/credits", f.campaign.ID), creditBody("1", "2026-03-10", "CN-1"), authorization("Bearer "+plain))
	all, err := h.ledger.Corrections(context.Background(), 0, 1)
	if err != nil || a.status != 200 || len(all) != 1 || all[0].By != "x"+strings.Repeat("ß", 49) {
		t.Errorf("%d %s, %+v, %v", a.status, a.body, all, err)
	}
}
