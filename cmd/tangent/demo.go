package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/cmd/tangent/demo"
	"github.com/tangent-dsp/tangent/money"
)

type demoCmd struct {
	Duration time.Duration `default:"120s" help:"How long bid requests are sent (real time)."`
	Speed    float64       `default:"720" help:"Market seconds per real second: 720 plays a day in two minutes."`
	Rate     float64       `default:"500" help:"Bid requests per second of real time, on average over a market day."`
	Seed     uint64        `default:"1" help:"The exchange's draws follow from it."`
	JSON     string        `name:"json" env:"TANGENT_JSON_FILE" placeholder:"FILE" help:"Write the result and both books here."`
	Frontier string        `placeholder:"FILE" help:"Draw here what the budget of one line item buys, as SVG."`
	LogLevel string        `default:"error" enum:"debug,info,warn,error" help:"Least level that is logged: ${enum}."`
}

func (c *demoCmd) Run(ctx context.Context, s streams) error {
	switch {
	case c.Duration <= 0 || c.Duration > 24*time.Hour:
		return fmt.Errorf("--duration %v: allowed is above 0, at most 24h", c.Duration)
	case !(c.Rate > 0 && c.Rate <= 100_000):
		return fmt.Errorf("--rate %v: allowed is above 0, at most 100000", c.Rate)
	case !(c.Speed > 0 && c.Speed <= 10_000):
		return fmt.Errorf("--speed %v: allowed is above 0, at most 10000", c.Speed)
	}
	r, err := demo.Run(ctx, demo.Options{
		Duration: c.Duration, Speed: c.Speed, Rate: c.Rate, Seed: c.Seed, Version: version,
		Live: isTerminal(s.out), Out: s.out, Log: app.NewLogger(s.err, c.LogLevel, "text"),
	})
	if r != nil {
		if c.JSON != "" { // also when the books disagree
			err = errors.Join(err, writeJSON(c.JSON, r))
		}
		if c.Frontier != "" {
			err = errors.Join(err, drawChart(c.Frontier, frontierChart(&r.Frontier)))
		}
		printResult(s.out, r)
	}
	return err
}

func printResult(w io.Writer, r *demo.Result) {
	fmt.Fprintf(w, "\nexchange billed and notified  %s\n", nanos(int64(r.BilledNotified)))
	fmt.Fprintf(w, "Tangent booked                %s\n", nanos(int64(r.Booked)))
	fmt.Fprintf(w, "billed, never notified        %s  (what reconciling the exchange's report would find)\n", nanos(int64(r.BilledUnnotified)))
	fmt.Fprintf(w, "disputed                      %s\n", nanos(int64(r.Disputed)))
	if r.BilledNotified == r.Booked {
		fmt.Fprintln(w, "both books agree, to the nano")
	}
}

func nanos(n int64) string { return "$" + money.Nanos(n).String() }
