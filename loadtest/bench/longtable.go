package bench

import (
	"fmt"
	"strings"

	"github.com/tangent-dsp/tangent/loadtest/load"
)

func (r *Result) disturbed(s *strings.Builder) {
	if len(r.Disturbed) == 0 {
		return
	}
	d := r.Disturbed[0]
	fmt.Fprintf(s, "\n| what happens, at %s line items and %.0f requests per second | p99 before, ms | through it | worst quarter second | after | not answered in full | as before after | garbage collections |\n"+
		"| --- | --- | --- | --- | --- | --- | --- | --- |\n", thousands(d.LineItems), d.Rate)
	for _, d := range r.Disturbed {
		if d.Failed != "" {
			fmt.Fprintf(s, "| %s: **failed:** %s | - | - | - | - | - | - | - |\n", d.What, strings.ReplaceAll(d.Failed, "|", "\\|"))
			continue
		}
		fmt.Fprintf(s, "| %s | %.2f | %.2f | %.2f | %s | %d of %d | %s | %d |\n", d.What, ms(d.Before.P99), ms(d.Through.P99), ms(d.Through.Worst), after(&d.Disturbed),
			d.Through.Lost, d.Through.Due, recovery(d.Recovery), d.Collections)
	}
}

// after is the latency when all was as before again, in milliseconds.
func after(d *load.Disturbed) string {
	if d.Recovery < 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", ms(d.After.P99))
}

func recovery(seconds float64) string {
	switch {
	case seconds < 0:
		return "not in the time that was looked at"
	case seconds == 0:
		return "at once"
	}
	return fmt.Sprintf("%.2f s", seconds)
}

// lasting is how long something took, to the second or the minute.
func lasting(seconds float64) string {
	if seconds < 120 {
		return fmt.Sprintf("%.0f seconds", seconds)
	}
	return fmt.Sprintf("%.0f minutes", seconds/60)
}

func ms(us int64) float64 { return float64(us) / 1000 }

func (r *Result) cached(s *strings.Builder) {
	c := r.Cached
	if c == nil {
		return
	}
	fmt.Fprintf(s, "\n| a near-cache for %s users, %s line items | |\n| --- | --- |\n", thousands(c.Users), thousands(c.LineItems))
	fmt.Fprintf(s, "| answers in %.0f s, of which each was for the next of the users | %s |\n", c.Seconds, thousands(int(c.Answers)))
	fmt.Fprintf(s, "| ids of theirs that it held at most; that made room for others | %s; %s |\n", thousands(int(c.IDs)), thousands(int(c.Evicted)))
	fmt.Fprintf(s, "| MiB that it took at most, of those allowed | %.0f of %.0f |\n", mib(c.Held), mib(c.Limit))
	fmt.Fprintf(s, "| resident MiB of the bidder when all had come; before | %.0f; %.0f |\n", mib(c.Resident), mib(c.Before))
	fmt.Fprintf(s, "| a garbage collection while nobody asks, ms; of the bidder of the rounds, without it | %.0f; %.0f |\n", 1000*c.Collection, 1000*c.Without)
}

func (r *Result) soaked(s *strings.Builder) {
	x := r.Soak
	if x == nil {
		return
	}
	if x.Ended != "" {
		fmt.Fprintf(s, "\nThe soak of %s ended before its time: %s.\n", lasting(x.Planned), x.Ended)
	}
	if len(x.Points) < 3 { // nothing to compare
		return
	}
	fmt.Fprintf(s, "\n| a soak of %s at %.0f requests per second, in %s | first third | last third |\n| --- | --- | --- |\n", lasting(x.Planned), x.Rate, lasting(x.Seconds))
	row := func(name string, v [2]Spread, unit float64) {
		fmt.Fprintf(s, "| %s |", name)
		for _, part := range v {
			fmt.Fprintf(s, " %.2f (%.2f to %.2f) |", part.Median/unit, part.Low/unit, part.High/unit)
		}
		s.WriteByte('\n')
	}
	row("resident MiB", x.Resident, 1<<20)
	row("p99 ms", x.P99, 1000)
	row("CPU us per request", x.CPU, 1)
	fmt.Fprintf(s, "\n%d requests, %d of them without an answer within tmax, %d errors, %d violations.\n", x.Requests, x.Unanswered, x.Errors, x.Violations)
	f := x.Failover
	if !x.Cluster {
		s.WriteString("Nothing failed over: redis-server is not installed.\n")
	}
	if f == nil {
		return
	}
	if f.Failed != "" {
		fmt.Fprintf(s, "Half-way %s. **That failed:** %s\n", f.What, f.Failed)
		return
	}
	known := "they were not in the time that was looked at"
	if f.Known >= 0 {
		known = fmt.Sprintf("as many as before after %.1f s", f.Known)
	}
	fmt.Fprintf(s, "Half-way %s (`cluster-node-timeout` 2 s): p99 was %.2f ms before, %.2f ms through it, %.2f ms in the worst quarter second and %s ms after; %d of %d were not answered in full; as before after: %s. "+
		"Of the users %.1f %% were known before and %.1f %% in the worst quarter second; %s.\n",
		f.What, ms(f.Before.P99), ms(f.Through.P99), ms(f.Through.Worst), after(&f.Disturbed), f.Through.Lost, f.Through.Due, recovery(f.Recovery), 100*f.KnownBefore, 100*f.KnownWorst, known)
}
