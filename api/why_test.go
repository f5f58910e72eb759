package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

func TestWhy(t *testing.T) {
	h := newHarness(t)
	f := h.family()
	path := fmt.Sprintf("/v1/line-items/%d/why", f.lineItem.ID)
	for query, days := range map[string]int64{"": 1, "?days=30": 30} {
		var why v1.Why
		h.must("GET", path+query, "", &why)
		if why.LineItemID != f.lineItem.ID || why.Bids != days || len(why.Obstacles) != 1 || why.Obstacles[0].Code != "line_item_paused" {
			t.Errorf("%q: %+v", query, why)
		}
	}
	if a := h.send("GET", path, "", func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+h.read) }); a.status != 200 || !strings.Contains(a.body, `"reasons":[]`) {
		t.Errorf("a key that may only read: %d %s", a.status, a.body)
	}
	for query, want := range map[string]int{"?days=0": 422, "?days=31": 422, "?days=x": 422, "?since=1": 422} {
		if a := h.send("GET", path+query, ""); a.status != want {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	if a := h.send("GET", "/v1/line-items/9999/why", ""); a.status != 404 {
		t.Errorf("an unknown line item: %d", a.status)
	}
}
