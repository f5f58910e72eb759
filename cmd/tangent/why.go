package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

type whyCmd struct {
	LineItem int64 `arg:"" help:"The id of a line item."`
	Days     int   `default:"1" help:"How many days in UTC to count, today the last; at most 30."`
	JSON     bool  `name:"json" help:"Print what the API answered."`
	apiAt
}

func (c *whyCmd) Run(ctx context.Context, s streams) error {
	api, err := c.client()
	if err != nil {
		return err
	}
	why, err := api.LineItemWhy(ctx, event.LineItemID(c.LineItem), c.Days)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(s.out, why)
	}
	return printWhy(s.out, &why)
}

func printWhy(out io.Writer, why *v1.Why) error {
	fmt.Fprintf(out, "Line item %d since %s (UTC): ", why.LineItemID, why.From)
	if why.Spending {
		fmt.Fprintf(out, "it spends, %v %s so far.\n", why.Spent, why.Currency)
	} else {
		fmt.Fprintln(out, "it does not spend.")
	}
	fmt.Fprintf(out, "%d bids, %d won, %d lost, %d billed; %d requests came, %d imps were sampled.\n", why.Bids, why.Won, why.Lost, why.Billed, why.Requests, why.Samples)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(why.Obstacles) > 0 {
		fmt.Fprintln(table, "\nIN THE WAY\tWHAT\tDO")
	}
	for _, o := range why.Obstacles {
		fmt.Fprintf(table, "%s\t%s\t%s\n", o.Code, o.Detail, o.Remedy)
	}
	if len(why.Reasons) > 0 {
		fmt.Fprintln(table, "\nREASON\tSHARE\tIMPS\tSAMPLES\tWHEN\tDO")
	}
	for _, r := range why.Reasons {
		fmt.Fprintf(table, "%s\t%.1f %%\t%d\t%d\t%s\t%s\n", r.Reason, 100*r.Share, r.Imps, r.Samples, r.When, r.Remedy)
	}
	if len(why.Refused) > 0 {
		fmt.Fprintln(table, "\nREQUESTS REFUSED\tSHARE\tREQUESTS\tWHEN")
	}
	for _, r := range why.Refused {
		fmt.Fprintf(table, "%s\t%.1f %%\t%d\t%s\n", r.Reason, 100*r.Share, r.Requests, r.When)
	}
	return table.Flush()
}
