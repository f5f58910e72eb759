package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/loadtest/chaos"
)

type loadtestCmd struct {
	Run        loadCmd       `cmd:"" default:"withargs" help:"Send bid requests on schedule, and say how fast and how well they are answered. What 'tangent loadtest' does without another word."`
	Populate   populateCmd   `cmd:"" help:"Fill a database for tests with line items that the traffic meets, and an audience with its users."`
	Bench      benchCmd      `cmd:"" help:"Measure what a bid costs over the price of HTTP: a null bidder, bidders and an echo, in turns."`
	Sizing     sizingCmd     `cmd:"" help:"Reckon from what bench measured how many machines a number of bid requests per second takes."`
	Money      moneyCmd      `cmd:"" help:"Break servers and processes under traffic, and hold both books against each other."`
	Null       nullCmd       `cmd:"" hidden:"" help:"Serve what the bidder is compared with."`
	NATSServer natsServerCmd `cmd:"" name:"nats-server" hidden:"" help:"Run a NATS server for the test."`
}

// moneyCmd is `tangent loadtest money`.
type moneyCmd struct {
	Bidders     int           `default:"4" help:"How many bidder processes."`
	NATSServers int           `name:"nats-servers" default:"3" help:"How many NATS servers: 1, or 3 as a cluster."`
	Duration    time.Duration `default:"60s" help:"How long bid requests are sent (real time)."`
	Rate        float64       `default:"300" help:"Bid requests per second of real time, on average over a market day."`
	Faults      string        `default:"${faults}" help:"What to break, separated by commas; empty for nothing. Default: everything."`
	Seed        uint64        `default:"1" help:"The exchange's draws and the faults' times follow from it."`
	JSON        string        `name:"json" env:"TANGENT_JSON_FILE" placeholder:"FILE" help:"Write the figures and both books here."`
	Keep        bool          `help:"Keep data and logs though all went well."`
}

func (c *moneyCmd) Run(ctx context.Context, s streams) error {
	faults, err := chaos.ParseFaults(c.Faults)
	if err != nil {
		return fmt.Errorf("--faults: %w", err)
	}
	if err := writable(c.JSON); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find this program: %w", err)
	}
	bar := newProgressEvery(s.out, redrawSoon)
	r, err := chaos.Run(ctx, chaos.Config{
		Executable: self, Bidders: c.Bidders, NATSServers: c.NATSServers, Duration: c.Duration, Rate: c.Rate,
		Faults: faults, Seed: c.Seed, Keep: c.Keep,
		Progress: func(p chaos.Progress) {
			if p.Line != "" {
				bar.say(p.Line)
			} else {
				bar.show(-1, p.Now)
			}
		},
	})
	bar.end()
	if err != nil {
		return orInterrupted(ctx, err, "all that was started has ended, and nothing is said of the books")
	}
	r.Print(s.out)
	if c.JSON != "" {
		if err := writeJSON(c.JSON, r); err != nil {
			return err
		}
	}
	if err := r.Verdict(); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "both books agree, to the nano")
	return nil
}

// natsServerCmd runs one NATS server. The program has it in it anyway.
type natsServerCmd struct {
	Name    string `required:"" env:"-"`
	Dir     string `required:""`
	Port    int    `required:""`
	Cluster int    `help:"Port for the other servers."`
	Route   []int  `help:"Ports of the other servers."`
}

func (c *natsServerCmd) Run(ctx context.Context) error {
	return chaos.ServeNATS(ctx, chaos.NATSConfig{Name: c.Name, Dir: c.Dir, Port: c.Port, Cluster: c.Cluster, Routes: c.Route})
}

// faultNames is the default of --faults.
func faultNames() string {
	names := make([]string, len(chaos.Faults))
	for i, f := range chaos.Faults {
		names[i] = string(f)
	}
	return strings.Join(names, ",")
}
