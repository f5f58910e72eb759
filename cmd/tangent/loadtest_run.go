package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

// loadCmd is `tangent loadtest run`.
type loadCmd struct {
	URL         []string `name:"url" env:"TANGENT_LOADTEST_URL" default:"http://127.0.0.1:8080" help:"Base URL of the bidder; several, separated by commas, take turns. Loopback only, but for --allow-remote."`
	AllowRemote bool     `help:"Let --url be on another machine. Ask its owner first: this is as much traffic as you say."`

	Rate     float64       `default:"1000" help:"Bid requests per second."`
	Duration time.Duration `default:"30s" help:"How long, without --steps."`
	WarmUp   time.Duration `help:"Play so long before anything is counted, at the rate with which the run begins: connections are open then. With --steps before each step. Nothing is bought in it."`
	Ramp     string        `placeholder:"FROM..TO" help:"Move the rate evenly over the duration, instead of --rate."`
	Steps    bool          `help:"Raise the rate from --rate on, step by step, until the bidder no longer keeps up: that is saturation."`
	Factor   float64       `default:"2" help:"With --steps: what each step multiplies the rate by, until one fails."`
	Fine     float64       `default:"1.1" help:"With --steps: then rates between are tried, until the last that was kept up with and the first that was not are no further apart than this factor."`
	Step     time.Duration `default:"5s" help:"With --steps: how long one lasts, after its --warm-up."`
	MaxRate  float64       `default:"200000" help:"With --steps: where to end at the latest."`
	MaxP99   time.Duration `name:"max-p99" default:"100ms" help:"With --steps: a step whose 99th percentile is above fails. So does one of which less than 99 % are answered within tmax, or more than 1 % are shed (204 beyond the first step's share of them, or nbr 15), or that has no bid."`

	Overload bool `help:"Play half of --rate, twice --rate, and half of it again, --duration in all. --rate is the saturation. Says what was shed, how fast the rest was answered, and when all was well again."`

	Requests  string  `placeholder:"DIR" help:"Send the bid requests in and below a folder (.json one each, .jsonl and .ndjson one per line), with other ids, instead of made-up ones. Left out and counted: links, and what is no JSON, has no id or a number for it, no imp or more than 16."`
	Exchanges string  `default:"alpha,beta" help:"Names of the exchanges, as the bidder knows them: requests go to /openrtb2/NAME. The second and every other one after it holds second-price auctions and bills by the pixel."`
	Formats   string  `default:"banner=80,video=10,native=10" help:"What imps ask for: banner, video, native, audio, each with a weight."`
	Users     int     `default:"100000" help:"Size of the made-up population."`
	Zipf      float64 `default:"0.8" help:"How unequally often users come: rank r with weight r^-ZIPF. 0: all alike."`
	Consent   float64 `default:"0.75" help:"Share of users who allow ads by their profile."`
	Deals     float64 `default:"0.05" help:"Share of imps that offer a deal: deal-1 to deal-20."`
	NoBid     float64 `default:"0.2" help:"Share of requests on which nobody can bid."`
	VendorID  int     `name:"vendor-id" default:"${demo_vendor}" help:"The vendor that the made-up consent strings consent to."`
	Seed      uint64  `default:"1" help:"Every draw follows from it."`
	Skip      int64   `help:"Number of the first made-up request less one: where a run before it ended."`

	Auctions     bool          `help:"Hold auctions, and send win, billing and loss notices, pixels and clicks: this spends budgets. Without it answers are only looked at."`
	CheckEvery   int           `default:"1" help:"Hold every n-th answer with bids to the protocol; above 1 to spare this process. Not with --auctions, which looks at all."`
	Gzip         bool          `help:"Pack bid requests."`
	ConnRequests int           `help:"Close a connection after this many requests, on average. 0: keep it."`
	TMax         time.Duration `name:"tmax" default:"150ms" help:"tmax of made-up requests, and how long an answer is waited for, 10s at most. Recorded requests have their own, of which 10s count."`
	MaxInFlight  int           `env:"TANGENT_LOADTEST_MAX_IN_FLIGHT" default:"4096" help:"Requests under way at once. Those that are due beyond it are not sent, and count as late."`

	InTurn bool   `hidden:"" help:"Users come one after the other, instead of by --zipf, and the run ends when each has come once."`
	Spans  bool   `hidden:"" help:"Keep books of each quarter second, for --json."`
	Hold   bool   `hidden:"" help:"After the warm-up write a line, and wait for one: who measures a bidder reads its counters meanwhile."`
	JSON   string `name:"json" env:"TANGENT_JSON_FILE" placeholder:"FILE" help:"Write the report here."`
	SVG    string `name:"svg" placeholder:"FILE" help:"Draw the latency curve, p50 to p99.99, here."`
}

// Help stands below the usage.
func (c *loadCmd) Help() string {
	return `Requests leave on schedule whether or not earlier ones were answered, and
latency counts from the time at which a request was to leave: a bidder that
stalls for a second shows it in every request of that second.

  tangent loadtest run --rate 2000 --duration 1m
  tangent loadtest run --ramp 100..5000 --svg latency.svg
  tangent loadtest run --steps --rate 1000 --json steps.json
  tangent loadtest run --overload --rate 4000 --duration 30s
  tangent loadtest run --requests recorded/ --exchanges example --gzip

Every answer is held to the protocol: ids, imps, floors, blocks, currency,
sizes, markup. Exit status 1 if anything was found, or if nothing was
answered; of several --url, if one of them answered nothing.
Ctrl-C ends it early: what was asked is waited for and told, and the report
says how far it came. A second Ctrl-C ends it at once, with what is there. The
exit status is 130 then, but 1 if an answer breaks the protocol.`
}

func (c *loadCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if c.JSON != "" && filepath.Clean(c.JSON) == filepath.Clean(c.SVG) {
		return errors.New("--json and --svg name one file")
	}
	if err := errors.Join(writable(c.JSON), writable(c.SVG)); err != nil {
		return err
	}
	if r := cfg.Traffic.Recorded; r != nil && r.Skipped > 0 {
		fmt.Fprintf(s.err, "%d of %d recorded requests are none and are left out\n", r.Skipped, r.Skipped+r.Len())
	}
	stop := make(chan struct{})
	owed, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() { close(stop) })() // what is owed is still told
	cfg.Traffic.Stop = stop
	defer onSecondSignal(giveUp)()
	if c.Hold {
		cfg.Traffic.Warm = func() {
			fmt.Fprintln(s.out, "warm")
			_, _ = bufio.NewReader(s.in).ReadString('\n') // its end is as good
		}
	}
	bar := newProgressEvery(s.err, redrawSoon)
	cfg.Progress = func(p load.Progress) { bar.show(-1, standing(p)) }
	r, err := load.Run(owed, cfg)
	bar.end()
	if r == nil {
		return err
	}
	if e := r.Print(s.out); e != nil {
		return fmt.Errorf("cannot print the report: %w", e)
	}
	if c.JSON != "" {
		if e := writeJSON(c.JSON, r); e != nil {
			return e
		}
	}
	if c.SVG != "" {
		if e := writeSVG(c.SVG, r); e != nil {
			return e
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		err = interrupted{"ended at once: what was under way was given up, and the report is of what there is"}
	case err != nil:
		return err
	case r.Interrupted:
		err = interrupted{"the report is of what was played until then"}
	}
	return errors.Join(verdict(r), err)
}

// onSecondSignal calls end when a second signal to end comes; the first is the
// context's. What it returns stops that.
func onSecondSignal(end func()) (stop func()) {
	signals, over := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for range 2 {
			select {
			case <-signals:
			case <-over:
				return
			}
		}
		end()
	}()
	return func() {
		signal.Stop(signals)
		close(over)
	}
}

func (c *loadCmd) config() (load.Config, error) {
	mix, err := parseMix(c.Formats)
	if err != nil {
		return load.Config{}, fmt.Errorf("--formats: %w", err)
	}
	mix.Zipf, mix.InTurn, mix.Consent, mix.Deals, mix.NoBid = c.Zipf, c.InTurn, c.Consent, c.Deals, c.NoBid
	if c.CheckEvery < 1 || c.MaxInFlight < 1 {
		return load.Config{}, errors.New("--check-every and --max-in-flight must be at least 1")
	}
	if c.Users < 1 || c.VendorID < 1 || c.TMax < time.Millisecond {
		return load.Config{}, errors.New("--users and --vendor-id must be at least 1, and --tmax at least 1ms")
	}
	cfg := load.Config{Version: version, Traffic: loadtest.ExchangeConfig{
		Targets: c.URL, AllowRemote: c.AllowRemote, Mix: &mix, Users: c.Users, VendorID: c.VendorID, Seed: c.Seed, Skip: c.Skip, WarmUp: c.WarmUp,
		BidsOnly: !c.Auctions, CheckEvery: c.CheckEvery, Gzip: c.Gzip, ConnRequests: c.ConnRequests,
		TMaxLow: c.TMax, TMaxHigh: c.TMax, MaxInFlight: c.MaxInFlight, Exchanges: playedExchanges(c.Exchanges),
	}}
	if c.Requests != "" {
		if cfg.Traffic.Recorded, err = loadtest.ReadRecorded(c.Requests); err != nil {
			return load.Config{}, err
		}
	}
	if c.Overload {
		if c.Steps || c.Ramp != "" {
			return load.Config{}, errors.New("--overload is a run of its own: without --steps and --ramp")
		}
		cfg.Overload = &load.Overload{Saturation: c.Rate, Each: c.Duration / 3}
		return cfg, nil
	}
	if c.Steps && c.Ramp != "" {
		return load.Config{}, errors.New("--steps looks for a rate: without --ramp")
	}
	if c.Steps {
		steps := load.DefaultSteps()
		steps.From, steps.Factor, steps.Fine, steps.Each, steps.Most, steps.P99 = c.Rate, c.Factor, c.Fine, c.Step, c.MaxRate, c.MaxP99
		cfg.Steps = &steps
		return cfg, nil
	}
	stage := loadtest.Stage{From: c.Rate, To: c.Rate, For: c.Duration}
	if c.Ramp != "" {
		from, to, ok := strings.Cut(c.Ramp, "..")
		var e1, e2 error
		stage.From, e1 = strconv.ParseFloat(from, 64)
		stage.To, e2 = strconv.ParseFloat(to, 64)
		if !ok || e1 != nil || e2 != nil {
			return load.Config{}, fmt.Errorf("--ramp %q: want two rates, such as 100..5000", c.Ramp)
		}
	}
	cfg.Traffic.Stages, cfg.Spans = []loadtest.Stage{stage}, c.Spans
	if c.InTurn {
		cfg.Traffic.Requests = int64(c.Users)
	}
	return cfg, nil
}

// parseMix reads "banner=80,video=20".
func parseMix(text string) (m loadtest.Mix, err error) {
	for part := range strings.SplitSeq(text, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), "=")
		w, err := strconv.ParseFloat(weight, 64)
		field := map[string]*float64{"banner": &m.Banner, "video": &m.Video, "native": &m.Native, "audio": &m.Audio}[name]
		if field == nil || err != nil {
			return m, fmt.Errorf("%q: want banner, video, native or audio and a weight, such as banner=80", part)
		}
		*field = w
	}
	return m, nil
}

// playedExchanges gives names the manners of the exchanges that are played.
func playedExchanges(names string) (all []loadtest.Exchange) {
	known := loadtest.DefaultExchanges()
	for i, name := range strings.Split(names, ",") {
		x := known[i%len(known)]
		x.Name = strings.TrimSpace(name)
		all = append(all, x)
	}
	return all
}

func writeSVG(name string, r *load.Report) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("cannot draw the latency curve: %w", err)
	}
	return errors.Join(r.SVG(f), f.Close())
}

// standing is how a load stands, for people.
func standing(p load.Progress) string {
	step := ""
	if p.Step > 0 {
		step = fmt.Sprintf("step %d, ", p.Step)
	}
	violations := int64(0)
	for _, n := range p.Violations {
		violations += n
	}
	text := fmt.Sprintf("%s%4.0f s  %.0f/s asked, %d answered, %d bids, ", step, p.ElapsedSeconds, p.Target, p.Answers, p.Bids)
	if l := p.RecentLatencyUS; l.Max > 0 { // else nothing ended since
		text += fmt.Sprintf("p50 %.2f ms, p99 %.2f ms, ", float64(l.P50)/1000, float64(l.P99)/1000)
	}
	text += fmt.Sprintf("%d unsent, %d violations", p.Unsent, violations)
	for _, t := range p.Targets {
		if t.Refused > 0 && len(p.Targets) > 1 {
			text += fmt.Sprintf(", %s refused %d", t.URL, t.Refused)
		}
	}
	return text
}
