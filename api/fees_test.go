package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// Given an advertiser, when rules about fees are added, then they are listed,
// the catalog is told, and what is not allowed is refused by name.
func TestFeeRules(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	path := fmt.Sprintf("/v1/advertisers/%d/fees", f.advertiser.ID)
	body := func(from, rest string) string { return fmt.Sprintf(`{"effective_from":%q%s}`, from, rest) }
	year := time.Now().Year() + 2 // next year may begin within a minute, or have begun where the advertiser is
	first := body(fmt.Sprintf("%d-01-01", year), `,"markup_ppm":150000,"data_cpm":"0.5","tech_cpm":"0.1"`)

	before := h.changed.Load()
	var a, b v1.FeeRule
	h.must("POST", path, first, &a)
	h.must("POST", path, body(fmt.Sprintf("%d-02-01T12:00:00", year), ""), &b)
	from, err := campaign.ParseLocalTime(fmt.Sprintf("%d-01-01", year))
	if err != nil {
		t.Fatal(err)
	}
	want := v1.FeeRule{ID: 1, AdvertiserID: f.advertiser.ID, FeeRuleSpec: v1.FeeRuleSpec{
		EffectiveFrom: from, MarkupPPM: 150_000, DataCPM: money.Unit / 2, TechCPM: money.Unit / 10}}
	if a != want || b.ID != 2 || b.MarkupPPM != 0 {
		t.Errorf("added were %+v and %+v", a, b)
	}
	if h.changed.Load() != before+2 {
		t.Error("the catalog was not told")
	}
	var page v1.Page[v1.FeeRule]
	h.must("GET", path+"?limit=1", "", &page)
	if len(page.Items) != 1 || page.Items[0] != a || page.NextAfter != a.ID {
		t.Errorf("the first page is %+v", page)
	}
	var rest v1.Page[v1.FeeRule]
	h.must("GET", path+"?after=1", "", &rest)
	if len(rest.Items) != 1 || rest.Items[0] != b || rest.NextAfter != 0 {
		t.Errorf("the second page is %+v", rest)
	}

	later := fmt.Sprintf("%d-03-01", year)
	for name, c := range map[string]struct {
		path, body string
		status     int
		place      string
	}{
		"in the past":     {path, body("2026-01-01", ""), 422, "body.effective_from must be at least 1m0s ahead"},
		"no start":        {path, `{}`, 422, "body.effective_from is required"},
		"no time":         {path, body("tomorrow", ""), 422, "body.effective_from"},
		"negative markup": {path, body(later, `,"markup_ppm":-1`), 422, "body.markup_ppm"},
		"large markup":    {path, body(later, `,"markup_ppm":10000001`), 422, "body.markup_ppm"},
		"large fee":       {path, body(later, `,"tech_cpm":"1000.1"`), 422, "body.tech_cpm must be 0 to 1000"},
		"negative fee":    {path, body(later, `,"data_cpm":"-0.1"`), 422, "body.data_cpm must be 0 to 1000"},
		"twice":           {path, first, 409, ""},
		"nobody's":        {"/v1/advertisers/99/fees", body(later, ""), 404, ""},
	} {
		if a := h.send("POST", c.path, c.body); a.status != c.status || !strings.Contains(a.places(), c.place) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := h.send("GET", "/v1/advertisers/99/fees", ""); a.status != 404 {
		t.Errorf("nobody's rules: %d", a.status)
	}
}
