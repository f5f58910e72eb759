package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

type pacingCmd struct {
	LineItem int64  `required:"" help:"The id of a line item."`
	Budget   string `placeholder:"BUDGET" help:"Whose plan to print and draw: line_item_daily and so on. Default: the one that binds."`
	Out      string `short:"o" env:"TANGENT_PACING_OUT" placeholder:"FILE" help:"Draw spend against plan here, as SVG."`
	JSON     bool   `name:"json" help:"Print what the API answered."`
	apiAt
}

func (c *pacingCmd) Run(ctx context.Context, s streams) error {
	api, err := c.client()
	if err != nil {
		return err
	}
	p, err := api.LineItemPacing(ctx, event.LineItemID(c.LineItem))
	if err != nil {
		return err
	}
	shown, err := shownBudget(&p, c.Budget)
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := drawChart(c.Out, pacingChart(&p, shown)); err != nil {
			return err
		}
	}
	if c.JSON {
		return printJSON(s.out, p)
	}
	return printPacing(s.out, &p, shown)
}

// shownBudget returns the budget of that name; without one the budget that
// binds, else the first that is spread over time; nil if none is.
func shownBudget(p *v1.Pacing, name string) (shown *v1.PacingBudget, err error) {
	for i := range p.Budgets {
		switch b := &p.Budgets[i]; {
		case name != "" && b.Of == name, name == "" && b.State == "binds":
			return b, nil
		case name == "" && shown == nil && len(b.Slots) > 0:
			shown = b
		}
	}
	if name != "" {
		return nil, fmt.Errorf("line item %d has no budget %q", p.LineItemID, name)
	}
	return shown, nil
}

func printPacing(out io.Writer, p *v1.Pacing, shown *v1.PacingBudget) error {
	fmt.Fprintf(out, "Line item %d, %s: ", p.LineItemID, p.Name)
	switch {
	case p.Stopped != "":
		fmt.Fprintf(out, "it does not bid: %s.\n", p.Stopped)
	case len(p.Controllers) == 0:
		fmt.Fprintln(out, "no controller has stepped for it yet.")
	default:
		fmt.Fprintf(out, "it bids %.4g of its value. Stepped by %s.\n", p.Multiplier, steppers(p))
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\nBUDGET\tSTATE\tAMOUNT\tBOOKED\tHELD\tLEFT\tPLANNED\tSPENT\tLAMBDA\tCALIBRATION\tTRAFFIC\tTO COME\t")
	for i := range p.Budgets {
		b := &p.Budgets[i]
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t", worded(b.Of), b.State, cash(b.Budget.String(), p.Currency),
			bare(b.Booked.String()), bare(b.Outstanding.String()), bare(b.Left.String()))
		if len(b.Slots) > 0 {
			fmt.Fprintf(table, "%s\t%s\t%.4g\t%.3f\t%s\t%s\t\n", bare(b.Planned.String()), bare(b.Spent.String()), b.Lambda, b.Calibration, count(b.Seen), count(b.Forecast))
		} else {
			fmt.Fprintln(table, "\t\t\t\t\t\t")
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	for i := range p.Budgets {
		fmt.Fprintf(out, "- %s: %s.\n", worded(p.Budgets[i].Of), p.Budgets[i].Detail)
	}
	if l := p.Limits; l != nil {
		fmt.Fprintf(out, "- limits on outcomes: no single bid can break them at %.4g of its value; their price is %.4g.\n", l.Most, l.Price)
	}
	if p.Even != nil {
		fmt.Fprintf(out, "- evenness would cost %.1f %% of the value.\n", 100*p.Even.Price)
	}
	for _, l := range p.CannotBeSpent {
		fmt.Fprintf(out, "- cannot be spent, %s: %s.\n  Do: %s.\n", l.Code, l.Detail, l.Remedy)
	}
	if shown == nil || len(shown.Slots) == 0 {
		return nil
	}
	fmt.Fprintf(out, "\nThe plan of %s, %s:\n\n", worded(shown.Of), shown.Pacing)
	fmt.Fprintln(table, "FROM\tPLANNED\tSPENT\tPLANNED SO FAR\tSPENT SO FAR\t")
	var planned, spent money.Nanos
	for i := range shown.Slots {
		s := &shown.Slots[i]
		fmt.Fprintf(table, "%s\t%s\t", s.From.Format("01-02 15:04"), bare((s.Planned - planned).String()))
		if planned = s.Planned; s.Spent != nil {
			fmt.Fprintf(table, "%s\t%s\t%s\t\n", bare((*s.Spent - spent).String()), bare(s.Planned.String()), bare(s.Spent.String()))
			spent = *s.Spent
		} else {
			fmt.Fprintf(table, "\t%s\t\t\n", bare(s.Planned.String()))
		}
	}
	return table.Flush()
}

// steppers says who steps, the last one first.
func steppers(p *v1.Pacing) string {
	var all []string
	for _, c := range p.Controllers {
		name := c.By
		if c.Bidder != "" {
			name += " (" + c.Bidder + ")"
		}
		all = append(all, fmt.Sprintf("%s, %v ago", name, max(0, p.At.Sub(c.SteppedAt)).Round(time.Second)))
	}
	return strings.Join(all, "; ")
}

// worded writes the name of a budget for people.
func worded(of string) string { return strings.ReplaceAll(of, "_", " ") }

// bare is cash without the currency.
func bare(amount string) string { return strings.TrimSuffix(cash(amount, ""), " ") }
