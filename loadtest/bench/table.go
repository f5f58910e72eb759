package bench

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the tables, as Markdown: what was measured, and where it
// should end.
func (r *Result) Print(w io.Writer) error {
	var s strings.Builder
	home := r.at(r.LineItems)
	c := &r.Conditions
	fmt.Fprintf(&s, "\n| figure, %s line items | first target | goal | median | spread |\n| --- | --- | --- | --- | --- |\n", thousands(r.LineItems))
	row := func(name, first, goal string, v Spread, unit string) {
		fmt.Fprintf(&s, "| %s | %s | %s | %.2f%s | %.2f to %.2f |\n", name, first, goal, v.Median, unit, v.Low, v.High)
	}
	row("CPU per request / null bidder's", "2.0", "1.5", home.Ratio, "")
	row("CPU per request / bare echo's", "2.5", "1.8", home.RatioEcho, "")
	if r.Ratio100k > 0 {
		fmt.Fprintf(&s, "| cost at 100,000 line items / at 1,000 | 3 | 2 | %.2f | |\n", r.Ratio100k)
	}
	row("p99 / null bidder's", "3", "2", home.RatioP99, "")
	row("allocations per request, less the null bidder's", "5", "0", home.Allocs, "")
	fmt.Fprintf(&s, "| resident memory at the most line items, MiB | 1024 | 400 | %.0f | |\n", float64(r.Resident)/(1<<20))

	s.WriteString("\n| line items | CPU us: echo | null | bid | bid / null | p99 ms: null | bid | bids per answer | resident MiB |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for i := range r.Sizes {
		z := &r.Sizes[i]
		fmt.Fprintf(&s, "| %s | %.1f | %.1f | %.1f | %.2f | %.2f | %.2f | %.2f | %.0f |\n", thousands(z.LineItems), z.CPUEcho.Median, z.CPUNull.Median, z.CPUBid.Median,
			z.Ratio.Median, z.P99Null.Median/1000, z.P99Bid.Median/1000, z.BidShare, float64(z.Resident)/(1<<20))
	}
	fmt.Fprintf(&s, "\nAt %.0f requests per second, saturation %.0f. Medians of %d rounds of %.0f s. %d violations among every %dth answer.\n",
		r.Rate, r.Saturation, c.Rounds, c.Seconds, r.Violations, c.CheckEvery)
	fmt.Fprintf(&s, "At %.0f per second: %d of %d answered, %d of them shed, %d ran out of time, %d could not be sent; p99 %.1f ms, %.2f ms right after at the usual rate.\n",
		r.Shed.Rate, r.Shed.Answers, r.Shed.Due, r.Shed.Overload, r.Shed.Timeouts, r.Shed.Unsent, r.Shed.P99/1000, r.Shed.P99After/1000)
	fmt.Fprintf(&s, "%s, %d CPUs (%s), load average %s to %s, %s; Redis: %s; version %s.\n",
		c.Go, c.CPUs, c.CPU, c.LoadBegin, c.LoadEnd, c.System, c.Redis, c.Version)
	_, err := io.WriteString(w, s.String())
	return err
}

func (r *Result) at(lineItems int) *Size {
	for i := range r.Sizes {
		if r.Sizes[i].LineItems == lineItems {
			return &r.Sizes[i]
		}
	}
	return &Size{}
}

// thousands writes 100,000.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
