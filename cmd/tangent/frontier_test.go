package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
)

// sampleFrontier is of a budget in EUR a day, under a curve that ends at 400.
func sampleFrontier(budget float64) v1.Frontier {
	point := func(spend float64) v1.FrontierPoint {
		spend = min(spend, 400)
		clicks := 120 * math.Log1p(spend/60)
		return v1.FrontierPoint{Spend: money.FromFloat(spend * 1e9), Outcomes: clicks, Impressions: 300 * clicks, Value: clicks,
			Cost: money.FromFloat(spend / max(clicks, 1e-9) * 1e9), Multiplier: .001 * spend}
	}
	f := v1.Frontier{
		LineItemID: 42, Name: "Runners <evening>", Currency: "EUR", Outcome: "clicks", Samples: 214, Priced: 214, Opportunities: 182_400,
		At: time.Date(2026, 12, 2, 8, 0, 0, 0, time.UTC), Since: time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC),
		Budget: money.FromFloat(budget * 1e9), BudgetOf: "line_item_daily", W: point(budget), Now: point(.7 * budget), StandardError: .05, Lambda: 2.1,
		NextOutcome: money.FromFloat((budget + 60) / 120 * 1e9), Delivered: v1.FrontierDelivered{Impressions: 900, Spend: 5 * money.Unit, OfOptimum: .97},
		Even: &v1.FrontierEven{Spend: money.FromFloat(budget * 1e9), Outcomes: 100, Price: .056},
	}
	for i := range 41 {
		f.Curve = append(f.Curve, point(float64(i)*10))
	}
	for _, x := range []float64{.8, 1.2, 2} {
		p := point(x * budget)
		f.WhatIfs = append(f.WhatIfs, v1.FrontierWhatIf{Change: "budget", Factor: x, Then: p, Gain: p.Outcomes - f.W.Outcomes, GainError: 1, Spends: x*budget <= 400})
	}
	if budget > 400 {
		f.NextOutcome = 0
		f.Limits = []v1.FrontierLimit{{Code: "max_bid", Detail: "the maximum bid keeps it below what impressions cost; without that, up to 700.00 EUR a day", Remedy: "raise max_bid_cpm"}}
	}
	return f
}

// An error of all there is and more is no figure: a budget of a nano had one of
// 244626737 %.
func TestStandardErrorIsAFigureOnlyBelowAll(t *testing.T) {
	for part, want := range map[float64]string{.05: "5 %", .994: "99 %", 1: "100 % or more", 2446267.37: "100 % or more"} {
		if got := standardError(part); !strings.HasPrefix(got, want) {
			t.Errorf("%v: %s, want %s", part, got, want)
		}
	}
}

func TestFrontierPrintsATableAndDrawsAPicture(t *testing.T) {
	f := sampleFrontier(100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/line-items/42/frontier" || r.Header.Get("Authorization") != "Bearer tk_x" {
			http.Error(w, `{"detail":"no"}`, http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(f)
	}))
	defer server.Close()
	t.Setenv("TANGENT_API_KEY", "tk_x")
	picture := filepath.Join(t.TempDir(), "w.svg")
	var out, errs bytes.Buffer
	do := func(args ...string) int {
		out.Reset()
		errs.Reset()
		return run(t.Context(), append([]string{"frontier", "--api", server.URL}, args...), streams{strings.NewReader(""), &out, &errs})
	}
	if status := do("--line-item", "42", "-o", picture); status != 0 {
		t.Fatalf("status %d: %s", status, errs.String())
	}
	for _, want := range []string{"182,400 opportunities", "100.00 EUR", "budget +20 %", "2 x budget", "evenness costs 5.6 %", "the next click costs 1.33 EUR", "97.0 %"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if drawn, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(drawn, []byte("<svg")) {
		t.Errorf("%.80s, %v", drawn, err)
	}
	var got v1.Frontier
	if status := do("--line-item", "42", "--json"); status != 0 || json.Unmarshal(out.Bytes(), &got) != nil || got.W != f.W {
		t.Errorf("status %d: %s%s", status, out.String(), errs.String())
	}
	if status := do("--line-item", "9"); status != 1 {
		t.Errorf("status %d of an unknown line item", status)
	}
	if status := do("--line-item", "42", "-o", filepath.Join(picture, "no")); status != 1 {
		t.Errorf("status %d of a picture that cannot be written", status)
	}
}

// drawnShape is what the test reads of an SVG.
type drawnShape struct {
	name, class, text string
	points            [][2]float64
}

// shapesOf reads a picture as XML, strictly.
func shapesOf(t *testing.T, picture []byte) (all []drawnShape) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(picture))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, picture)
		}
		switch e := token.(type) {
		case xml.StartElement:
			s, at := drawnShape{name: e.Name.Local}, map[string]float64{}
			for _, a := range e.Attr {
				switch x, err := strconv.ParseFloat(a.Value, 64); {
				case a.Name.Local == "class":
					s.class = a.Value
				case a.Name.Local == "points":
					for _, p := range strings.Fields(a.Value) {
						x, y, _ := strings.Cut(p, ",")
						px, _ := strconv.ParseFloat(x, 64)
						py, _ := strconv.ParseFloat(y, 64)
						s.points = append(s.points, [2]float64{px, py})
					}
				case err == nil:
					at[a.Name.Local] = x
				}
			}
			for _, names := range [][2]string{{"cx", "cy"}, {"x1", "y1"}, {"x2", "y2"}, {"x", "y"}} {
				if x, ok := at[names[0]]; ok {
					s.points = append(s.points, [2]float64{x, at[names[1]]})
				}
			}
			all = append(all, s)
		case xml.CharData:
			if len(all) > 0 {
				all[len(all)-1].text += string(e)
			}
		}
	}
}

// Whatever the budget, the picture is XML, what is drawn is on it, and W is on
// the curve, with the budget's line through it as far as it can be spent.
func TestFrontierPictureHolds(t *testing.T) {
	for name, f := range map[string]v1.Frontier{
		"usual": sampleFrontier(100), "small": sampleFrontier(20), "near the end": sampleFrontier(390), "cannot be spent": sampleFrontier(900),
		"nothing known": {LineItemID: 1, Name: "new", Currency: "USD", Outcome: "impressions", Limits: []v1.FrontierLimit{{Code: "no_opportunity", Detail: "none"}}},
	} {
		var b bytes.Buffer
		if err := frontierChart(&f).Write(&b); err != nil {
			t.Fatal(err)
		}
		var w, rule [2]float64
		var curve [][2]float64
		var words []string
		for _, s := range shapesOf(t, b.Bytes()) {
			words = append(words, strings.TrimSpace(s.text))
			for _, p := range s.points {
				if !(p[0] >= 0 && p[0] <= 860 && p[1] >= 0 && p[1] <= 600) {
					t.Errorf("%s: %s %s is at %v", name, s.name, s.class, p)
				}
			}
			switch {
			case s.class == "mark w":
				w = s.points[0]
			case strings.HasPrefix(s.class, "rule"):
				rule = s.points[0]
			case s.name == "polyline":
				curve = s.points
			}
		}
		text := strings.Join(words, "\n")
		if !strings.Contains(text, f.Name) || !strings.Contains(text, f.Currency) || slices.Index(words, f.Name) < 0 {
			t.Errorf("%s: the picture does not say what it is of:\n%s", name, text)
		}
		if len(f.Limits) > 0 && !strings.Contains(text, f.Limits[0].Detail) {
			t.Errorf("%s: it does not say why the budget cannot be spent", name)
		}
		if f.Samples == 0 {
			continue
		}
		near := func(p [2]float64) float64 { // from the curve, straight up or down
			for i := 1; i < len(curve); i++ {
				if a, b := curve[i-1], curve[i]; p[0] <= b[0]+.1 {
					return math.Abs(a[1] + (b[1]-a[1])*(p[0]-a[0])/max(b[0]-a[0], .1) - p[1])
				}
			}
			return math.Inf(1)
		}
		if d := near(w); d > 6 {
			t.Errorf("%s: W at %v is %.1f off the curve", name, w, d)
		}
		if spent := amountOf(f.W.Spend) >= amountOf(f.Budget); spent != (math.Abs(rule[0]-w[0]) < .2) {
			t.Errorf("%s: the budget's line is at %v, W at %v", name, rule, w)
		}
	}
}
