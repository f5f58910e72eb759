//go:build !race

package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
)

// A day on which nothing can be bought has no score, keeps none from being
// told, and counts in no mean.
func TestWhatCannotBeScoredIsNoNumber(t *testing.T) {
	for name, spoil := range map[string]func(*Auction){
		"nothing is worth anything": func(a *Auction) { a.Value = 0 },
		"nothing can be paid":       func(a *Auction) { a.Price += 1e12 },
	} {
		t.Run(name, func(t *testing.T) {
			fine, spoilt := Synthetics[0].Logs(1000, 1), Synthetics[0].Logs(1000, 2)
			spoilt.Name = "spoilt"
			for i := range spoilt.Today.Auctions {
				spoil(&spoilt.Today.Auctions[i])
			}
			r, err := Run(context.Background(), Config{
				Logs: []Pair{fine, spoilt}, Mechanisms: []Mechanism{Second, First}, Policies: []Policy{Tangent, PID, Hindsight}, Fractions: []float64{.5},
				Delays: []int{0}, Bidders: []int{1}, Stresses: Stresses[:1], Seeds: []uint64{1}, Tick: 20,
			})
			if err != nil {
				t.Fatal(err)
			}
			var table bytes.Buffer
			r.Print(&table)
			if strings.Contains(table.String(), "NaN") {
				t.Errorf("the table:\n%s", table.String())
			}
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Contains(b, []byte(`"ratio":null`)) {
				t.Errorf("the day was scored: %.300s", b)
			}
			if err := r.Plot(t.TempDir()); err != nil {
				t.Error(err)
			}
			var back Report
			if err := json.Unmarshal(b, &back); err != nil {
				t.Error(err)
			}
			for i, x := range back.Rows() {
				if !(x.Mean > 0 && x.Worst <= x.Mean) {
					t.Errorf("row %d by %s: mean %v, worst %v of the log that has a score", i, x.Policy, x.Mean, x.Worst)
				}
			}
			r.Results = r.Results[len(r.Results)/2:]
			table.Reset()
			if r.Print(&table); !strings.Contains(table.String(), " -      - ") || strings.Contains(table.String(), "NaN") {
				t.Errorf("the table of days without a score:\n%s", table.String())
			}
		})
	}
}

func TestBudgetsAreMoney(t *testing.T) {
	free := Synthetics[0].Logs(1000, 1)
	for i := range free.Today.Auctions {
		free.Today.Auctions[i].Price = 0
	}
	for _, c := range []struct {
		log      Pair
		fraction float64
		want     string
	}{
		{free, .5, "what there is to buy on the day costs 0"},
		{Synthetics[0].Logs(1000, 1), 1e-300, "budget fraction 1e-300"},
		{Synthetics[0].Logs(1000, 1), 0, "above 0, at most 1"},
	} {
		_, err := Run(context.Background(), Config{
			Logs: []Pair{c.log}, Mechanisms: []Mechanism{Second}, Policies: []Policy{Fixed}, Fractions: []float64{c.fraction},
			Delays: []int{0}, Bidders: []int{1}, Stresses: Stresses[:1], Seeds: []uint64{1},
		})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("fraction %g: %v; want %q", c.fraction, err, c.want)
		}
	}
}
