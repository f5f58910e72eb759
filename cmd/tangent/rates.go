package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/tangent-dsp/tangent/campaign/ratefile"
	"github.com/tangent-dsp/tangent/campaign/store"
)

type ratesCmd struct {
	databaseAt
	Import ratesImport `cmd:"" help:"Add the exchange rates of a file that are newer than those of its source."`
	List   ratesList   `cmd:"" help:"List tables of exchange rates."`
}

type ratesImport struct {
	File   string `arg:"" type:"existingfile" help:"CSV with the columns effective_from, base, currency, rate and perhaps source; or the XML of the European Central Bank."`
	Source string `help:"Who states them, where the file does not say."`
}

func (r *ratesImport) Run(ctx context.Context, c *cli, s streams) error {
	file, err := os.Open(r.File)
	if err != nil {
		return fmt.Errorf("cannot read exchange rates: %w", err)
	}
	defer file.Close()
	tables, err := ratefile.Read(file, r.Source)
	if err != nil {
		return err
	}
	st, err := c.Rates.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	added := 0
	for _, t := range tables {
		switch t, err := st.AddRateTable(ctx, t); {
		case errors.Is(err, store.ErrConflict): // known, or older: never stated again
		case err != nil:
			return fmt.Errorf("after %d tables were added: %w", added, err)
		default:
			added++
			fmt.Fprintf(s.out, "%d: %d currencies against %s by %s, from %s on\n", t.ID, len(t.Quotes), t.Base, t.Source, t.Start.Format(time.RFC3339))
		}
	}
	fmt.Fprintf(s.out, "%d of %d tables were new\n", added, len(tables))
	return nil
}

type ratesList struct {
	After int64 `help:"Those with ids above this one."`
}

func (r *ratesList) Run(ctx context.Context, c *cli, s streams) error {
	st, err := c.Rates.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tFROM\tSOURCE\tBASE\tCURRENCY\tRATE")
	for f := (store.Filter{AfterID: r.After, Limit: store.MaxPage}); ; {
		tables, err := st.ListRateTables(ctx, f)
		if err != nil {
			return err
		}
		for _, t := range tables {
			for _, q := range t.Quotes {
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%v\n", t.ID, t.Start.Format(time.RFC3339), t.Source, t.Base, q.Currency, q.Units)
			}
			f.AfterID = int64(t.ID)
		}
		if len(tables) < f.Limit {
			return w.Flush()
		}
	}
}
