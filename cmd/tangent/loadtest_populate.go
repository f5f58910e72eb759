package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

// populateCmd is `tangent loadtest populate`.
type populateCmd struct {
	databaseAt
	LineItems   int    `default:"1000" help:"How many line items to make; 0 for none."`
	Exchanges   string `default:"alpha,beta" help:"Names of exchanges to make, where they are not there."`
	Users       int    `help:"Size of the population whose segments to import; 0 for none. It is that of 'tangent loadtest run' with the same --users and --seed."`
	Audience    string `placeholder:"HOST:PORT" help:"The Redis that serve uses; with --users."`
	SecretsFile string `placeholder:"FILE" help:"Secrets that serve uses; with --users. Default: secrets.json in the data folder."`
	Seed        uint64 `default:"1" help:"Every draw follows from it."`
	Yes         bool   `env:"-" help:"Do it: the database gets an advertiser with large budgets, which bids at once."`
}

func (c *populateCmd) Run(ctx context.Context, s streams) error {
	switch {
	case !c.Yes:
		return errors.New("this makes campaigns with large budgets that bid at once; on a database for tests, give --yes")
	case c.Users < 0:
		return fmt.Errorf("--users %d: allowed is 0 and above", c.Users)
	case c.Users > 0 && c.Audience == "":
		return errors.New("--users needs --audience")
	}
	if err := c.makeFile(); err != nil {
		return err
	}
	st, err := c.openOrMake(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	if c.LineItems != 0 {
		begun := time.Now()
		err = load.Populate(ctx, st, load.Population{LineItems: c.LineItems, Seed: c.Seed, Exchanges: strings.Split(c.Exchanges, ",")})
		if err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%d line items in %v\n", c.LineItems, time.Since(begun).Round(time.Millisecond))
	}
	if c.Users == 0 {
		return nil
	}
	return c.importUsers(ctx, s.out)
}

// importUsers writes the population's segments into the audience.
func (c *populateCmd) importUsers(ctx context.Context, to io.Writer) error {
	writer, keyer, err := app.OpenAudience(app.Config{Audience: c.Audience, DataDir: c.DataDir, SecretsFile: c.SecretsFile})
	if err != nil {
		return err
	}
	defer writer.Close()
	in, out := io.Pipe()
	go func() { out.CloseWithError(loadtest.WriteAudience(out, c.Seed, c.Users, time.Now().AddDate(0, 1, 0))) }()
	defer in.Close()
	r, err := audience.Import(ctx, in, writer, audience.ImportOptions{Keyer: keyer, Permit: audience.AssertConsent()})
	if err != nil {
		return err
	}
	fmt.Fprintf(to, "%d users of %d have segments\n", r.Users, c.Users)
	return nil
}
