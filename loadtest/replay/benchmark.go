package replay

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// measure is what a benchmark is about.
type measure uint8

const (
	ofValue    measure = iota // value against the optimum: mean and worst cell
	ofRecovery                // after a shock: mean and worst cell, as shares of the flight
	ofSpend                   // bills beyond the budget: mean and worst cell of all that was played
	ofUse                     // of the budget: mean
)

// benchmark is one line of the published table.
type benchmark struct {
	title     string
	mechanism Mechanism
	delays    []int
	bidders   []int
	stresses  []string
	clock     bool
	measure   measure
	// of are titles of benchmarks whose results are measured, if it plays none
	// itself; none: all. Of these only stresses, if it has any.
	of []string

	reach, moonshot [2]float64 // mean and worst; 0 is none
}

// benchmarks are the lines of the published table, in order.
var benchmarks = []benchmark{
	{title: "second price, bills at once", delays: []int{0}, reach: [2]float64{.993, .955}, moonshot: [2]float64{.996, .970}},
	{title: "bills after 1,000 auctions", delays: []int{1000}, reach: [2]float64{.991, .955}, moonshot: [2]float64{.995, .965}},
	{title: "bills after 5,000 auctions", delays: []int{5000}, reach: [2]float64{.988, .950}, moonshot: [2]float64{.993, .960}},
	{title: "the same, win notices tell no price", delays: []int{5000}, stresses: []string{"win-at-bid"}, reach: [2]float64{.94, .85}, moonshot: [2]float64{.97, .92}},
	{title: "the same, no win notices", delays: []int{5000}, stresses: []string{"no-win"}},
	{title: "bills after 1,000 auctions, heavy tail", delays: []int{1000}, stresses: []string{"tails"}},
	{title: "bills after 1,000 auctions, a tenth of the notices lost or ten times as late", delays: []int{1000}, stresses: []string{"lost10"}},
	{title: "traffic a quarter less or more than yesterday", delays: []int{0}, stresses: []string{"volume-25", "volume+25"}, reach: [2]float64{.992, .955}, moonshot: [2]float64{.995, .965}},
	{title: "traffic three times, or a third of, yesterday's", delays: []int{0}, stresses: []string{"volume3", "volume03"}},
	{title: "traffic three hours later, or of another country's shape", delays: []int{0}, stresses: []string{"shift3h", "foreign"}, reach: [2]float64{.980, .945}, moonshot: [2]float64{.988, .970}},
	{title: "yesterday's traffic flat", delays: []int{0}, stresses: []string{"flat"}},
	{title: "three times the traffic for two hours, or none", delays: []int{0}, stresses: []string{"traffic3", "outage"}},
	{title: "first lambda four times too high, or too low", delays: []int{0}, stresses: []string{"lambda4", "lambda025"}, reach: [2]float64{.993, 0}, moonshot: [2]float64{.995, 0}},
	{title: "prices double at half-time", delays: []int{0}, stresses: []string{"price2"}},
	{title: "prices halve, or values double, at half-time", delays: []int{0}, stresses: []string{"price05", "value2"}},
	recovers("price2", "prices double at half-time"),
	recovers("price05", "prices halve, or values double, at half-time"),
	recovers("value2", "prices halve, or values double, at half-time"),
	{title: "every bid holds against three budgets", delays: []int{1000}, stresses: []string{"budgets3"}},
	{title: "16 bidders", delays: []int{0, 1000}, bidders: []int{16}, reach: [2]float64{.992, .987}, moonshot: [2]float64{.994, .991}},
	{title: "16 bidders, the controller for all is lost at half-time", delays: []int{0, 1000}, bidders: []int{16}, stresses: []string{"controller-lost"}, reach: [2]float64{.985, .978}, moonshot: [2]float64{.990, .985}},
	{title: "16 bidders, each on its own", delays: []int{1000}, bidders: []int{16}, stresses: []string{"no-controller"}},
	{title: "first price, only wins are told", mechanism: FirstCensored, delays: []int{0}, reach: [2]float64{.98, .92}, moonshot: [2]float64{.995, .96}},
	{title: "first price, the least that wins is told", mechanism: First, delays: []int{0}, reach: [2]float64{1, .96}, moonshot: [2]float64{1.01, .98}},
	{title: "the same, bills after 1,000 auctions, a tenth of the notices lost or ten times as late, or no win notices", mechanism: First, delays: []int{1000}, stresses: []string{"lost10", "no-win"}},
	{title: "spending by the clock", delays: []int{0}, clock: true},
	{title: "budget used", measure: ofUse, of: []string{"second price, bills at once", "bills after 1,000 auctions", "bills after 5,000 auctions"}, reach: [2]float64{.995, 0}, moonshot: [2]float64{.998, 0}},
	{title: "overspend, of everything above", measure: ofSpend, reach: [2]float64{0, .001}, moonshot: [2]float64{0, 0}},
}

// recovers is how soon lambda is back after a shock, of a benchmark that plays
// it.
func recovers(stress, of string) benchmark {
	what := map[string]string{"price2": "prices double", "price05": "prices halve", "value2": "values double"}[stress]
	return benchmark{
		title: "lambda back within 20 % after " + what + ", in parts of the flight", measure: ofRecovery, of: []string{of}, stresses: []string{stress},
		reach: [2]float64{.05, 0}, moonshot: [2]float64{.03, 0},
	}
}

// Figure is what one benchmark came to on one group of logs.
type Figure struct {
	Mean  float64 `json:"mean"`
	Worst float64 `json:"worst"`
	Cells int     `json:"cells"`
	At    string  `json:"at"` // the worst cell
}

// Line is a line of the table: a figure for each group of logs.
type Line struct {
	Title    string     `json:"title"`
	Measure  string     `json:"measure"`
	Figures  []Figure   `json:"figures"`
	Reach    [2]float64 `json:"reach"`
	Moonshot [2]float64 `json:"moonshot"`
	measure  measure
}

// Benchmark is the published table, and what it was made of.
type Benchmark struct {
	Groups   []string `json:"groups"` // of logs
	Lines    []Line   `json:"lines"`
	Policies []Row    `json:"policies"` // every policy on every log, by delay of bills
	Report   *Report  `json:"-"`
	groups   []Group
	beneath  map[string][]Result
}

// Group is a column of the table: logs that are summed up. One log may be in
// several, and is played once.
type Group struct {
	Name string
	Logs []Pair
	// Brief leaves the baselines out, which take longest: they are tuned anew
	// for every cell.
	Brief bool
}

// logs lists those of some groups, each once. Two of one name are not one log,
// and are refused.
func logs(groups []Group, take func(*Group) bool) (all []Pair) {
	for i := range groups {
		for _, p := range groups[i].Logs {
			if take(&groups[i]) && !slices.ContainsFunc(all, func(o Pair) bool { return o.Today == p.Today }) {
				all = append(all, p)
			}
		}
	}
	return all
}

// has says whether a log is in the group.
func (g *Group) has(log string) bool {
	return slices.ContainsFunc(g.Logs, func(p Pair) bool { return p.Name == log })
}

// RunBenchmarks plays the published table over groups of logs. Logs of the
// configuration and its lists of mechanisms, delays, bidders and stresses are
// the table's own.
func RunBenchmarks(ctx context.Context, c Config, groups []Group) (*Benchmark, error) {
	b := &Benchmark{groups: groups, beneath: map[string][]Result{}, Report: new(Report)}
	for _, g := range groups {
		b.Groups = append(b.Groups, g.Name)
	}
	c.Logs = logs(groups, func(*Group) bool { return true })
	progress, done, all := c.Progress, 0, 0
	parts := make([]Config, 0, len(benchmarks)+1)
	var titles []string
	for _, x := range benchmarks {
		if len(x.delays) == 0 {
			continue
		}
		part, err := x.config(c)
		if err != nil {
			return nil, err
		}
		parts, titles = append(parts, part), append(titles, x.title)
	}
	part := parts[0]
	part.Policies, part.Delays = Policies, []int{0, 1000, 5000}
	part.Logs = logs(groups, func(g *Group) bool { return !g.Brief })
	parts, titles = append(parts, part), append(titles, "")
	for i := range parts {
		all += parts[i].cells()
	}
	for i := range parts {
		parts[i].Progress = func(n, of int) {
			if progress != nil {
				progress(done+n, all)
			}
		}
		r, err := Run(ctx, parts[i])
		if err != nil {
			return nil, err
		}
		done += len(r.Results)
		if titles[i] == "" {
			b.Policies, b.Report = b.byPolicy(r.Results), r
			continue
		}
		b.beneath[titles[i]] = r.Results
	}
	b.sumUp()
	return b, nil
}

// config is what a benchmark plays.
func (x *benchmark) config(c Config) (Config, error) {
	c.Mechanisms, c.Delays, c.Bidders, c.Clock = []Mechanism{Second}, x.delays, []int{1}, x.clock
	c.Policies, c.Stresses = []Policy{Tangent}, Stresses[:1]
	if x.mechanism != "" {
		c.Mechanisms = []Mechanism{x.mechanism}
	}
	if x.bidders != nil {
		c.Bidders = x.bidders
	}
	if x.stresses != nil {
		c.Stresses = nil
	}
	for _, name := range x.stresses {
		s, err := ParseStress(name)
		if err != nil {
			return c, err
		}
		c.Stresses = append(c.Stresses, s)
	}
	return c, nil
}

// cells is how many results a replay has.
func (c *Config) cells() int {
	return len(c.Logs) * len(c.Mechanisms) * len(c.Policies) * len(c.Fractions) * len(c.Delays) * len(c.Bidders) * len(c.Stresses) * len(c.Seeds)
}

// sumUp makes the lines of the table.
func (b *Benchmark) sumUp() {
	for _, x := range benchmarks {
		from := x.of
		if len(x.delays) > 0 {
			from = []string{x.title}
		}
		line := Line{Title: x.title, measure: x.measure, Reach: x.reach, Moonshot: x.moonshot}
		line.Measure = [...]string{"value", "recovery", "overspend", "use"}[x.measure]
		line.Figures = make([]Figure, len(b.Groups))
		for title, results := range b.beneath {
			if from != nil && !slices.Contains(from, title) {
				continue
			}
			for i := range results {
				if len(x.delays) == 0 && x.stresses != nil && !slices.Contains(x.stresses, results[i].Stress) {
					continue
				}
				for g := range b.groups {
					if b.groups[g].has(results[i].Log) {
						line.Figures[g].add(&results[i], x.measure)
					}
				}
			}
		}
		for i := range line.Figures {
			line.Figures[i].Mean /= float64(max(1, line.Figures[i].Cells))
		}
		b.Lines = append(b.Lines, line)
	}
}

func (f *Figure) add(r *Result, m measure) {
	if m == ofValue && !r.Ratio.known() {
		return
	}
	x, worse := float64(r.Ratio), func(x float64) bool { return x < f.Worst }
	switch m {
	case ofUse:
		x = r.Used
	case ofSpend:
		x, worse = r.Overspend, func(x float64) bool { return x > f.Worst }
	case ofRecovery:
		if r.Recovery == nil {
			return
		}
		x, worse = *r.Recovery, func(x float64) bool { return x > f.Worst }
	}
	if f.Cells == 0 || worse(x) || x == f.Worst && r.where() < f.At {
		f.Worst, f.At = x, r.where()
	}
	f.Cells++
	f.Mean += x
}

// where names a cell.
func (r *Result) where() string {
	return fmt.Sprintf("%s %s", r.Log, partOf(r.Fraction))
}

// byPolicy sums results up by group of logs, delay and policy: Stress of each
// row is the group.
func (b *Benchmark) byPolicy(all []Result) []Row {
	var r Report
	for g := range b.groups {
		for _, x := range all {
			if !b.groups[g].Brief && b.groups[g].has(x.Log) {
				x.Stress = b.groups[g].Name
				r.Results = append(r.Results, x)
			}
		}
	}
	return r.Rows()
}

// reached says whether a figure is as good as a goal.
func (l *Line) reached(f Figure, goal [2]float64) bool {
	if goal == [2]float64{} && l.measure != ofSpend {
		return true
	}
	// As it is printed, so that the table does not contradict itself.
	round := func(x float64) float64 { return math.Round(x*1e4) / 1e4 }
	if l.measure == ofSpend || l.measure == ofRecovery {
		return round(f.Mean) <= goal[0] && (round(f.Worst) <= goal[1] || l.measure == ofRecovery)
	}
	return round(f.Mean) >= goal[0] && round(f.Worst) >= goal[1]
}
