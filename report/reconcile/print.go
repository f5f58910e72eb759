package reconcile

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// printed bounds what Print lists of each kind.
const printed = 200

// Print writes the result for people.
func (r *Result) Print(out io.Writer) error {
	p := &printer{w: tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
	p.line("exchange\t%s, days of %s, amounts in %s", r.Exchange, r.Zone, r.Currency)
	p.line("report\t%s per %s, %s to %s, %s compared", Count(r.Lines, "line"), levelNames[r.Level], r.From, r.To, Count(r.Days, "day"))
	p.line("file\t%s", r.File)
	p.line("billed\t%v", r.Billed)
	if r.Duplicates.Count > 0 {
		p.line("  of it twice\t%v\t%s", r.Duplicates.Amount, Count(r.Duplicates.Count, "line"))
	}
	if r.Unknown.Count > 0 {
		p.line("  of it unknown\t%v\t%s", r.Unknown.Amount, Count(r.Unknown.Count, "line"))
	}
	if r.Unattributed.Count > 0 {
		p.line("  of it of no line item\t%v\t%s", r.Unattributed.Amount, Count(r.Unattributed.Count, "line"))
	}
	p.line("booked\t%v\t%s", r.Booked, Count(int(r.Bookings), "notice"))
	p.line("corrected before\t%v", r.Corrected)
	p.line("difference\t%v", r.Difference)
	for _, reason := range Reasons() {
		if s, ok := r.Reasons[reason]; ok {
			p.line("  %s\t%v\t%d", reason, s.Amount, s.Count)
		}
	}
	if r.Credits != 0 {
		p.line("credits, not compared\t%v", r.Credits)
	}
	p.flush()
	if len(r.Differences) > 0 {
		p.line("\nDAY\tCAMPAIGN\tLINE ITEM\tWHY\tAMOUNT\tIMPRESSIONS\tBILLED\tBOOKED\tCORRECTED\tLINE")
		for i := range r.Differences[:min(printed, len(r.Differences))] {
			d := &r.Differences[i]
			p.line("%s\t%s\t%s\t%s\t%s\t%s\t%v\t%v\t%v\t%s", d.Day, number(int64(d.Campaign)), number(int64(d.LineItem)), d.why(), signed(d.Amount), impressions(d.Impressions),
				d.Billed, d.Booked, d.Corrected, number(int64(d.Line)))
		}
		p.more(len(r.Differences))
	}
	for _, f := range []struct {
		title string
		Findings
	}{{"OF NO LINE ITEM", r.Unattributed}, {"UNKNOWN", r.Unknown}, {"DUPLICATE", r.Duplicates}} {
		if f.Count == 0 {
			continue
		}
		p.line("\n%s LINE\tDAY\tID\tAMOUNT\tWHY", f.title)
		for _, l := range f.Lines[:min(printed, len(f.Lines))] {
			p.line("%d\t%s\t%s\t%v\t%s", l.Line, l.Day, l.ID, l.Amount, l.Why)
		}
		p.more(f.Count)
	}
	return p.err
}

var levelNames = map[Level]string{PerBid: "bid", PerLineItem: "line item", PerCampaign: "campaign"}

// why says of a late one on which day the other side has it.
func (d *Difference) why() string {
	switch {
	case d.Reason != Late:
		return d.Reason.String()
	case Day(d.to) == d.Day:
		return fmt.Sprintf("late: booked on %s", *d.OtherDay)
	default:
		return fmt.Sprintf("late: billed on %s", *d.OtherDay)
	}
}

// Count says "1 line", "2 lines".
func Count(n int, one string) string {
	if n != 1 {
		one += "s"
	}
	return strconv.Itoa(n) + " " + one
}

func number(n int64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatInt(n, 10)
}

func impressions(n event.Impressions) string {
	if n == 0 {
		return "-"
	}
	return n.String()
}

func signed(n money.Nanos) string {
	if n > 0 {
		return "+" + n.String()
	}
	return n.String()
}

// printer writes lines until one fails.
type printer struct {
	w   *tabwriter.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

func (p *printer) flush() {
	if p.err == nil {
		p.err = p.w.Flush()
	}
}

func (p *printer) more(n int) {
	if n > printed {
		p.line("and %d more", n-printed)
	}
	p.flush()
}
