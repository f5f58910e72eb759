package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func contentType(ct string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Type", ct) }
}

// Given one of each kind, when a request says something wrong, then the
// answer is a 4xx that names the place, and the store is as it was.
func TestBadInputNamesTheFieldAndChangesNothing(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	before, hooks := h.stored(), h.changed.Load()

	campaigns := "/v1/campaigns"
	with := func(body, old, new string) string {
		t.Helper()
		if !strings.Contains(body, old) {
			t.Fatalf("%q is not in %s", old, body)
		}
		return strings.Replace(body, old, new, 1)
	}
	good := campaignBody(f.advertiser.ID)
	goodLineItem := lineItemBody(f.campaign.ID)
	goodCreative := creativeBody(f.lineItem.ID)
	campaign := fmt.Sprintf("%s/%d", campaigns, f.campaign.ID)
	lineItem := fmt.Sprintf("/v1/line-items/%d", f.lineItem.ID)

	for name, c := range map[string]struct {
		method, path, body string
		status             int
		place              string // "location message", or part of it
		edit               func(*http.Request)
	}{
		"no body":               {"POST", campaigns, ``, 400, "", nil},
		"not JSON":              {"POST", campaigns, `{"name"`, 400, "body.name is not JSON", nil},
		"array":                 {"POST", campaigns, `[]`, 422, "body expected object", nil},
		"null":                  {"POST", campaigns, `null`, 422, "body expected object", nil},
		"invalid UTF-8":         {"POST", campaigns, with(good, "Winter", "\xff\xfe"), 400, "body is not valid UTF-8", nil},
		"duplicate":             {"POST", campaigns, with(good, `"name"`, `"name":"x","name"`), 400, "body.name is given twice", nil},
		"other case":            {"POST", campaigns, with(good, `"name"`, `"Name"`), 400, `the unknown field "Name"`, nil},
		"deep":                  {"POST", campaigns, strings.Repeat("[", 100_000), 400, "nested more than", nil},
		"too large":             {"POST", campaigns, `{"name":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "", nil},
		"wrong media type":      {"POST", campaigns, good, 415, "", contentType("text/plain")},
		"binary":                {"POST", campaigns, good, 415, "", contentType("application/octet-stream")},
		"wrong charset":         {"POST", campaigns, good, 415, "", contentType("application/json; charset=latin1")},
		"broken media type":     {"POST", campaigns, good, 415, "", contentType("application/json;;=")},
		"missing":               {"POST", campaigns, with(good, `"name":"Winter",`, ``), 422, "body.name is required", nil},
		"missing below":         {"POST", "/v1/line-items", with(goodLineItem, `"kind":"cpc",`, ``), 422, "body.goal.kind is required", nil},
		"budget of nothing":     {"POST", "/v1/line-items", with(goodLineItem, `"name"`, `"budget":{"daily":"0"},"name"`), 422, "body.budget.daily expected string to be an amount above 0, or left out", nil},
		"budget of no cent":     {"POST", campaigns, with(good, `"250.5"`, `"0.00"`), 422, "body.budget.daily", nil},
		"limit of nothing":      {"POST", "/v1/line-items", with(goodLineItem, `"name"`, `"limits":{"max_cost_per_click":"0"},"name"`), 422, "body.limits.max_cost_per_click", nil},
		"action for nothing":    {"POST", "/v1/line-items", with(goodLineItem, `"name"`, `"limits":{"max_cost_per_action":"0.0"},"name"`), 422, "body.limits.max_cost_per_action", nil},
		"return of nothing":     {"POST", "/v1/line-items", with(goodLineItem, `"name"`, `"limits":{"min_return_on_spend":0},"name"`), 422, "body.limits.min_return_on_spend", nil},
		"delivery unlimited":    {"POST", "/v1/line-items", with(goodLineItem, `"name"`, `"min_delivery":0.5,"name"`), 422, "body.min_delivery must be left out without limits", nil},
		"unknown":               {"POST", campaigns, with(good, `"name"`, `"colour":1,"name"`), 422, "body.colour is an unknown field", nil},
		"unknown below":         {"POST", campaigns, with(good, `"daily"`, `"weekly":"1","daily"`), 422, "body.budget.weekly is an unknown field", nil},
		"id given":              {"POST", campaigns, with(good, `"name"`, `"id":7,"name"`), 422, "body.id is an unknown field", nil},
		"text wanted":           {"POST", campaigns, with(good, `"Winter"`, `12`), 422, "body.name expected string", nil},
		"number wanted":         {"POST", campaigns, with(good, `"advertiser_id":`, `"advertiser_id":"1","x_":`), 422, "body.advertiser_id expected integer", nil},
		"fraction":              {"POST", campaigns, strings.Replace(good, `"advertiser_id":1`, `"advertiser_id":1.5`, 1), 422, "body.advertiser_id expected integer", nil},
		"exponent":              {"POST", campaigns, strings.Replace(good, `"advertiser_id":1`, `"advertiser_id":1e30`, 1), 422, "body.advertiser_id must be a whole number", nil},
		"beyond 64 bits":        {"POST", campaigns, strings.Replace(good, `"advertiser_id":1`, `"advertiser_id":9223372036854775808`, 1), 422, "body.advertiser_id must be a whole number", nil},
		"beyond 32 bits":        {"POST", "/v1/line-items", with(goodLineItem, `[7]`, `[4294967296]`), 422, "body.targeting.segments.exclude", nil},
		"negative id":           {"POST", "/v1/line-items", with(goodLineItem, `[7]`, `[-1]`), 422, "body.targeting.segments.exclude[0]", nil},
		"money as a number":     {"POST", campaigns, with(good, `"5000"`, `5000`), 422, "body.budget.lifetime expected string", nil},
		"money that is not":     {"POST", campaigns, with(good, `"5000"`, `"lots"`), 422, "body.budget.lifetime cannot read amount", nil},
		"money with exponent":   {"POST", campaigns, with(good, `"5000"`, `"5e3"`), 422, "body.budget.lifetime", nil},
		"money too fine":        {"POST", campaigns, with(good, `"5000"`, `"0.0000000001"`), 422, "body.budget.lifetime", nil},
		"money too large":       {"POST", campaigns, with(good, `"5000"`, `"99999999999999999999"`), 422, "body.budget.lifetime", nil},
		"money below zero":      {"POST", campaigns, with(good, `"5000"`, `"-5"`), 422, "body.budget.lifetime", nil},
		"no budget":             {"POST", campaigns, with(good, `"lifetime":"5000","daily":"250.5"`, ``), 422, "body.budget", nil},
		"time with a zone":      {"POST", campaigns, with(good, `00:00:00"`, `00:00:00Z"`), 422, "body.flight.start cannot read time", nil},
		"no such day":           {"POST", campaigns, with(good, `2027-01-01`, `2027-02-30`), 422, "body.flight.end cannot read time", nil},
		"ends before it starts": {"POST", campaigns, with(good, `2027-01-01`, `2026-01-01`), 422, "body.flight", nil},
		"no such advertiser":    {"POST", campaigns, campaignBody(999), 422, "body.advertiser_id", nil},
		"status archived":       {"POST", campaigns, with(good, `"name"`, `"status":"archived","name"`), 422, "body.status expected value to be one of", nil},
		"no such zone":          {"POST", "/v1/advertisers", with(advertiserBody, "Europe/Berlin", "Mars/Base"), 422, "body.time_zone", nil},
		"no such currency":      {"POST", "/v1/advertisers", with(advertiserBody, "EUR", "euro"), 422, "body.currency", nil},
		"empty name":            {"POST", "/v1/advertisers", with(advertiserBody, "Example Shoes", ""), 422, "body.name", nil},
		"NUL in a name":         {"POST", "/v1/advertisers", with(advertiserBody, "Example", `\u0000`), 400, "body.name has characters", nil},
		"goal":                  {"POST", "/v1/line-items", with(goodLineItem, `"cpc"`, `"cpx"`), 422, "body.goal.kind expected value to be one of", nil},
		"click rate":            {"POST", "/v1/line-items", with(goodLineItem, `0.002`, `2`), 422, "body.click_rate", nil},
		"no click rate":         {"POST", "/v1/line-items", with(goodLineItem, `"click_rate":0.002,`, ``), 422, "body.click_rate", nil},
		"country":               {"POST", "/v1/line-items", with(goodLineItem, `"DEU"`, `"Germany"`), 422, "body.targeting.countries.include[0]", nil},
		"device type":           {"POST", "/v1/line-items", with(goodLineItem, `[1,4]`, `[1,99]`), 422, "body.targeting.device_types.include[1]", nil},
		"daypart":               {"POST", "/v1/line-items", with(goodLineItem, `"to":20`, `"to":8`), 422, "body.targeting.dayparts[0]", nil},
		"window":                {"POST", "/v1/line-items", with(goodLineItem, `86400`, `0`), 422, "body.frequency_caps[0].window_seconds", nil},
		"window overflows":      {"POST", "/v1/line-items", with(goodLineItem, `86400`, `9223372036854775807`), 422, "body.frequency_caps[0].window_seconds", nil},
		"size":                  {"POST", "/v1/creatives", with(goodCreative, `"w":300`, `"w":-1`), 422, "body.size", nil},
		"landing page":          {"POST", "/v1/creatives", with(goodCreative, `https://example.com/boots`, `javascript:alert(1)`), 422, "body.landing_url", nil},
		"exchange name":         {"POST", "/v1/exchanges", with(exchangeBody, "example-exchange", "../x"), 422, "body.name", nil},
		"exchange name taken":   {"POST", "/v1/exchanges", exchangeBody, 409, "", nil},
		"billing event":         {"POST", "/v1/exchanges", with(exchangeBody, `"billing_event":"billing"`, `"billing_event":"click"`), 422, "body.billing_event", nil},
		"tmax":                  {"POST", "/v1/exchanges", with(exchangeBody, `"default_tmax_ms":120`, `"default_tmax_ms":0`), 422, "body.default_tmax_ms", nil},

		"patch: not an object":     {"PATCH", campaign, `"x"`, 422, "body must be an object", nil},
		"patch: unknown":           {"PATCH", campaign, `{"colour":null}`, 422, "body.colour is an unknown field", nil},
		"patch: unknown below":     {"PATCH", campaign, `{"budget":{"weekly":"1"}}`, 422, "body.budget.weekly is an unknown field", nil},
		"patch: id":                {"PATCH", campaign, `{"id":9}`, 422, "body.id is an unknown field", nil},
		"patch: parent":            {"PATCH", campaign, `{"advertiser_id":9}`, 422, "body.advertiser_id cannot be changed", nil},
		"patch: status":            {"PATCH", campaign, `{"status":"paused"}`, 422, "body.status is changed by pause, resume and archive", nil},
		"patch: required removed":  {"PATCH", campaign, `{"name":null}`, 422, "body.name is required", nil},
		"patch: budget removed":    {"PATCH", campaign, `{"budget":{"lifetime":null,"daily":null}}`, 422, "body.budget", nil},
		"patch: duplicate":         {"PATCH", campaign, `{"name":"a","name":"b"}`, 400, "body.name is given twice", nil},
		"patch: wrong media type":  {"PATCH", campaign, `{"name":"a"}`, 415, "", contentType("application/json-patch+json")},
		"patch: nothing there":     {"PATCH", campaigns + "/999", `{"name":"a"}`, 404, "", nil},
		"patch: time zone in use":  {"PATCH", fmt.Sprintf("/v1/advertisers/%d", f.advertiser.ID), `{"time_zone":"UTC"}`, 422, "body.time_zone", nil},
		"patch: exchange name":     {"PATCH", fmt.Sprintf("/v1/exchanges/%d", f.exchange.ID), `{"name":"other"}`, 422, "body.name cannot be changed", nil},
		"patch: goal without rate": {"PATCH", lineItem, `{"click_rate":null}`, 422, "body.click_rate", nil},

		"nothing at the id":  {"GET", campaigns + "/999", "", 404, "", nil},
		"id of no number":    {"GET", campaigns + "/one", "", 422, "path.id invalid integer", nil},
		"id 0":               {"GET", campaigns + "/0", "", 422, "path.id expected number >= 1", nil},
		"pause nothing":      {"POST", campaigns + "/999/pause", "", 404, "", nil},
		"unknown action":     {"POST", campaign + "/delete", "", 404, "", nil},
		"unknown path":       {"GET", "/v2/campaigns", "", 404, "", nil},
		"unknown method":     {"DELETE", campaign, "", 405, "", nil},
		"unknown query":      {"GET", campaigns + "?colour=red", "", 422, "query.colour unknown query parameter", nil},
		"foreign query":      {"GET", campaigns + "?campaign_id=1", "", 422, "query.campaign_id unknown query parameter", nil},
		"limit 0":            {"GET", campaigns + "?limit=0", "", 422, "query.limit expected number >= 1", nil},
		"limit too high":     {"GET", campaigns + "?limit=501", "", 422, "query.limit expected number <= 500", nil},
		"after of no number": {"GET", campaigns + "?after=x", "", 422, "query.after invalid integer", nil},
		"delivery of none":   {"GET", campaigns + "/999/delivery", "", 404, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			edits := []func(*http.Request){contentType("application/json")}
			if c.edit != nil {
				edits = append(edits, c.edit)
			}
			a := h.send(c.method, c.path, c.body, edits...)
			if a.status != c.status || !strings.Contains(a.places(), c.place) {
				t.Errorf("got %d %s\n%s\nwant %d %s", a.status, a.Detail, a.places(), c.status, c.place)
			}
			if len(a.body) > 4096 {
				t.Errorf("the answer has %d bytes", len(a.body))
			}
		})
	}
	if after := h.stored(); after != before {
		t.Errorf("the store changed from\n%s\nto\n%s", before, after)
	}
	if h.changed.Load() != hooks {
		t.Error("the hook was called though nothing changed")
	}
	if log := h.log.String(); log != "" {
		t.Errorf("a caller's mistake was logged: %s", log)
	}
}
