package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tangent-dsp/tangent/cmd/tangent/app"
	"github.com/tangent-dsp/tangent/loadtest/bench"
)

// benchCmd is `tangent loadtest bench`.
type benchCmd struct {
	LineItems   []int         `env:"TANGENT_BENCH_LINE_ITEMS" default:"1000,10000,100000" help:"Numbers of line items, a bidder for each. The table is of the second."`
	Rounds      int           `default:"5" help:"How often each is measured, in turns; the median counts."`
	Duration    time.Duration `env:"TANGENT_BENCH_DURATION" default:"10s" help:"How long each measurement lasts."`
	Rate        float64       `env:"TANGENT_BENCH_RATE" help:"Requests per second at which CPU and latency are measured. 0: half of the saturation that is found."`
	MaxRate     float64       `default:"200000" help:"Where the search for saturation ends at the latest."`
	Users       int           `default:"100000" help:"Size of the made-up population, all in Redis."`
	Seed        uint64        `default:"1" help:"Line items, users and traffic follow from it."`
	UsersCached int           `placeholder:"N" help:"Have so many users come once each to one more bidder with the most line items and a near-cache for them, and show its memory. 1000000 takes three minutes."`
	Soak        time.Duration `help:"Play on for so long in the end, and compare memory and latency of the last third with the first. Half-way a master of the Redis Cluster that keeps the users is killed, and its replica takes over. That and warm-ups take more: a minute or two."`
	Try         []string      `placeholder:"SETTING" help:"Measure one more bidder with a setting: words that are flags of 'serve' or environment, such as --try 'GOGC=200 GOMEMLIMIT=2GiB' or --try=--tick=2s. Repeatable."`
	Beside      string        `placeholder:"PROGRAM" help:"Measure one more bidder of another build of tangent."`
	JSON        string        `name:"json" env:"TANGENT_JSON_FILE" placeholder:"FILE" help:"Write all figures and the conditions here."`
	Report      string        `env:"TANGENT_BENCH_REPORT" placeholder:"DIR" help:"Write speed.md, speed.json and a picture of latency here. Text around the tables of a page that is there stays."`
}

// Help stands below the usage.
func (c *benchCmd) Help() string {
	return `Starts Redis, bidders, a null bidder (it reads the body and one profile, and
returns a canned bid), a bare echo and the load generator as processes of their
own on loopback, and plays the same traffic to each in turns. CPU per request is
what the operating system charges the server's process. On a machine that does
nothing else:

  tangent loadtest bench --json speed.json
  tangent loadtest bench --line-items 1000 --rounds 1 --duration 2s    # a look
  tangent loadtest bench --line-items 10000 --soak 30m
  tangent loadtest bench --line-items 10000 --try GOGC=200 --try GOGC=400`
}

func (c *benchCmd) Run(ctx context.Context, s streams) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("cannot find this program: %w", err)
	}
	// It takes long: what cannot be written is to be known before.
	if err := errors.Join(writable(c.JSON), writableDir(c.Report), bench.Placed(c.Report)); err != nil {
		return err
	}
	bar := newProgress(s.err)
	r, err := bench.Run(ctx, bench.Config{
		Executable: self, Sizes: c.LineItems, Rounds: c.Rounds, Each: c.Duration, Rate: c.Rate, MaxRate: c.MaxRate,
		Users: c.Users, Seed: c.Seed, Version: version, Soak: c.Soak, Cached: c.UsersCached, Try: c.Try, Beside: c.Beside,
		Progress: func(p bench.Progress) {
			if p.Line != "" {
				bar.say(p.Line)
			}
			bar.show(shareOf(int64(p.Done), int64(p.All)), fmt.Sprintf("%d of %d measurements in %v", p.Done, p.All, time.Since(bar.start).Round(time.Second)))
		},
	})
	bar.end()
	if r == nil {
		return orInterrupted(ctx, err, "nothing was measured yet; the servers that were started have ended")
	}
	if e := r.Print(s.out); e != nil {
		return fmt.Errorf("cannot print the result: %w", e)
	}
	// What cannot be written does not keep the rest from it.
	var written, reported, broken error
	if c.JSON != "" {
		written = writeJSON(c.JSON, r)
	}
	if c.Report != "" && err == nil { // a part of it does not replace a whole page
		reported = r.Write(c.Report)
	}
	if r.Violations > 0 {
		broken = fmt.Errorf("%d bids break the protocol: %v", r.Violations, r.Kinds)
	}
	err = orInterrupted(ctx, err, "what was measured until then is told; the servers that were started have ended")
	return errors.Join(err, written, reported, broken, r.Failures())
}

// nullCmd serves what the bidder is compared with.
type nullCmd struct {
	Redis       string `env:"-" help:"host:port; without it a bare echo is served."`
	SecretsFile string `env:"-" help:"The bidder's secrets, so that users are found."`
}

func (c *nullCmd) Run(ctx context.Context, s streams) error {
	if c.Redis == "" {
		return bench.ServeNull(ctx, bench.NullConfig{}, s.out)
	}
	writer, keyer, err := app.OpenAudience(app.Config{Audience: c.Redis, SecretsFile: c.SecretsFile})
	if err != nil {
		return err
	}
	if err := writer.Close(); err != nil { // it only reads
		return err
	}
	return bench.ServeNull(ctx, bench.NullConfig{Redis: c.Redis, Keyer: keyer}, s.out)
}
