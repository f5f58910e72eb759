package api_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

// Given rates that a source states, when they are sent, then they are listed to
// the last digit, the catalog is told, and what is not allowed is refused by name.
func TestRates(t *testing.T) {
	h := newHarness(t)
	body := func(from, quotes string) string {
		return `{"source":"Example Bank","base":"EUR","effective_from":"` + from + `","quotes":[` + quotes + `]}`
	}
	const usd = `{"currency":"USD","rate":"1.0850"}`
	before := h.changed.Load()
	var a, b v1.RateTable
	h.must("POST", "/v1/rates", body("2026-02-01T01:00:00+01:00", usd+`,{"currency":"JPY","rate":"162.350000000001"}`), &a)
	h.must("POST", "/v1/rates", body("2026-02-02T00:00:00Z", usd), &b)
	want := v1.RateTable{ID: 1, RateTableSpec: v1.RateTableSpec{Source: "Example Bank", Base: "EUR", EffectiveFrom: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
		Quotes: []v1.RateQuote{{Currency: "JPY", Rate: 162_350_000_000_001}, {Currency: "USD", Rate: 1_085_000_000_000}}}}
	if !reflect.DeepEqual(a, want) || b.ID != 2 || h.changed.Load() != before+2 {
		t.Errorf("added were %+v and %+v", a, b)
	}
	var page v1.Page[v1.RateTable]
	h.must("GET", "/v1/rates?limit=1", "", &page)
	if len(page.Items) != 1 || !reflect.DeepEqual(page.Items[0], a) || page.NextAfter != 1 {
		t.Errorf("the first page is %+v", page)
	}
	for name, c := range map[string]struct {
		body   string
		status int
		place  string
	}{
		"not newer":   {body("2026-02-02T00:00:00Z", usd), 409, ""},
		"no quotes":   {body("2026-02-03T00:00:00Z", ""), 422, "body.quotes"},
		"twice":       {body("2026-02-03T00:00:00Z", usd+","+usd), 422, "body.quotes[1].currency"},
		"a number":    {body("2026-02-03T00:00:00Z", `{"currency":"USD","rate":1.1}`), 422, "body.quotes[0].rate"},
		"no rate":     {body("2026-02-03T00:00:00Z", `{"currency":"USD","rate":"0"}`), 422, "body.quotes[0].rate"},
		"no instant":  {body("2026-02-03", usd), 422, "body.effective_from"},
		"not a table": {`[]`, 422, ""},
	} {
		if a := h.send("POST", "/v1/rates", c.body); a.status != c.status || !strings.Contains(a.places(), c.place) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
