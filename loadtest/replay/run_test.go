package replay

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A whole replay: hindsight is near the optimum and nobody is above it, the
// guard holds, and all of it can be written and drawn.
func TestRun(t *testing.T) {
	var pairs []Pair
	for _, s := range Synthetics[:someCampaigns] {
		pairs = append(pairs, s.Logs(3000, 1))
	}
	price2, err := ParseStress("price2")
	if err != nil {
		t.Fatal(err)
	}
	last := 0
	r, err := Run(context.Background(), Config{
		Logs: pairs, Mechanisms: []Mechanism{Second}, Policies: []Policy{Tangent, Hindsight}, Fractions: []float64{.1, .5},
		Delays: []int{0}, Bidders: []int{1, 2}, Stresses: []Stress{Stresses[0], price2}, Seeds: []uint64{1}, Tick: 20, Workers: 2,
		Progress: func(done, all int) {
			if done != last+1 || all != len(pairs)*2*2*2*2 {
				t.Errorf("progress %d of %d after %d", done, all, last)
			}
			last = done
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range r.Results {
		if x.Ratio > 1+1e-9 || x.Ratio < 0 || x.Overspend > 0 || x.Used > 1.001 {
			t.Errorf("%s by %s: %.4f of the optimum, %.4f of the budget, overspend %.4f", x.Log, x.Policy, x.Ratio, x.Used, x.Overspend)
		}
		if x.Policy == Hindsight && x.Stress == "none" && x.Bidders == 1 && x.Fraction == .5 && x.Ratio < .9 { // with few impressions the guard costs more
			t.Errorf("hindsight came to %.4f of the optimum on %s at %g", x.Ratio, x.Log, x.Fraction)
		}
		if (x.Recovery != nil) != (x.Stress == "price2") {
			t.Errorf("recovery %v under stress %s", x.Recovery, x.Stress)
		}
		if x.PlanPrice <= .3 || x.PlanPrice > 1+1e-9 {
			t.Errorf("the plan leaves %v of the optimum", x.PlanPrice)
		}
	}
	var table bytes.Buffer
	if r.Print(&table); strings.Count(table.String(), "\n") != 1+2*2*2 {
		t.Errorf("the table:\n%s", table.String())
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	dir := t.TempDir()
	if err := r.Plot(dir); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.svg"))
	if err != nil || len(files) != len(pairs)*2*2*2 {
		t.Errorf("%d pictures: %v", len(files), err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(bytes.NewReader(b)); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if bytes.Contains(b, []byte("NaN")) || bytes.Contains(b, []byte("Inf")) {
			t.Errorf("%s has points that are nowhere", name)
		}
	}
}

// A baseline is tuned, which takes most of its time, and says to what.
func TestRunTellsTheSettingOfABaseline(t *testing.T) {
	r, err := Run(context.Background(), Config{
		Logs: []Pair{Synthetics[0].Logs(1000, 1)}, Mechanisms: []Mechanism{Second}, Policies: []Policy{PID}, Fractions: []float64{.5},
		Delays: []int{0}, Bidders: []int{2}, Stresses: Stresses[:1], Seeds: []uint64{1}, Tick: 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	if x := r.Results[0]; x.Setting == "" || x.Ratio > 1+1e-9 || x.Ratio <= 0 || x.Overspend > 0 {
		t.Errorf("%s, tuned to %q, came to %.4f of the optimum, overspend %.4f", x.Policy, x.Setting, x.Ratio, x.Overspend)
	}
}

// The same replay comes to the same, but for the order in which what is
// learned is added up.
func TestTheSameReplayComesToTheSame(t *testing.T) {
	for _, bidders := range []int{1, 3} {
		play := func() *Result {
			j := small(t, "bursts", Tangent, func(c *Config) { c.Bidders = []int{bidders} })
			r, err := j.play(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if a, b := play(), play(); math.Abs(float64(a.Ratio-b.Ratio)) > .005 || math.Abs(a.Used-b.Used) > .005 {
			t.Errorf("%d bidders: %v of the optimum with %v of the budget, then %v with %v", bidders, a.Ratio, a.Used, b.Ratio, b.Used)
		}
	}
}

func TestRunRefusesWhatCannotBePlayed(t *testing.T) {
	fine := func() Config {
		return Config{
			Logs: []Pair{Synthetics[0].Logs(1000, 1)}, Mechanisms: Mechanisms, Policies: Policies, Fractions: []float64{.5},
			Delays: []int{0}, Bidders: []int{1}, Stresses: Stresses[:1], Seeds: []uint64{1},
		}
	}
	for name, change := range map[string]func(*Config){
		"no logs":         func(c *Config) { c.Logs = nil },
		"no policies":     func(c *Config) { c.Policies = nil },
		"fraction":        func(c *Config) { c.Fractions = []float64{1.5} },
		"delay":           func(c *Config) { c.Delays = []int{-1} },
		"tick":            func(c *Config) { c.Tick = -1 },
		"quantile of bid": func(c *Config) { c.MaxBid = 2 },
	} {
		c := fine()
		change(&c)
		if _, err := Run(context.Background(), c); err == nil {
			t.Errorf("%s: it was played", name)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, fine()); !errors.Is(err, context.Canceled) {
		t.Errorf("a replay that was given up: %v", err)
	}
}

// A replay that is given up stops between two bidders, where there are many.
func TestAReplayIsGivenUpBetweenBidders(t *testing.T) {
	for name, at := range map[string]int{"while they are made": 3, "while they step": 50} {
		ctx := &patient{Context: context.Background(), left: at}
		j := small(t, "steady", Tangent, func(c *Config) { c.Bidders = []int{40} })
		f := j.flight()
		k := j.known(f)
		made := 0
		f.strategy = func(n int) (strategy, error) { made++; return j.strategy(f, k, setting{}, n) }
		if _, err := f.play(ctx); !errors.Is(err, context.Canceled) || made != min(at, 40) || f.ticks > 1 {
			t.Errorf("%s: after %d bidders and %d steps, %v", name, made, f.ticks, err)
		}
	}
}

// patient is a context that is over once it was asked so often.
type patient struct {
	context.Context
	left int
}

func (p *patient) Err() error {
	if p.left--; p.left < 0 {
		return context.Canceled
	}
	return nil
}
