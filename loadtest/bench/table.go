package bench

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the tables as Markdown: what was measured, and under which
// conditions.
func (r *Result) Print(w io.Writer) error {
	var s strings.Builder
	if r.Partial != "" {
		fmt.Fprintf(&s, "**Partial:** the benchmark was ended before its time, after %s.\n\n", r.Partial)
	}
	if !r.Quiet {
		fmt.Fprintf(&s, "**Not to be relied on:** others took %.0f %% of this machine's CPU meanwhile. Measure on a machine that does nothing else.\n\n", 100*r.Conditions.Others)
	}
	r.figures(&s)
	r.servers(&s)
	r.overloaded(&s)
	r.disturbed(&s)
	r.cached(&s)
	r.soaked(&s)
	r.conditions(&s)
	_, err := io.WriteString(w, s.String())
	return err
}

func (r *Result) figures(s *strings.Builder) {
	bid := r.find(ofBid, r.LineItems)
	fmt.Fprintf(s, "| figure, %s line items | median | lowest and highest round | aim |\n| --- | --- | --- | --- |\n", thousands(r.LineItems))
	row := func(name string, v Spread, aim string) {
		fmt.Fprintf(s, "| %s | %.2f | %.2f to %.2f | %s |\n", name, v.Median, v.Low, v.High, aim)
	}
	row("CPU per bid request / null bidder's", bid.OverNull, "1.5")
	row("CPU per bid request / bare echo's", bid.OverEcho, "")
	near := r.find(ofCache, 0)
	row(fmt.Sprintf("the same with a near-cache that answers %.0f %% of the reads / bare echo's", 100*near.NearShare), near.OverEcho, "1.8")
	if r.Ratio100k > 0 {
		row("CPU per bid request at 100,000 line items / at 1,000", r.Growth, "2")
	}
	row("p99 of latency / null bidder's", bid.P99Over, "2")
	row("allocations per bid request, less the null bidder's", bid.AllocOver, "")
	fmt.Fprintf(s, "| resident memory at %s line items, MiB | %.0f | | 400 |\n", thousands(r.largest().LineItems), mib(r.Resident))
	switch {
	case r.Notice == Spread{}:
		fmt.Fprintf(s, "| CPU per notice until it is booked, us | %.1f | | |\n", r.CPUNotice)
	case r.CPUNotice <= 0:
		fmt.Fprintf(s, "| CPU per notice until it is booked, us | not told: less than the noise | %.1f to %.1f | |\n", r.Notice.Low, r.Notice.High)
	default:
		fmt.Fprintf(s, "| CPU per notice until it is booked, us | %.1f | %.1f to %.1f | |\n", r.CPUNotice, r.Notice.Low, r.Notice.High)
	}
}

func (r *Result) servers(s *strings.Builder) {
	s.WriteString("\n| server | requests/s | CPU us per request | / null | p50 ms | p99 ms | not answered in full | allocations | bids per answer | notices per request | resident MiB |\n" +
		"| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, x := range r.Series {
		fmt.Fprintf(s, "| %s | %.0f | %.1f (%.1f to %.1f) | %.2f | %.2f | %.2f (%.2f to %.2f) | %d of %d | %.1f | %.2f | %.2f | %.0f |\n", x.title(), x.Rate, x.CPU.Median, x.CPU.Low, x.CPU.High,
			x.OverNull.Median, x.P50.Median/1000, x.P99.Median/1000, x.P99.Low/1000, x.P99.High/1000, x.Lost, x.Due, x.Allocs.Median, x.BidShare, x.Notices, mib(x.Resident))
	}
	fmt.Fprintf(s, "\nThe bidder keeps up with %.0f requests per second beside the generator; all is at half of that, or as it says. Redis takes %.1f us of CPU per bid request.\n", r.Kept, r.RedisCPU)
	fmt.Fprintf(s, "A bid request has %.0f bytes and its answer %.0f, with HTTP's headers; an event takes %.0f bytes of the log, and a user with segments %.0f of Redis.\n",
		r.RequestBytes, r.ResponseBytes, r.EventBytes, r.RedisPerUser)
	fmt.Fprintf(s, "%d violations of the protocol among every %dth answer, and among all where auctions are held.\n", r.Violations, r.Conditions.CheckEvery)
}

func (r *Result) overloaded(s *strings.Builder) {
	x := r.Shed
	if x == nil {
		return
	}
	s.WriteString("\n")
	if r.ShedApart {
		kept := fmt.Sprintf("keeps up with %.0f requests per second", r.ShedKept)
		if r.ShedKept == 0 {
			kept = fmt.Sprintf("kept up with no rate that was tried, and %.0f requests per second stand in", x.Rate/2)
		}
		fmt.Fprintf(s, "Cores apart, half of one for the bidder and Redis and the others for the generator: the bidder %s.\n", kept)
	}
	fmt.Fprintf(s, "At %.0f requests per second, twice what it keeps up with: %.0f %% accepted (p50 %.1f ms, p99 %.1f ms from the intended send time), %.0f %% shed (p50 %.1f ms), %d of %d late, %d unsent, %d errors.\n",
		x.Rate, 100*x.AcceptedShare, float64(x.AcceptedP50)/1000, float64(x.AcceptedP99)/1000, 100*x.ShedShare, float64(x.ShedP50)/1000, x.Timeouts, x.Due, x.Unsent, x.Errors)
	if x.GeneratorLimits() {
		fmt.Fprintf(s, "**The generator was the limit of this:** its requests left %.1f ms late (p99). What is said of the overload is its as well.\n", float64(x.LagP99)/1000)
	}
	recovered := "it was not as before in the time that was looked at"
	if x.Recovery >= 0 {
		recovered = fmt.Sprintf("all was as before after %.2f s", x.Recovery)
	}
	fmt.Fprintf(s, "At half of it p99 was %.2f ms before and %.2f ms after; %s.\n", float64(x.CalmP99)/1000, float64(x.AfterP99)/1000, recovered)
}

func (r *Result) conditions(s *strings.Builder) {
	c := &r.Conditions
	or := func(text, instead string) string {
		if text == "" {
			return instead
		}
		return text
	}
	rounds := fmt.Sprintf("Medians of %d rounds of %v s", c.Rounds, c.Each)
	if c.Rounds == 1 {
		rounds = fmt.Sprintf("One round of %v s", c.Each)
	}
	if c.WarmUp > 0 {
		rounds += fmt.Sprintf(" after %v s of warm-up", c.WarmUp)
	}
	fmt.Fprintf(s, "\n%s, all servers in turns, in %.0f minutes. %s; %s users, %s where there is a near-cache.\n",
		rounds, c.Seconds/60, c.Traffic, thousands(c.Users), thousands(c.NearUsers))
	fmt.Fprintf(s, "%s, %d CPUs (%s), kernel %s, %s, GOGC %s, GOMEMLIMIT %s; others took %.1f %% of the CPU, load average %s to %s; Redis: %s; version %s, %s.\n",
		c.Go, c.CPUs, or(c.CPU, "unknown"), or(c.Kernel, "unknown"), c.System, or(c.GOGC, "by tangent"), or(c.GOMemLimit, "none"), 100*c.Others,
		or(c.LoadBegin, "unknown"), or(c.LoadEnd, "unknown"), c.Redis, c.Version, c.Begun.Format("2006-01-02 15:04 UTC"))
}

// title names a series for people.
func (s *Series) title() string {
	switch s.Kind {
	case ofEcho:
		return "bare echo"
	case ofNull:
		return "null bidder"
	case ofBid:
		return "bidder, " + thousands(s.LineItems)
	case ofNotices:
		return "with auctions, " + thousands(s.LineItems)
	case ofUntold:
		return "the same without auctions, " + thousands(s.LineItems)
	case ofCache:
		return "with near-cache, " + thousands(s.LineItems)
	case ofBeside:
		return "other build, " + thousands(s.LineItems)
	}
	return s.Kind
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// thousands writes 100,000.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
