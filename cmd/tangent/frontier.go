package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

type frontierCmd struct {
	LineItem int64  `required:"" help:"The id of a line item."`
	Out      string `short:"o" env:"TANGENT_FRONTIER_OUT" placeholder:"FILE" help:"Draw the curve here, as SVG."`
	JSON     bool   `name:"json" help:"Print what the API answered."`
	apiAt
}

func (c *frontierCmd) Run(ctx context.Context, s streams) error {
	api, err := c.client()
	if err != nil {
		return err
	}
	f, err := api.LineItemFrontier(ctx, event.LineItemID(c.LineItem))
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := drawChart(c.Out, frontierChart(&f)); err != nil {
			return err
		}
	}
	if c.JSON {
		return printJSON(s.out, f)
	}
	return printFrontier(s.out, &f)
}

// standardError is a part in percent. From all of W on it says no more than that
// nothing is known: a budget may be less than what one sample stands for.
func standardError(part float64) string {
	if part >= 1 {
		return "100 % or more: the budget is too small for so few samples"
	}
	return fmt.Sprintf("%.0f %%", 100*part)
}

func printFrontier(out io.Writer, f *v1.Frontier) error {
	fmt.Fprintf(out, "Line item %d, %s: what a day's budget buys.\n", f.LineItemID, f.Name)
	if f.Samples > 0 {
		fmt.Fprintf(out, "%s opportunities a day, %d of them sampled since %s; standard error of W %s.\n",
			count(f.Opportunities), f.Samples, f.Since.Format("2006-01-02 15:04 MST"), standardError(f.StandardError))
		if f.Priced < f.Samples/2 {
			fmt.Fprintln(out, unpriced)
		}
		if f.Delivered.OfOptimum > 0 {
			fmt.Fprintf(out, "Billed since: %d impressions for %s, %.1f %% of what the same money buys on the curve.\n",
				f.Delivered.Impressions, cash(f.Delivered.Spend.String(), f.Currency), 100*f.Delivered.OfOptimum)
		}
		table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(table, "\n\tSPEND\t%s\tCOST OF ONE\tIMPRESSIONS\tMULTIPLIER\t\n", strings.ToUpper(outcomes(f)))
		row := func(name string, p v1.FrontierPoint, more string) {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%.4g\t%s\n", name, cash(p.Spend.String(), f.Currency), count(p.Outcomes), costOf(p, f), count(p.Impressions), p.Multiplier, more)
		}
		row("now", f.Now, "")
		if f.BudgetOf != "" {
			row("W", f.W, " budget "+cash(f.Budget.String(), f.Currency)+" ("+strings.ReplaceAll(f.BudgetOf, "_", " ")+")")
		} else {
			row("W", f.W, " no budget binds")
		}
		for _, x := range f.WhatIfs {
			row(changed(&x), x.Then, fmt.Sprintf(" %s %s ± %s", signed(x.Gain), outcomes(f), count(x.GainError)))
		}
		if e := f.Even; e != nil {
			fmt.Fprintf(table, "by the clock\t%s\t%s\t\t\t\t evenness costs %.1f %%\n", cash(e.Spend.String(), f.Currency), count(e.Outcomes), 100*e.Price)
		}
		if err := table.Flush(); err != nil {
			return err
		}
		if f.NextOutcome > 0 {
			fmt.Fprintf(out, "\nlambda %.4g: %s.\n", f.Lambda, next(f))
		}
	}
	if len(f.Limits) > 0 {
		fmt.Fprintln(out, "\nThis budget cannot be spent, because:")
	}
	for _, l := range f.Limits {
		fmt.Fprintf(out, "- %s: %s.\n  Do: %s.\n", l.Code, l.Detail, l.Remedy)
	}
	return nil
}

// outcomes names what the goal counts.
func outcomes(f *v1.Frontier) string {
	if f.Outcome == "order_value" {
		return "order value in " + f.Currency
	}
	return f.Outcome
}

// costOf is what an outcome costs: of impressions a thousand, as they are sold.
func costOf(p v1.FrontierPoint, f *v1.Frontier) string {
	if f.Outcome == "impressions" {
		return cash(strconv.FormatFloat(1000*amountOf(p.Cost), 'f', -1, 64), f.Currency) + " CPM"
	}
	return cash(p.Cost.String(), f.Currency)
}

// next says what the next outcome beyond W costs.
func next(f *v1.Frontier) string {
	switch f.Outcome {
	case "clicks":
		return "the next click costs " + cash(f.NextOutcome.String(), f.Currency)
	case "orders":
		return "the next order costs " + cash(f.NextOutcome.String(), f.Currency)
	case "order_value":
		return "the next " + f.Currency + " of orders costs " + cash(f.NextOutcome.String(), f.Currency)
	}
	return "the next thousand impressions cost " + cash(strconv.FormatFloat(1000*amountOf(f.NextOutcome), 'f', -1, 64), f.Currency)
}

func changed(x *v1.FrontierWhatIf) string {
	what := "budget"
	if x.Change == "max_bid" {
		what = "max bid"
	}
	if x.Factor == 2 {
		return "2 x " + what
	}
	return fmt.Sprintf("%s %+.0f %%", what, 100*(x.Factor-1))
}
