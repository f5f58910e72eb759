package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/tangent-dsp/tangent/cmd/tangent/demo"
)

// amount reads a decimal string of whole nanos.
func amount(t *testing.T, v any, name string) int64 {
	t.Helper()
	s, ok := v.(string)
	n, err := strconv.ParseInt(s, 10, 64)
	if !ok || err != nil {
		t.Fatalf("%s is %v: want a decimal string", name, v)
	}
	return n
}

func readResult(t *testing.T, path string) map[string]any {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r map[string]any
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// expectBooksAgree holds a demo's result against what it must show.
func expectBooksAgree(t *testing.T, r map[string]any) {
	t.Helper()
	told, booked := amount(t, r["exchange_billed_notified_nanos"], "exchange_billed_notified_nanos"), amount(t, r["booked_nanos"], "booked_nanos")
	if told != booked || booked == 0 {
		t.Errorf("the exchange billed and told %d nanos, booked are %d", told, booked)
	}
	amount(t, r["exchange_billed_unnotified_nanos"], "exchange_billed_unnotified_nanos")
	amount(t, r["disputed_nanos"], "disputed_nanos")
	campaigns, _ := r["campaigns"].([]any)
	if len(campaigns) != demo.Campaigns {
		t.Errorf("%d campaigns, want %d", len(campaigns), demo.Campaigns)
	}
	sum := int64(0)
	for _, each := range campaigns {
		c := each.(map[string]any)
		if id, ok := c["id"].(float64); !ok || id < 1 {
			t.Errorf("a campaign has the id %v", c["id"])
		}
		budget, spent := amount(t, c["budget_nanos"], "budget_nanos"), amount(t, c["booked_nanos"], "booked_nanos")
		if plan := amount(t, c["plan_nanos"], "plan_nanos"); plan < 0 || plan > budget {
			t.Errorf("campaign %v: %d nanos should have been spent of %d", c["id"], plan, budget)
		}
		// A starved machine tells of bills when their holds are long gone.
		if late := amount(t, c["late_nanos"], "late_nanos"); late < 0 || spent > budget+late {
			t.Errorf("campaign %v booked %d nanos of a budget of %d, and %d were told late", c["id"], spent, budget, late)
		}
		sum += spent
	}
	if sum != booked {
		t.Errorf("the campaigns booked %d nanos, all in all %d", sum, booked)
	}
	for _, count := range []string{"requests", "bids", "wins", "impressions"} {
		if n, ok := r[count].(float64); !ok || n < 1 {
			t.Errorf("%s is %v", count, r[count])
		}
	}
	if _, ok := r["clicks"].(float64); !ok {
		t.Errorf("clicks is %v", r["clicks"])
	}
	latency, _ := r["latency_us"].(map[string]any)
	for _, p := range []string{"p50", "p99", "p999"} {
		if n, ok := latency[p].(float64); !ok || n <= 0 {
			t.Errorf("latency_us.%s is %v", p, latency[p])
		}
	}
	if reasons, ok := r["no_bid_reasons"].(map[string]any); !ok || len(reasons) == 0 {
		t.Errorf("no_bid_reasons is %v", r["no_bid_reasons"])
	}
	if x, _ := r["exchange"].(map[string]any); x == nil || len(x["violations"].(map[string]any)) != 0 {
		t.Errorf("the exchange's books have violations: %v", x["violations"])
	}
}

func TestDemoShowsBothBooks(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.json")
	var p *process
	var r map[string]any
	for _, duration := range []string{"6s", "24s", "96s"} { // a busy machine may bid in time on none of the first requests
		p = launch(t, nil, "demo", "--duration", duration, "--speed", "8640", "--rate", "150", "--seed", "1", "--json", out)
		if status := p.wait(); status != 0 {
			t.Fatalf("exit status %d: %s", status, p.errors.String())
		}
		if r = readResult(t, out); r["booked_nanos"] != "0" {
			break
		}
	}
	expectBooksAgree(t, r)
	for _, want := range []string{"exchange billed and notified", "Tangent booked", "both books agree, to the nano"} {
		if !strings.Contains(p.out.String(), want) {
			t.Errorf("no %q in the output:\n%s", want, tail(p.out.String()))
		}
	}
	if strings.Contains(p.out.String(), "\x1b[") {
		t.Error("terminal codes in an output that is no terminal")
	}
}

var (
	adminIn = regexp.MustCompile(`admin=(http://\S+)`)
	someIn  = regexp.MustCompile(`tangent_booking_events_total\{outcome="booked"\} [1-9][0-9]`)
	noneIn  = regexp.MustCompile(`tangent_bidder_no_bids_total\{exchange="(alpha|beta)",reason="[a-z_]+"\} [1-9]`)
)

// Ctrl-C in the middle ends the requests; what is owed is still told and
// booked, and the result is written.
func TestDemoEndsCleanlyWhenInterrupted(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out.json")
	p := launch(t, nil, "demo", "--duration", "10m", "--speed", "3600", "--rate", "100", "--json", out, "--log-level", "info")
	p.await("bookings, and requests without a bid", func() bool {
		admins := adminIn.FindAllStringSubmatch(p.errors.String(), -1)
		if len(admins) < 2 { // the first sets up, the second plays
			return false
		}
		_, metrics := fetch(t, admins[1][1]+"/metrics")
		return someIn.MatchString(metrics) && noneIn.MatchString(metrics)
	})
	if status := p.signal(syscall.SIGINT); status != 0 {
		t.Errorf("exit status %d: %s", status, p.errors.String())
	}
	expectBooksAgree(t, readResult(t, out))
}

func TestDemoRefusesOddOptions(t *testing.T) {
	for _, args := range [][]string{{"--duration", "0s"}, {"--rate", "0"}, {"--speed", "-1"}, {"--rate", "NaN"}, {"--duration", "48h"}} {
		if status, _, errs := tangent(t, "", append([]string{"demo"}, args...)...); status == 0 || !strings.Contains(errs, args[0]) {
			t.Errorf("demo %v: exit status %d, %s", args, status, errs)
		}
	}
	if status, _, errs := tangent(t, "", "exchange", "--target", "http://192.0.2.1:8080", "--duration", "1s"); status != 1 || !strings.Contains(errs, "loopback") {
		t.Errorf("an exchange that would leave the machine: exit status %d, %s", status, errs)
	}
}
