package api_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

func paymentBody(amount, reference string) string {
	return fmt.Sprintf(`{"amount":%q,"reason":"December","reference":%q}`, amount, reference)
}

func refundBody(amount, reference string) string {
	return strings.Replace(paymentBody(amount, reference), "{", `{"kind":"refund",`, 1)
}

// Given a prepaid advertiser, when it pays in and gets some back, then each is
// an entry, once, and the balance follows.
func TestPayments(t *testing.T) {
	h := newHarness(t)
	var a v1.Advertiser
	h.must("POST", "/v1/advertisers", strings.Replace(advertiserBody, "{", `{"funding":{"kind":"prepaid"},`, 1), &a)
	if a.Funding != (v1.Funding{Kind: "prepaid"}) {
		t.Fatalf("the advertiser is %+v", a)
	}
	path := fmt.Sprintf("/v1/advertisers/%d", a.ID)
	var first, again, back v1.PaymentResult
	h.must("POST", path+"/payments", paymentBody("50.00", "TR-1"), &first)
	h.must("POST", path+"/payments", paymentBody("50.00", "TR-1"), &again)
	h.must("POST", path+"/payments", refundBody("12.5", "RF-1"), &back)
	if p := first.Payment; !first.Booked || p.ID != 1 || p.AdvertiserID != a.ID || p.Kind != "deposit" || p.Amount != 50*money.Unit ||
		p.Currency != "EUR" || p.By != "test" || p.Reason != "December" || p.Reference != "TR-1" || p.BookedAt.IsZero() {
		t.Errorf("the first is %+v", first)
	}
	if again.Booked || again.ID != first.ID {
		t.Errorf("one reference was booked twice: %+v", again)
	}
	if back.Kind != "refund" || back.Amount != 12*money.Unit+money.Unit/2 {
		t.Errorf("the refund is %+v", back)
	}
	var balance v1.Balance
	h.must("GET", path+"/balance", "", &balance)
	if balance.Paid != 37*money.Unit+money.Unit/2 || balance.Available != balance.Paid {
		t.Errorf("the balance is %+v", balance)
	}
	var page, rest v1.Page[v1.Payment]
	h.must("GET", path+"/payments?limit=1", "", &page)
	h.must("GET", fmt.Sprintf("%s/payments?after=%d", path, page.NextAfter), "", &rest)
	if len(page.Items) != 1 || page.Items[0] != first.Payment || len(rest.Items) != 1 || rest.Items[0] != back.Payment || rest.NextAfter != 0 {
		t.Errorf("the pages are %+v and %+v", page, rest)
	}
}

func TestPaymentsThatAreRefused(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	unfunded := fmt.Sprintf("/v1/advertisers/%d/payments", f.advertiser.ID)
	var a v1.Advertiser
	h.must("POST", "/v1/advertisers", strings.Replace(advertiserBody, "{", `{"funding":{"kind":"credit","credit_line":"100"},`, 1), &a)
	path := fmt.Sprintf("/v1/advertisers/%d/payments", a.ID)
	h.must("POST", path, paymentBody("10", "TR-1"), nil)
	ctx := context.Background()
	stored, err := h.store.GetAdvertiser(ctx, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	bidder, err := h.ledger.Open(ctx, "bidder")
	if err != nil {
		t.Fatal(err)
	}
	root := event.NodePeriod{Node: stored.Funding.Node}
	if _, err := h.ledger.Grant(ctx, bidder, []pacing.Want{{NodePeriod: root, Amount: 107 * money.Unit}}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		path, body string
		status     int
		says       string
	}{
		"zero":            {path, paymentBody("0", "x"), 422, "body.amount must be above 0"},
		"negative":        {path, paymentBody("-1", "x"), 422, "body.amount must be above 0"},
		"a number":        {path, `{"amount":1,"reason":"r","reference":"x"}`, 422, "body.amount"},
		"too much":        {path, paymentBody("1000000000", "x"), 422, "body.amount must not make what is left"},
		"no reference":    {path, `{"amount":"1","reason":"r"}`, 422, "body.reference is required"},
		"no reason":       {path, `{"amount":"1","reason":"","reference":"x"}`, 422, "body.reason"},
		"long in bytes":   {path, paymentBody("1", strings.Repeat("ß", 101)), 422, "body.reference must be at most 200 bytes"},
		"unknown kind":    {path, strings.Replace(paymentBody("1", "x"), "{", `{"kind":"gift",`, 1), 422, "body.kind"},
		"other amount":    {path, paymentBody("2", "TR-1"), 409, "another amount"},
		"held by bidders": {path, refundBody("3.000000001", "x"), 409, "no more than 3 can be refunded"},
		"nobody's":        {"/v1/advertisers/99/payments", paymentBody("1", "x"), 404, ""},
		"not funded":      {unfunded, paymentBody("1", "x"), 409, "not funded"},
	} {
		if a := h.send("POST", c.path, c.body); a.status != c.status || !strings.Contains(a.places()+a.Detail, c.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	h.must("POST", path, refundBody("3", "RF-1"), nil)
	if all, err := h.ledger.Payments(ctx, a.ID, 0, 9); err != nil || len(all) != 2 {
		t.Errorf("what was refused was booked: %+v, %v", all, err)
	}
	if a := h.send("GET", strings.Replace(unfunded, "payments", "balance", 1), ""); a.status != 409 {
		t.Errorf("a balance of nothing: %d %s", a.status, a.body)
	}
	if a := h.send("GET", "/v1/advertisers/99/payments", ""); a.status != 404 {
		t.Errorf("nobody's payments: %d", a.status)
	}
	if log := h.log.String(); log != "" {
		t.Errorf("mistakes of callers were logged: %s", log)
	}
}

// Funding can be given and changed later, and not be taken away.
func TestFundingIsEdited(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	path := fmt.Sprintf("/v1/advertisers/%d", f.advertiser.ID)
	patch := func(funding string) answer { return h.send("PATCH", path, `{"funding":`+funding+`}`) }
	for _, c := range []struct {
		funding string
		status  int
		says    string
	}{
		{`{"kind":"loan"}`, 422, "body.funding.kind"},
		{`{"kind":"credit"}`, 422, "body.funding.credit_line must be a decimal string above 0"},
		{`{"kind":"prepaid","credit_line":"5"}`, 422, "body.funding.credit_line must be left out"},
		{`{"kind":"credit","credit_line":"5"}`, 200, ""},
		{`{"credit_line":"7"}`, 200, ""},
		{`{"kind":"prepaid","credit_line":null}`, 200, ""},
		{`null`, 422, "body.funding cannot be taken away"},
	} {
		if a := patch(c.funding); a.status != c.status || !strings.Contains(a.places(), c.says) {
			t.Errorf("%s: %d %s", c.funding, a.status, a.body)
		}
	}
	if a := h.send("PATCH", path, `{"time_zone":"Asia/Tokyo"}`); a.status != 422 {
		t.Errorf("the time zone of a funded advertiser changed: %d", a.status)
	}
	var a v1.Advertiser
	h.must("GET", path, "", &a)
	if a.Funding != (v1.Funding{Kind: "prepaid"}) {
		t.Errorf("it is %+v", a)
	}
}

// Given a mistyped credit, when it is taken back, then the entry names it, and
// it is taken back once.
func TestACreditIsTakenBack(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	h.spent(money.Unit)
	h.must("POST", fmt.Sprintf("/v1/campaigns/%d/credits", f.campaign.ID), creditBody("1", "2026-03-10", "CN-1"), nil)
	const path, body = "/v1/corrections/1/reverse", `{"reason":"mistyped"}`
	var c v1.Correction
	h.must("POST", path, body, &c)
	if c.ID != 2 || c.Reverses != 1 || c.Kind != "credit" || c.Amount != money.Unit || c.Reason != "mistyped" || c.By != "test" || c.Date != "2026-03-10" {
		t.Errorf("the entry is %+v", c)
	}
	var page v1.Page[v1.Correction]
	h.must("GET", "/v1/corrections?after=1", "", &page)
	if len(page.Items) != 1 || page.Items[0] != c {
		t.Errorf("listed is %+v, want %+v", page.Items, c)
	}
	for name, x := range map[string]struct {
		path, body string
		status     int
	}{
		"twice":         {path, body, 409},
		"of a reversal": {"/v1/corrections/2/reverse", body, 409},
		"of nothing":    {"/v1/corrections/3/reverse", body, 404},
		"no reason":     {path, `{}`, 422},
		"long reason":   {path, `{"reason":"` + strings.Repeat("ß", 51) + `"}`, 422},
	} {
		if a := h.send("POST", x.path, x.body); a.status != x.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if log := h.log.String(); log != "" {
		t.Errorf("mistakes of callers were logged: %s", log)
	}
}
