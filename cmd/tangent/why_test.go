package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

func TestWhyPrintsATable(t *testing.T) {
	why := v1.Why{
		LineItemID: 42, From: "2026-12-01", Currency: "USD", Bids: 3, Requests: 80, Samples: 10, SampleEvery: 32,
		Obstacles: []v1.Obstacle{{Code: "line_item_paused", Detail: "line item 42 is paused", Remedy: "resume the line item"}},
		Reasons:   []v1.WhyNot{{Reason: "below_floor", Imps: 70, Share: 0.875, When: "below", Remedy: "raise"}},
		Refused:   []v1.WhyNoBids{{Reason: "no_time", Requests: 4, Share: 0.05, When: "too late"}},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/line-items/42/why" || r.URL.Query().Get("days") != "7" || r.Header.Get("Authorization") != "Bearer tk_x" {
			http.Error(w, `{"detail":"no"}`, http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(why)
	}))
	defer server.Close()
	t.Setenv("TANGENT_API_KEY", "tk_x")
	var out, errs bytes.Buffer
	do := func(args ...string) int {
		out.Reset()
		errs.Reset()
		return run(t.Context(), append([]string{"why", "--api", server.URL}, args...), streams{strings.NewReader(""), &out, &errs})
	}
	if status := do("42", "--days", "7"); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	for _, want := range []string{"does not spend", "line_item_paused", "resume the line item", "below_floor", "87.5 %", "no_time"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	var got v1.Why
	if status := do("42", "--days", "7", "--json"); status != 0 || json.Unmarshal(out.Bytes(), &got) != nil || got.Reasons[0] != why.Reasons[0] {
		t.Errorf("status %d: %s%s", status, out.String(), errs.String())
	}
	if status := do("9"); status != 1 {
		t.Errorf("status %d of an unknown line item", status)
	}
	t.Setenv("TANGENT_API_KEY", "")
	if status := do("42"); status != 1 || !strings.Contains(errs.String(), "TANGENT_API_KEY") {
		t.Errorf("without a key: status %d, %s", status, errs.String())
	}
}
