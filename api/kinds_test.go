package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/api"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Given one of each kind, when it is read back, then it is what was stated.
func TestWhatIsStatedIsReadBack(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	for path, c := range map[string]struct {
		body string
		id   int64
	}{
		"/v1/advertisers": {advertiserBody, int64(f.advertiser.ID)},
		"/v1/campaigns":   {strings.Replace(campaignBody(f.advertiser.ID), "2027-01-01", "2027-01-01T00:00:00", 1), int64(f.campaign.ID)},
		"/v1/line-items":  {lineItemBody(f.campaign.ID), int64(f.lineItem.ID)},
		"/v1/creatives":   {creativeBody(f.lineItem.ID), int64(f.creative.ID)},
		"/v1/exchanges":   {exchangeBody, int64(f.exchange.ID)},
	} {
		var stated, got map[string]any
		if err := json.Unmarshal([]byte(c.body), &stated); err != nil {
			t.Fatal(err)
		}
		h.must("GET", fmt.Sprintf("%s/%d", path, c.id), "", &got)
		if got["id"] != float64(c.id) || got["status"] != "active" {
			t.Errorf("%s: id %v, status %v", path, got["id"], got["status"])
		}
		delete(got, "id")
		delete(got, "status")
		if path == "/v1/line-items" {
			delete(got, "advertiser_id") // the server adds it
		}
		if path == "/v1/exchanges" {
			maps.DeleteFunc(got, func(name string, _ any) bool { return stated[name] == nil }) // the preset adds them
		}
		if want := fmt.Sprint(stated); fmt.Sprint(got) != want {
			t.Errorf("%s:\ngot  %v\nwant %v", path, got, want)
		}
	}
	if h.changed.Load() != 5 {
		t.Errorf("5 writes called the hook %d times", h.changed.Load())
	}
}

func TestCreateSaysWhereItIs(t *testing.T) {
	h := newHarness(t)
	a := h.send("POST", "/v1/advertisers", strings.Replace(advertiserBody, `"name"`, `"status":"paused","name"`, 1))
	var got v1.Advertiser
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 201 || a.header.Get("Location") != fmt.Sprintf("/v1/advertisers/%d", got.ID) {
		t.Fatalf("%d %s at %s", a.status, a.body, a.header.Get("Location"))
	}
	if got.Status != campaign.Paused {
		t.Errorf("it was to start paused, and is %s", got.Status)
	}
}

// Given five campaigns of one advertiser and one of another, when the list is
// read in pages of two, then every campaign comes once, in the order of ids.
func TestListPages(t *testing.T) {
	h := newHarness(t)
	var one, other v1.Advertiser
	h.must("POST", "/v1/advertisers", advertiserBody, &one)
	h.must("POST", "/v1/advertisers", strings.Replace(advertiserBody, "Shoes", "Hats", 1), &other)
	for range 5 {
		h.must("POST", "/v1/campaigns", campaignBody(one.ID), nil)
	}
	h.must("POST", "/v1/campaigns", campaignBody(other.ID), nil)

	for query, want := range map[string][][]int{
		"limit=2": {{1, 2}, {3, 4}, {5, 6}},
		"limit=4": {{1, 2, 3, 4}, {5, 6}},
		"limit=6": {{1, 2, 3, 4, 5, 6}},
		"":        {{1, 2, 3, 4, 5, 6}},
		fmt.Sprintf("limit=3&advertiser_id=%d", one.ID):   {{1, 2, 3}, {4, 5}},
		fmt.Sprintf("limit=3&advertiser_id=%d", other.ID): {{6}},
		"limit=3&advertiser_id=999":                       {{}},
	} {
		after := int64(0)
		for i, ids := range want {
			var page v1.Page[v1.Campaign]
			h.must("GET", fmt.Sprintf("/v1/campaigns?after=%d&%s", after, query), "", &page)
			got := []int{}
			for _, c := range page.Items {
				got = append(got, int(c.ID))
			}
			if fmt.Sprint(got) != fmt.Sprint(ids) {
				t.Errorf("%q, page %d: got %v, want %v", query, i, got, ids)
			}
			if last := i == len(want)-1; last != (page.NextAfter == 0) {
				t.Errorf("%q, page %d: next_after is %d", query, i, page.NextAfter)
			}
			after = page.NextAfter
		}
	}
}

func TestPauseResumeArchive(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	for _, path := range []string{
		fmt.Sprintf("/v1/creatives/%d", f.creative.ID), fmt.Sprintf("/v1/line-items/%d", f.lineItem.ID),
		fmt.Sprintf("/v1/campaigns/%d", f.campaign.ID), fmt.Sprintf("/v1/advertisers/%d", f.advertiser.ID),
		fmt.Sprintf("/v1/exchanges/%d", f.exchange.ID),
	} {
		for _, step := range []struct {
			action string
			status campaign.Status
		}{
			{"pause", campaign.Paused}, {"pause", campaign.Paused}, {"resume", campaign.Active},
			{"archive", campaign.Archived}, {"archive", campaign.Archived},
		} {
			var got struct{ Status campaign.Status }
			before := h.changed.Load()
			h.must("POST", path+"/"+step.action, "", &got)
			if got.Status != step.status {
				t.Errorf("%s %s: it is %s", path, step.action, got.Status)
			}
			if h.changed.Load() != before+1 {
				t.Errorf("%s %s: the hook was not called", path, step.action)
			}
		}
		for _, again := range []string{"pause", "resume"} {
			if a := h.send("POST", path+"/"+again, ""); a.status != 409 {
				t.Errorf("%s archived, then %s: %d %s", path, again, a.status, a.body)
			}
		}
		if a := h.send("PATCH", path, `{}`); a.status != 409 {
			t.Errorf("%s archived, then patched: %d %s", path, a.status, a.body)
		}
	}
}

func TestPatchChangesWhatItNames(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	path := fmt.Sprintf("/v1/campaigns/%d", f.campaign.ID)
	h.must("POST", path+"/pause", "", nil)

	// When a budget is raised, another taken away, and the flight opened,
	h.must("PATCH", path, `{"budget":{"lifetime":"6000.000000001","daily":null},"flight":{"end":null}}`, nil)

	// then the rest is as it was: the pause above all.
	var got v1.Campaign
	h.must("GET", path, "", &got)
	want := f.campaign
	want.Status = campaign.Paused
	want.Budget.Lifetime, want.Budget.Daily = 6000_000000001, 0
	want.Flight.End = campaign.LocalTime{}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}

	path = fmt.Sprintf("/v1/line-items/%d", f.lineItem.ID)
	h.must("PATCH", path, `{"targeting":{"countries":{"include":["FRA","ITA"]},"sizes":null},"frequency_caps":null}`, nil)
	var li v1.LineItem
	h.must("GET", path, "", &li)
	if fmt.Sprint(li.Targeting.Countries.Include) != "[FRA ITA]" || !li.Targeting.Sizes.IsZero() || li.FrequencyCaps != nil ||
		fmt.Sprint(li.Targeting.DeviceTypes.Include) != "[1 4]" || li.Goal != f.lineItem.Goal {
		t.Errorf("got %+v", li)
	}
}

// Given a campaign, when many callers patch different fields and others pause
// it, then no patch is lost and the last pause holds.
func TestConcurrentWritesLoseNothing(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	path := fmt.Sprintf("/v1/campaigns/%d", f.campaign.ID)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			switch i % 4 {
			case 0:
				h.send("PATCH", path, `{"name":"Renamed"}`)
			case 1:
				h.send("PATCH", path, `{"budget":{"daily":"77"}}`)
			case 2:
				h.send("PATCH", path, `{"flight":{"end":"2028-01-01"}}`)
			case 3:
				h.send("POST", path+"/pause", "")
			}
		})
	}
	wg.Wait()
	var got v1.Campaign
	h.must("GET", path, "", &got)
	if got.Name != "Renamed" || got.Budget.Daily.String() != "77" || got.Flight.End.String() != "2028-01-01T00:00:00" || got.Status != campaign.Paused {
		t.Errorf("got %+v", got)
	}
}

// meanwhile is a store to which another process writes just before each update of a
// line item: it pauses it and cuts its budget.
type meanwhile struct{ *store.Store }

func (m meanwhile) UpdateLineItem(ctx context.Context, id event.LineItemID, change func(campaign.LineItem) (campaign.LineItem, error)) (li campaign.LineItem, err error) {
	if _, err = m.SetLineItemStatus(ctx, id, campaign.Paused); err != nil {
		return li, err
	}
	cut := func(li campaign.LineItem) (campaign.LineItem, error) {
		li.Budget.Daily = money.Unit
		return li, nil
	}
	if _, err = m.Store.UpdateLineItem(ctx, id, cut); err != nil {
		return li, err
	}
	return m.Store.UpdateLineItem(ctx, id, change)
}

// Given a line item that another process pauses, and whose budget it cuts, while a
// patch is under way, then the patch undoes neither. What it has wrong is told as ever.
func TestAPatchUndoesNothingOfAnotherProcess(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Store = meanwhile{c.Store.(*store.Store)} })
	f := h.family()
	path := fmt.Sprintf("/v1/line-items/%d", f.lineItem.ID)
	var got v1.LineItem
	h.must("PATCH", path, `{"name":"Renamed"}`, &got)
	if got.Name != "Renamed" || got.Status != campaign.Paused || got.Budget.Daily.String() != "1" {
		t.Errorf("got %q, %s, daily budget %v", got.Name, got.Status, got.Budget.Daily)
	}
	a := h.send("PATCH", path, `{"name":7}`)
	if a.status != 422 || !strings.Contains(a.body, `"body.name"`) || strings.Contains(a.body, "cannot update") {
		t.Errorf("a wrong patch is told as %d %s", a.status, a.body)
	}
}

func TestDeliveryAndStatus(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	a := h.send("GET", fmt.Sprintf("/v1/campaigns/%d/delivery", f.campaign.ID), "")
	const want = `{"currency":"EUR","conversions":{"verified":12,"verified_value":"1188.5","unverified":3,"unverified_value":"240"},"periods":[{"window":"lifetime","budget":"5000","booked":"3.000000001","media_cost":"2",` +
		`"outstanding":"0.0005","overrun":"0","disputed":"0","late_risk":"0.25","plan":"4"}]}`
	if strings.TrimSpace(a.body) != want {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
	a = h.send("GET", fmt.Sprintf("/v1/line-items/%d/delivery", f.lineItem.ID), "")
	if strings.TrimSpace(a.body) != `{"currency":"EUR","conversions":{"verified":0,"verified_value":"0","unverified":0,"unverified_value":"0"},"periods":[]}` {
		t.Errorf("got %s", a.body)
	}
	a = h.send("GET", "/v1/status", "")
	if strings.TrimSpace(a.body) != `{"version":"v0.0.0-test","roles":["control"],"ready":true,"catalog_version":7}` {
		t.Errorf("got %s", a.body)
	}
}
