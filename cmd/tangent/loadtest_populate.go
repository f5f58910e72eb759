package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

// populateCmd is `tangent loadtest populate`.
type populateCmd struct {
	databaseAt
	LineItems   int    `default:"1000" help:"How many line items to make; 0 for none."`
	PerCampaign int    `help:"How many line items a campaign has, which has a budget; fewer make more budgets. 0: 200, or a fifth of all if that is less."`
	Exchanges   string `default:"alpha,beta" help:"Names of exchanges to make, where they are not there."`
	Users       int    `help:"Size of the population whose segments to import; 0 for none. It is that of 'tangent loadtest run' with the same --users and --seed."`
	Audience    string `placeholder:"HOST:PORT" help:"The Redis that serve uses; with --users."`
	SecretsFile string `placeholder:"FILE" help:"Secrets that serve uses; with --users. Default: secrets.json in the data folder."`
	Seed        uint64 `default:"1" help:"Every draw follows from it."`
	Yes         bool   `env:"-" help:"Do it: the database gets an advertiser with large budgets, which bids at once."`
}

func (c *populateCmd) Run(ctx context.Context, s streams) error {
	p := load.Population{LineItems: c.LineItems, PerCampaign: c.PerCampaign, Seed: c.Seed}
	for name := range strings.SplitSeq(c.Exchanges, ",") {
		p.Exchanges = append(p.Exchanges, strings.TrimSpace(name))
	}
	if err := c.check(&p); err != nil {
		return err
	}
	if c.Users == 0 {
		return c.makeLineItems(ctx, s, p)
	}
	// The audience is opened before anything is made.
	at := audienceAt{Audience: c.Audience, DataDir: c.DataDir, SecretsFile: c.SecretsFile}
	writer, keyer, err := at.open()
	if err != nil {
		return err
	}
	defer writer.Close()
	if err := writer.Ping(ctx); err != nil {
		return err
	}
	if c.LineItems != 0 {
		if err := c.makeLineItems(ctx, s, p); err != nil {
			return err
		}
	}
	return c.importUsers(ctx, s, writer, keyer)
}

// check says what cannot be done, before anything is made.
func (c *populateCmd) check(p *load.Population) error {
	switch {
	case !c.Yes:
		return errors.New("this makes campaigns with large budgets that bid at once; on a database for tests, give --yes")
	case c.Users < 0 || c.Users > loadtest.MaxUsers:
		return fmt.Errorf("--users %d: allowed is 0 to %d", c.Users, loadtest.MaxUsers)
	case c.Users > 0 && c.Audience == "":
		return errors.New("--users needs --audience")
	case c.LineItems != 0:
		return p.Validate()
	case c.Users == 0:
		return errors.New("nothing to make: --line-items and --users are 0")
	}
	return nil
}

func (c *populateCmd) makeLineItems(ctx context.Context, s streams, p load.Population) (err error) {
	made := 0
	defer func() { err = whatStays(ctx, err, int64(made), "line items were made") }()
	if err := c.makeFile(); err != nil {
		return err
	}
	st, err := c.openOrMake(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	bar := newProgress(s.err)
	p.Progress = func(done int) {
		made = done
		bar.show(shareOf(int64(done), int64(c.LineItems)), fmt.Sprintf("%d line items", done))
	}
	if err := load.Populate(ctx, st, p); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%d line items in %v\n", c.LineItems, time.Since(bar.start).Round(time.Millisecond))
	return nil
}

// importUsers writes the population's segments into the audience.
func (c *populateCmd) importUsers(ctx context.Context, s streams, writer *audience.Writer, keyer *audience.Keyer) error {
	in, out := io.Pipe()
	go func() { out.CloseWithError(loadtest.WriteAudience(out, c.Seed, c.Users, time.Now().AddDate(0, 1, 0))) }()
	defer in.Close()
	bar := newProgress(s.err)
	r, err := audience.Import(ctx, in, writer, audience.ImportOptions{
		Keyer: keyer, Permit: audience.AssertConsent(),
		Progress: func(at audience.ImportProgress) { bar.show(-1, fmt.Sprintf("%d segments of users", at.Rows)) },
	})
	if err != nil {
		return whatStays(ctx, err, r.Users, "users have segments")
	}
	fmt.Fprintf(s.out, "%d users of %d have segments\n", r.Users, c.Users)
	return nil
}

// whatStays adds to the error of a command that ended half-way how many of its
// things it leaves.
func whatStays(ctx context.Context, err error, n int64, what string) error {
	what = fmt.Sprintf("%d %s, which stay", n, what)
	if err = orInterrupted(ctx, err, what); err == nil || n == 0 || errors.As(err, new(interrupted)) {
		return err
	}
	return fmt.Errorf("%w (%s)", err, what)
}
