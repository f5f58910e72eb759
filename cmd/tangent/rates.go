package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
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
	added, differ := 0, 0
	for _, t := range tables {
		stated := t
		switch t, err := st.AddRateTable(ctx, t); {
		case errors.Is(err, store.ErrConflict): // known, or older: never stated again
			was, known, err := st.RateTableFrom(ctx, stated.Source, stated.Base, stated.Start)
			if err != nil {
				return err
			}
			if known && !slices.Equal(was.Quotes, stated.Quotes) {
				differ++
				fmt.Fprintf(s.out, "%d, against %s by %s, from %s on, has other rates: it stays as it is\n", was.ID, was.Base, was.Source, was.Start.Format(time.RFC3339))
			}
		case err != nil:
			return fmt.Errorf("after %d tables were added: %w", added, err)
		default:
			added++
			fmt.Fprintf(s.out, "%d: %d currencies against %s by %s, from %s on\n", t.ID, len(t.Quotes), t.Base, t.Source, t.Start.Format(time.RFC3339))
		}
	}
	fmt.Fprintf(s.out, "%d of %d tables were new\n", added, len(tables))
	if differ > 0 {
		return fmt.Errorf("%d tables of the file have other rates than were stated before: state them from a later moment on", differ)
	}
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
