package api_test

import (
	"fmt"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

func TestPacing(t *testing.T) {
	h := newHarness(t)
	path := fmt.Sprintf("/v1/line-items/%d/pacing", h.family().lineItem.ID)
	var p v1.Pacing
	h.must("GET", path, "", &p)
	if p.Name == "" || len(p.Budgets) != 1 {
		t.Errorf("%+v", p)
	}
	a := h.send("GET", path, "", authorization("Bearer "+h.read))
	for _, empty := range []string{`"slots":[]`, `"cannot_be_spent":[]`, `"controllers":[]`} {
		if a.status != 200 || !strings.Contains(a.body, empty) {
			t.Errorf("no %s of a line item that nobody stepped for: %d %s", empty, a.status, a.body)
		}
	}
	for path, want := range map[string]int{path + "?days=1": 422, "/v1/line-items/9999/pacing": 404} {
		if a := h.send("GET", path, ""); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
