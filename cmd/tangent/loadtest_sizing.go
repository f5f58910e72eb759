package main

import (
	"time"

	"github.com/tangent-dsp/tangent/loadtest/bench"
)

// sizingCmd is `tangent loadtest sizing`.
type sizingCmd struct {
	From        string        `required:"" env:"TANGENT_SIZING_FROM" placeholder:"FILE" help:"What 'tangent loadtest bench --json' wrote."`
	Requests    []float64     `env:"TANGENT_SIZING_REQUESTS" default:"10000,100000,1000000" help:"Bid requests per second, a column each."`
	LineItems   int           `env:"TANGENT_SIZING_LINE_ITEMS" help:"Reckon with what was measured at so many line items. 0: the most."`
	Bids        float64       `default:"0.3" help:"Bids per bid request."`
	Wins        float64       `default:"0.1" help:"Share of bids that win."`
	Losses      float64       `default:"0.5" help:"Share of lost bids that exchanges send a notice of."`
	Users       float64       `env:"TANGENT_SIZING_USERS" default:"100000000" help:"Users who have segments."`
	Utilisation float64       `default:"0.5" help:"How busy CPUs may be."`
	Cores       int           `default:"16" help:"Cores of one machine."`
	Horizon     time.Duration `default:"1h" help:"How long a bid is open that no notice tells of: horizon_seconds of the exchanges."`
	Connections float64       `default:"1000" help:"Connections that exchanges have open to each bidder."`
	Page        string        `placeholder:"FILE" help:"Write the table into this page, too: between the lines that mark its place, or a new one."`
}

// Help stands below the usage.
func (c *sizingCmd) Help() string {
	return `Reckons from figures that were measured how many cores and machines, how much
memory and network, and how many events a number of bid requests per second
takes. All is in proportion: nothing else is known of machines with more cores.

  tangent loadtest bench --json speed.json
  tangent loadtest sizing --from speed.json --requests 50000,1000000 --cores 32`
}

func (c *sizingCmd) Run(s streams) error {
	r, err := bench.Read(c.From)
	if err != nil {
		return err
	}
	d := bench.Demand{
		Requests: c.Requests, LineItems: c.LineItems, Bids: c.Bids, Wins: c.Wins, Losses: c.Losses,
		Users: c.Users, Utilisation: c.Utilisation, Cores: c.Cores,
		Horizon: c.Horizon, Connections: c.Connections,
	}
	if err := r.Sizing(s.out, d); err != nil || c.Page == "" {
		return err
	}
	return r.FillSizing(c.Page, d)
}
