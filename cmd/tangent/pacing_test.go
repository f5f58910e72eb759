package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
)

// samplePacing is a line item whose daily budget binds, at half past six.
func samplePacing() v1.Pacing {
	midnight := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	p := v1.Pacing{
		LineItemID: 42, Name: "Runners <evening>", Currency: "EUR", At: midnight.Add(6*time.Hour + 30*time.Minute), Multiplier: .42,
		Limits: &v1.PacingLimits{Most: .3, Price: .8}, Even: &v1.FrontierEven{Price: .056},
		Controllers: []v1.PacingController{{By: "central", SteppedAt: midnight.Add(6*time.Hour + 30*time.Minute - 2*time.Second), Multiplier: .42}},
		Budgets: []v1.PacingBudget{
			{Of: "line_item_daily", Pacing: "traffic", State: "binds", Detail: "this budget binds: bids are values divided by 2.4", Budget: 240 * money.Unit,
				Booked: 60 * money.Unit, Outstanding: 5 * money.Unit, Left: 175 * money.Unit, Lambda: 2.4, Planned: 65 * money.Unit, Spent: 62 * money.Unit, Seen: 51_000, Forecast: 140_000, Calibration: 1.02},
			{Of: "campaign_lifetime", Pacing: "traffic", State: "merged", Detail: "merged into line_item_daily, whose price is higher", Budget: 9000 * money.Unit},
			{Of: "balance", State: "wall", Detail: "funding has no flight", Budget: 700 * money.Unit},
		},
	}
	for h := range 24 {
		s := v1.PacingSlot{From: midnight.Add(time.Duration(h) * time.Hour), To: midnight.Add(time.Duration(h+1) * time.Hour), Planned: money.Nanos(h+1) * 10 * money.Unit}
		if h < 7 {
			spent := min(62, money.Nanos(h+1)*9) * money.Unit
			s.Spent = &spent
		}
		p.Budgets[0].Slots = append(p.Budgets[0].Slots, s)
	}
	return p
}

func TestPacingPrintsATableAndDrawsAPicture(t *testing.T) {
	p := samplePacing()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/line-items/42/pacing" || r.Header.Get("Authorization") != "Bearer tk_x" {
			http.Error(w, `{"detail":"no"}`, http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(p)
	}))
	defer server.Close()
	t.Setenv("TANGENT_API_KEY", "tk_x")
	picture := filepath.Join(t.TempDir(), "plan.svg")
	var out, errs bytes.Buffer
	do := func(args ...string) int {
		out.Reset()
		errs.Reset()
		return run(t.Context(), append([]string{"pacing", "--api", server.URL}, args...), streams{strings.NewReader(""), &out, &errs})
	}
	if status := do("--line-item", "42", "-o", picture); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	for _, want := range []string{"0.42 of its value", "central, 2s ago", "line item daily", "this budget binds", "merged into", "evenness would cost 5.6 %", "12-01 06:00", "240.00 EUR", "8.00"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	drawn, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, s := range shapesOf(t, drawn) {
		if s.name == "polyline" {
			lines++
		}
		for _, at := range s.points {
			if !(at[0] >= 0 && at[0] <= 860 && at[1] >= 0 && at[1] <= 620) {
				t.Errorf("%s %s is at %v", s.name, s.class, at)
			}
		}
	}
	if lines != 4 { // both lines, and both in the legend
		t.Errorf("%d lines in\n%s", lines, drawn)
	}
	var got v1.Pacing
	if status := do("--line-item", "42", "--json"); status != 0 || json.Unmarshal(out.Bytes(), &got) != nil || got.Budgets[0].Lambda != 2.4 {
		t.Errorf("status %d: %s%s", status, out.String(), errs.String())
	}
	for _, wrong := range [][]string{{"--line-item", "9"}, {"--line-item", "42", "--budget", "campaign_daily"}, {"--line-item", "42", "-o", filepath.Join(picture, "no")}} {
		if status := do(wrong...); status != 1 {
			t.Errorf("status %d of %v", status, wrong)
		}
	}
	if status := do("--line-item", "42", "--budget", "balance", "-o", picture); status != 0 || strings.Contains(out.String(), "The plan of") {
		t.Errorf("status %d of a budget without a plan: %s%s", status, out.String(), errs.String())
	}
	// A line item that does not bid says so; small budgets have figures; and what
	// is first seen at noon was spent since midnight.
	p.Stopped = "line item 42 is paused"
	for i := range p.Budgets[0].Slots {
		s := &p.Budgets[0].Slots[i]
		if s.Planned /= 1e5; s.Spent != nil && i < 5 {
			s.Spent = nil
		} else if s.Spent != nil {
			*s.Spent /= 1e5
		}
	}
	if status := do("--line-item", "42"); status != 0 || !strings.Contains(out.String(), "it does not bid: line item 42 is paused.") || strings.Contains(out.String(), "of its value. Stepped") {
		t.Errorf("status %d: %s", status, out.String())
	}
	if _, plan, _ := strings.Cut(out.String(), "The plan of"); !strings.Contains(plan, "0.00010") || strings.Contains(plan, "0.00 ") {
		t.Errorf("a budget of 0.0024 has a plan of\n%s", out.String())
	}
	if line := pacingChart(&p, &p.Budgets[0]).Lines[1]; line.Points[0] != [2]float64{0, 0} || len(line.Points) != 3 {
		t.Errorf("what was spent is drawn at %v", line.Points)
	}
	t.Setenv("TANGENT_API_KEY", "")
	if status := do("--line-item", "42"); status != 1 || !strings.Contains(errs.String(), "TANGENT_API_KEY") {
		t.Errorf("without a key: status %d, %s", status, errs.String())
	}
}
