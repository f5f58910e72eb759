package api_test

import (
	"fmt"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

func TestFrontier(t *testing.T) {
	h := newHarness(t)
	path := fmt.Sprintf("/v1/line-items/%d/frontier", h.family().lineItem.ID)
	var f v1.Frontier
	h.must("GET", path, "", &f)
	if f.Name == "" || f.Currency != "EUR" {
		t.Errorf("%+v", f)
	}
	a := h.send("GET", path, "", authorization("Bearer "+h.read))
	for _, empty := range []string{`"curve":[]`, `"what_ifs":[]`, `"limits":[]`} {
		if a.status != 200 || !strings.Contains(a.body, empty) {
			t.Errorf("no %s of a line item that met nothing: %d %s", empty, a.status, a.body)
		}
	}
	for path, want := range map[string]int{path + "?days=1": 422, "/v1/line-items/9999/frontier": 404} {
		if a := h.send("GET", path, ""); a.status != want {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}
