package load

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/loadtest"
)

// Print writes the report for people.
func (r *Report) Print(w io.Writer) error {
	var s strings.Builder
	r.printInterrupted(&s)
	if len(r.Steps) > 0 {
		fmt.Fprintf(&s, "%10s %10s %8s %8s %8s %8s %8s %8s %8s\n", "rate/s", "answered", "p50 ms", "p99 ms", "p99.9", "shed", "late", "errors", "unsent")
		for _, p := range r.Steps {
			fmt.Fprintf(&s, "%10.0f %9.2f%% %8s %8s %8s %8d %8d %8d %8d  %s\n", p.Rate, 100*float64(p.Answers)/float64(max(1, p.Due)),
				ms(p.Latency.P50), ms(p.Latency.P99), ms(p.Latency.P999), p.Shed, p.Late, p.Errors, p.Unsent, p.Why)
		}
		switch {
		case r.Interrupted && r.Saturation > 0:
			fmt.Fprintf(&s, "saturation  not found yet: %.0f requests per second were kept up with; what follows is at that rate\n", r.Saturation)
		case r.Interrupted:
			s.WriteString("saturation  not found yet\n")
		case r.AtLeast:
			fmt.Fprintf(&s, "saturation  at least %.0f requests per second, the highest rate that was tried; what follows is at that rate\n", r.Saturation)
		case r.Saturation > 0:
			fmt.Fprintf(&s, "saturation  %.0f requests per second; what follows is at that rate\n", r.Saturation)
		case strings.HasPrefix(r.Steps[len(r.Steps)-1].Why, noBids):
			s.WriteString("saturation  unknown: there were no bids\n")
		default:
			s.WriteString("saturation  below the first step\n")
		}
		if r.Usual > 0 {
			fmt.Fprintf(&s, "            %.1f%% of the first step were answered without a body (204), which is taken for this bidder's way to say no.\n            Begin lower if it sheds already\n", 100*r.Usual)
		}
	}
	if d := r.Shed; d != nil {
		d.print(&s)
	}
	if r.WarmUp > 0 {
		each := ""
		if len(r.Steps) > 0 {
			each = " each step"
		}
		fmt.Fprintf(&s, "warm-up     %v s before%s, not counted\n", r.WarmUp, each)
	}
	if r.Recorded > 0 {
		fmt.Fprintf(&s, "recorded    %d requests, sent over and over; %d left out that are no bid requests\n", r.Recorded, r.Skipped)
	}
	fmt.Fprintf(&s, "requests    %d sent, %d answered (%d of these later than tmax), %d due but not sent (too many were under way)\n", r.Requests, r.Answers, r.Late, r.Unsent)
	for i, t := range r.Targets {
		head := "targets"
		if i > 0 {
			head = ""
		}
		fmt.Fprintf(&s, "%-11s %s: %s\n", head, t.URL, targetText(t))
	}
	fmt.Fprintf(&s, "bids        %d", r.Bids)
	if r.Wins > 0 {
		fmt.Fprintf(&s, ", %d won", r.Wins)
	}
	fmt.Fprintf(&s, "\nno bids     %s\nerrors      %s\n", counts(r.NoBids), counts(r.HTTPErrors))
	fmt.Fprintf(&s, "violations  %s", counts(r.Kinds))
	if r.CheckOf > 1 {
		fmt.Fprintf(&s, " (every %dth answer was checked)", r.CheckOf)
	}
	s.WriteString("\nlatency     from the intended send time, ms\n")
	for _, q := range r.Curve {
		fmt.Fprintf(&s, "  %-7s %10s\n", shareText(q.Share), ms(q.US))
	}
	if !r.BidsOnly {
		n := &r.Notices
		fmt.Fprintf(&s, "notices     %d sent, %d acknowledged, %d unanswered, failures %s\n", n.Sent, n.Acknowledged, n.Unanswered, counts(n.Failures))
	}
	fmt.Fprintf(&s, "generator   %.2f s of CPU; its requests left %s ms late (p99)\n", r.Generator, ms(r.LagP99))
	if r.Shed == nil { // which warns of itself
		printLimit(&s, r.LagP99)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// printInterrupted says how far a run came that was ended before it was over.
func (r *Report) printInterrupted(w io.Writer) {
	switch {
	case !r.Interrupted:
	case len(r.Steps) > 0:
		fmt.Fprintf(w, "interrupted after %.1f s, in step %d\n", r.Seconds, len(r.Steps))
	case r.played == 0 && r.WarmUp > 0:
		fmt.Fprintln(w, "interrupted in the warm-up: nothing was counted yet")
	default:
		fmt.Fprintf(w, "interrupted after %.1f s of %v s\n", r.played.Seconds(), math.Round(10*r.Asked.Seconds)/10)
	}
}

// targetText is what became of requests at a bidder.
func targetText(t loadtest.TargetCounts) string {
	text := fmt.Sprintf("%d answered, %d errors", t.Answers, t.Errors)
	if t.Refused > 0 {
		text += fmt.Sprintf(", %d connections refused, and the next one asked instead", t.Refused)
	}
	return text
}

// Errors are the errors by kind, for people.
func (r *Report) Errors() string { return counts(r.HTTPErrors) }

// counts writes a map in the order of its keys.
func counts(m map[string]int64) string {
	if len(m) == 0 {
		return "none"
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", k, m[k]))
	}
	return strings.Join(parts, ", ")
}

// ms writes microseconds as milliseconds.
func ms(us int64) string { return fmt.Sprintf("%.2f", float64(us)/1000) }

func shareText(share float64) string {
	if share == 1 {
		return "max"
	}
	return "p" + strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", 100*share), "0"), ".")
}
