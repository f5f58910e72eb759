package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

const (
	drawEvery  = 500 * time.Millisecond
	reportEach = 10 * time.Second // without a terminal
	rows       = 10               // campaigns shown
	barWidth   = 32
)

// table shows the run while it goes on.
type table struct {
	o         Options
	app       *app.App
	api       *client.Client
	campaigns []v1.Campaign
	exchange  *exchange

	lines int            // of the last drawing, to draw over
	last  loadtest.Books // when it was drawn
	spent []CampaignResult
}

func newTable(o Options, a *app.App, api *client.Client, campaigns []v1.Campaign, x *exchange) *table {
	return &table{o: o, app: a, api: api, campaigns: campaigns, exchange: x, spent: make([]CampaignResult, len(campaigns))}
}

// run draws until ctx ends, and once more then.
func (t *table) run(ctx context.Context) {
	every := drawEvery
	if !t.o.Live {
		every = reportEach
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		t.draw(ctx)
		select {
		case <-ctx.Done():
			t.draw(context.Background())
			return
		case <-tick.C:
		}
	}
}

func (t *table) draw(ctx context.Context) {
	b := t.exchange.latest()
	t.report(ctx)
	reasons, err := noBidReasons(t.app)
	if err != nil {
		return // the next drawing may have them
	}
	if !t.o.Live {
		fmt.Fprintln(t.o.Out, t.line(&b))
		return
	}
	text := t.text(&b, reasons)
	if t.lines > 0 {
		fmt.Fprintf(t.o.Out, "\x1b[%dA\x1b[J", t.lines)
	}
	fmt.Fprint(t.o.Out, text)
	t.lines = strings.Count(text, "\n")
	t.last = b
}

// report asks the API how campaigns stand. What it does not answer stays as it
// was.
func (t *table) report(ctx context.Context) {
	for i, c := range t.campaigns {
		d, err := t.api.CampaignDelivery(ctx, c.ID)
		if err != nil {
			return
		}
		t.spent[i], _, _ = campaignResult(c, d)
	}
}

func (t *table) sums() (booked, plan, budget money.Nanos) {
	for _, c := range t.spent {
		booked += money.Nanos(c.Booked)
		plan += money.Nanos(c.Plan)
		budget += money.Nanos(c.Budget)
	}
	return booked, plan, budget
}

func (t *table) line(b *loadtest.Books) string {
	booked, plan, budget := t.sums()
	return fmt.Sprintf("%s  %d requests, %d bids, %d wins, %d clicks, spent %s of %s planned (budget %s), p99 %.1f ms",
		t.app.Clock().Now().In(t.midnight()).Format("Mon 15:04"), b.Requests, b.Bids, b.Wins, b.Clicks,
		dollars(booked), dollars(plan), dollars(budget), float64(b.LatencyUS.P99)/1000)
}

func (t *table) midnight() *time.Location {
	m, err := midnight()
	if err != nil {
		return time.UTC
	}
	return m.Location()
}

func (t *table) text(b *loadtest.Books, reasons map[string]int64) string {
	var s strings.Builder
	booked, plan, budget := t.sums()
	rate := float64(b.Requests-t.last.Requests) / max(b.ElapsedSeconds-t.last.ElapsedSeconds, 0.001)
	fmt.Fprintf(&s, "\n  Tangent   market time %s   one day in %.0f s\n\n",
		t.app.Clock().Now().In(t.midnight()).Format("Mon 15:04"), 86400/t.o.Speed)
	fmt.Fprintf(&s, "  requests %9d  %6.0f/s     latency  p50 %6.2f ms   p99 %6.2f ms   p99.9 %6.2f ms\n",
		b.Requests, max(rate, 0), float64(b.LatencyUS.P50)/1000, float64(b.LatencyUS.P99)/1000, float64(b.LatencyUS.P999)/1000)
	fmt.Fprintf(&s, "  bids     %9d     wins %d     impressions %d     clicks %d\n", b.Bids, b.Wins, b.Impressions, b.Clicks)
	fmt.Fprintf(&s, "  spend    %s %s of %s, planned by now %s\n\n", bar(booked, plan, budget), dollars(booked), dollars(budget), dollars(plan))

	fmt.Fprintf(&s, "  %-14s %-*s %9s %9s %9s\n", "campaign", barWidth, "spent #, plan |", "booked", "plan", "budget")
	for i := range rows {
		c := t.spent[i*len(t.spent)/rows]
		fmt.Fprintf(&s, "  %-14s %s %9s %9s %9s\n", c.Name, bar(money.Nanos(c.Booked), money.Nanos(c.Plan), money.Nanos(c.Budget)),
			dollars(money.Nanos(c.Booked)), dollars(money.Nanos(c.Plan)), dollars(money.Nanos(c.Budget)))
	}
	fmt.Fprintf(&s, "\n  no bid, because\n")
	for _, r := range top(reasons, 5) {
		fmt.Fprintf(&s, "  %9d  %s\n", reasons[r], strings.ReplaceAll(r, "_", " "))
	}
	fmt.Fprintf(&s, "\n  metrics %s/metrics   API %s/docs   Ctrl-C ends it\n", t.app.AdminURL(), t.app.APIURL())
	return s.String()
}

// bar draws what was spent of a budget, and where the plan stands.
func bar(booked, plan, budget money.Nanos) string {
	if budget <= 0 {
		return strings.Repeat(".", barWidth)
	}
	at := func(n money.Nanos) int { return min(int(float64(n)/float64(budget)*barWidth), barWidth) }
	b := []byte(strings.Repeat("#", at(booked)) + strings.Repeat(".", barWidth-at(booked)))
	b[min(at(plan), barWidth-1)] = '|'
	return string(b)
}

// top returns the names of the n highest counts.
func top(counts map[string]int64, n int) []string {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	return names[:min(n, len(names))]
}

// dollars is an amount for people: two decimals.
func dollars(n money.Nanos) string { return fmt.Sprintf("$%.2f", float64(n)/float64(money.Unit)) }

// noBidReasons reads the bidder's own count of why it did not bid.
func noBidReasons(a *app.App) (map[string]int64, error) {
	families, err := a.Metrics().Gather()
	if err != nil {
		return nil, fmt.Errorf("cannot read the metrics: %w", err)
	}
	counts := map[string]int64{}
	for _, f := range families {
		if f.GetName() != "tangent_bidder_no_bids_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if n := int64(m.GetCounter().GetValue()); l.GetName() == "reason" && n > 0 {
					counts[l.GetValue()] += n
				}
			}
		}
	}
	return counts, nil
}
