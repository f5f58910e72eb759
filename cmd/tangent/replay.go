package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/loadtest/replay"
)

// replayCmd is `tangent replay`.
type replayCmd struct {
	Train     []string `placeholder:"FILE" help:"Log of the day before, from which everything is learned."`
	Data      []string `placeholder:"FILE" help:"Log of the day that is scored: one for each --train."`
	Format    string   `placeholder:"COLUMNS" help:"Columns in their order: click, price (per thousand impressions), value, time (of day), exchange and place (site or app), - to ignore one; further ones are ignored. Not given it is \"click price value\", and of lines with four columns \"click price value exchange\"."`
	Synthetic bool     `help:"Play made-up campaigns: no log is needed."`
	Campaigns []string `default:"heavy,steady,drift,bursts,sparse,overnight" help:"Which made-up campaigns. With --report the first has a column of its own beside that of all."`
	Rows      int      `default:"100000" help:"Auctions per day of a made-up campaign."`

	BudgetFraction []string `default:"1/32,1/16,1/8,1/4,1/2" help:"Budgets, as shares of what there is to buy on the day costs: auctions of a value above 0, none dearer than the most to bid (--max-bid)."`
	Mechanism      []string `default:"second" help:"second, first (the least that would have won is told) or first-censored (it is not)."`
	Policies       []string `default:"tangent,dual,pid,throttle,fixed,constant,hindsight" help:"Who plays."`
	Delay          []int    `default:"0,1000,5000" help:"Mean delay of bills, in auctions."`
	Bidders        []int    `env:"TANGENT_REPLAY_BIDDERS" default:"1" help:"How many bidders share the budget, 256 at most."`
	Stress         []string `help:"What is not as it was promised, each beside a day without: ${stresses}."`
	Plan           string   `default:"traffic" enum:"traffic,clock" help:"How spending is spread: ${enum}."`
	Seeds          []uint64 `default:"1" help:"Delays and who gets which auction follow from it, and made-up campaigns from the first; each plays apart."`

	WinDelay    float64 `default:"10" help:"Mean delay of win notices, in auctions."`
	WinDeadline int     `default:"100" help:"After so many auctions a win notice is late, and a bid no longer holds its full price."`
	Tick        int     `env:"TANGENT_REPLAY_TICK" default:"100" help:"Auctions of mean traffic between two steps of the controller."`
	MaxBid      float64 `default:"1" help:"No bid exceeds this quantile of the prices of the day before."`
	Shape       string  `placeholder:"SHAPE" help:"How auctions without a time are spread over 24 hours: day (the default), flat, or a file of 24 numbers."`
	Foreign     string  `placeholder:"FILE" help:"24 numbers: the shape of yesterday for the stress foreign."`

	JSON    string `name:"json" env:"TANGENT_JSON_FILE" placeholder:"FILE" help:"Write every cell here."`
	Plot    string `placeholder:"DIR" help:"Draw spend against plan and value against the optimum here."`
	Report  string `env:"TANGENT_REPLAY_REPORT" placeholder:"DIR" help:"Play the whole published table, over the logs and the made-up campaigns, and write pacing.md and pictures here."`
	Workers int    `env:"TANGENT_REPLAY_WORKERS" default:"0" help:"Cells played at a time; 0 is one per CPU."`
}

func (c *replayCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	// It takes long: what cannot be written is to be known before.
	if err := errors.Join(writable(c.JSON), writableDir(c.Plot), writableDir(c.Report)); err != nil {
		return err
	}
	bar := newProgress(s.err)
	cfg.Progress = func(done, all int) {
		bar.show(shareOf(int64(done), int64(all)), fmt.Sprintf("%d of %d cells in %v", done, all, time.Since(bar.start).Round(time.Second)))
	}
	if c.Report != "" {
		return c.report(ctx, cfg, bar, s)
	}
	r, err := replay.Run(ctx, *cfg)
	bar.end()
	if err != nil {
		return orInterrupted(ctx, err, halfReplay)
	}
	r.Print(s.out)
	// A replay takes long: what cannot be written does not keep the rest from it.
	var written, drawn error
	if c.JSON != "" {
		written = writeJSON(c.JSON, r)
	}
	if c.Plot != "" {
		if drawn = r.Plot(c.Plot); drawn != nil {
			drawn = fmt.Errorf("cannot draw: %w", drawn)
		}
	}
	return errors.Join(written, drawn)
}

// halfReplay is what becomes of a replay that a signal ends.
const halfReplay = "nothing is told or written of a replay that was not played to its end"

// report plays the published table and writes it down.
func (c *replayCmd) report(ctx context.Context, cfg *replay.Config, bar *progress, s streams) error {
	made, err := c.madeUp()
	if err != nil {
		return err
	}
	b, err := replay.RunBenchmarks(ctx, *cfg, columns(cfg.Logs, made))
	bar.end()
	if err != nil {
		return orInterrupted(ctx, err, halfReplay)
	}
	b.Markdown(s.out)
	var written error
	if c.JSON != "" {
		written = writeJSON(c.JSON, b)
	}
	return errors.Join(written, b.Write(c.Report))
}

// columns are those of the published table: the logs, the first made-up
// campaign, and all of these.
func columns(logs, made []replay.Pair) (all []replay.Group) {
	add := func(name string, logs []replay.Pair) { all = append(all, replay.Group{Name: name, Logs: logs}) }
	if len(logs) > 0 {
		var names []string
		for _, p := range logs {
			names = append(names, p.Name)
		}
		add(strings.Join(names, ", "), logs)
	}
	if len(made) > 0 {
		add(made[0].Name, made[:1])
	}
	if len(made) > 1 {
		add(fmt.Sprintf("%d made-up", len(made)), made)
		all[len(all)-1].Brief = true // it would take several times as long
	}
	return all
}

// config reads the command line, and the logs that it names.
func (c *replayCmd) config() (*replay.Config, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	cfg := &replay.Config{
		Delays: c.Delay, Bidders: c.Bidders, Clock: c.Plan == "clock", Seeds: c.Seeds, MaxBid: c.MaxBid, Tick: c.Tick,
		Notices: replay.Notices{Deadline: c.WinDeadline, Win: c.WinDelay}, Workers: c.Workers, Stresses: replay.Stresses[:1],
	}
	if cfg.Workers == 0 {
		cfg.Workers = runtime.NumCPU()
	}
	for _, text := range c.BudgetFraction {
		f, err := fraction(text)
		if err != nil {
			return nil, fmt.Errorf("--budget-fraction: %w", err)
		}
		cfg.Fractions = append(cfg.Fractions, f)
	}
	for _, text := range c.Mechanism {
		m, err := replay.ParseMechanism(text)
		if err != nil {
			return nil, fmt.Errorf("--mechanism: %w", err)
		}
		cfg.Mechanisms = append(cfg.Mechanisms, m)
	}
	for _, text := range c.Policies {
		p, err := replay.ParsePolicy(text)
		if err != nil {
			return nil, fmt.Errorf("--policies: %w", err)
		}
		cfg.Policies = append(cfg.Policies, p)
	}
	for _, text := range c.Stress {
		x, err := replay.ParseStress(text)
		if err != nil {
			return nil, fmt.Errorf("--stress: %w", err)
		}
		if x.Name != replay.Stresses[0].Name {
			cfg.Stresses = append(cfg.Stresses[:len(cfg.Stresses):len(cfg.Stresses)], x)
		}
	}
	var err error
	if c.Shape != "" {
		if cfg.Shape, err = shape(c.Shape); err != nil {
			return nil, fmt.Errorf("--shape: %w", err)
		}
	}
	if c.Foreign != "" {
		if cfg.Foreign, err = shape(c.Foreign); err != nil {
			return nil, fmt.Errorf("--foreign: %w", err)
		}
	}
	cfg.Logs, err = c.logs()
	return cfg, err
}

// check refuses numbers that the configuration would take for not given.
func (c *replayCmd) check() error {
	switch {
	case c.Tick < 1:
		return fmt.Errorf("--tick %d: allowed is 1 auction or more", c.Tick)
	case !(c.MaxBid > 0 && c.MaxBid <= 1):
		return fmt.Errorf("--max-bid %g: it is a quantile, above 0 and at most 1", c.MaxBid)
	case !(c.WinDelay > 0):
		return fmt.Errorf("--win-delay %g: allowed is above 0", c.WinDelay)
	case c.WinDeadline < 1:
		return fmt.Errorf("--win-deadline %d: allowed is 1 auction or more", c.WinDeadline)
	case c.Workers < 0:
		return fmt.Errorf("--workers %d: allowed is 0 or more", c.Workers)
	}
	return nil
}

func (c *replayCmd) logs() (all []replay.Pair, err error) {
	switch {
	case len(c.Train) != len(c.Data):
		return nil, fmt.Errorf("%d logs are given by --train and %d by --data: each day needs the day before it", len(c.Train), len(c.Data))
	case len(c.Data) == 0 && !c.Synthetic && c.Report == "":
		return nil, errors.New("give logs by --train and --data, or --synthetic")
	case c.Rows < 1000 || c.Rows > 10_000_000:
		return nil, fmt.Errorf("--rows %d: allowed is 1000 to ten million", c.Rows)
	}
	format, err := replay.ParseFormat(c.Format)
	if err != nil {
		return nil, fmt.Errorf("--format: %w", err)
	}
	for i := range c.Data {
		p := replay.Pair{Name: logName(c.Data[i])}
		if slices.ContainsFunc(all, func(other replay.Pair) bool { return other.Name == p.Name }) && !slices.Contains(c.Data[:i], c.Data[i]) {
			p.Name = fmt.Sprintf("%s-%d", p.Name, i+1) // of another folder
		}
		if p.Train, err = readLog(c.Train[i], format); err != nil {
			return nil, err
		}
		if p.Today, err = readLog(c.Data[i], format); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	if !c.Synthetic || c.Report != "" {
		return all, nil
	}
	made, err := c.madeUp()
	return append(all, made...), err
}

// madeUp returns the made-up campaigns.
func (c *replayCmd) madeUp() (all []replay.Pair, err error) {
	for _, name := range c.Campaigns {
		x, err := replay.ParseSynthetic(name)
		if err != nil {
			return nil, fmt.Errorf("--campaigns: %w", err)
		}
		all = append(all, x.Logs(c.Rows, c.Seeds[0]))
	}
	return all, nil
}

// logName is 1458 for logs/1458.test.txt.
func logName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if short := strings.TrimSuffix(name, ".test"); short != "" {
		return short
	}
	return name
}

func readLog(name string, format replay.Format) (*replay.Log, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return replay.Read(name, f, format)
}

// fraction reads 1/32 or 0.03125.
func fraction(text string) (float64, error) {
	over, under, parted := strings.Cut(text, "/")
	x, err := strconv.ParseFloat(over, 64)
	if err == nil && parted {
		var y float64
		if y, err = strconv.ParseFloat(under, 64); err == nil {
			x /= y
		}
	}
	if err != nil || !(x > 0 && x <= 1) {
		return 0, fmt.Errorf("%q is no share: write 1/32 or 0.03125, above 0 and at most 1", text)
	}
	return x, nil
}

func shape(name string) (replay.Shape, error) {
	switch name {
	case "day":
		return replay.Humped(), nil
	case "flat":
		return replay.Flat(), nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return replay.Shape{}, err
	}
	return replay.ParseShape(string(b))
}
