package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/tangent-dsp/tangent/pacing/ledger"
)

type guardCmd struct {
	databaseAt
	Status guardStatus `cmd:"" help:"Say whether all bidding is stopped, why and by whom."`
	Stop   guardStop   `cmd:"" help:"Stop all bidding. A bidder that reaches the database stops within a second, any other when its lease ends, within 10 s. Needs the database, and no server."`
	Resume guardResume `cmd:"" help:"Let bidding go on."`
}

type guardStatus struct{}

type guardStop struct {
	Reason string `arg:"" help:"Why, for those who come upon it."`
	By     string `default:"operator" help:"Who does it."`
}

type guardResume guardStop

func (guardStatus) Run(ctx context.Context, c *cli, s streams) error {
	return c.Guard.do(ctx, s.out, (*ledger.Ledger).Guard)
}

func (g *guardStop) Run(ctx context.Context, c *cli, s streams) error {
	return c.Guard.set(ctx, s.out, true, g)
}

func (g *guardResume) Run(ctx context.Context, c *cli, s streams) error {
	return c.Guard.set(ctx, s.out, false, (*guardStop)(g))
}

func (c *guardCmd) set(ctx context.Context, out io.Writer, stopped bool, why *guardStop) error {
	return c.do(ctx, out, func(l *ledger.Ledger, ctx context.Context) (ledger.Guard, error) {
		return l.SetGuard(ctx, stopped, why.Reason, why.By)
	})
}

// do prints how the guard stands afterwards.
func (c *guardCmd) do(ctx context.Context, out io.Writer, what func(*ledger.Ledger, context.Context) (ledger.Guard, error)) error {
	st, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	l, err := openLedger(ctx, st)
	if err != nil {
		return err
	}
	g, err := what(l, ctx)
	if err != nil {
		return err
	}
	how := "bidding may go on"
	if g.Stopped {
		how = "all bidding is stopped"
	}
	if !g.At.IsZero() {
		how += fmt.Sprintf(", since %s, by %s: %s", g.At.Format(time.RFC3339), g.By, g.Reason)
	}
	fmt.Fprintln(out, how)
	return nil
}
