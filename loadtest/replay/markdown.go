package replay

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The tables stand between these lines of a page; the rest of it is yours.
const (
	tablesBegin = "<!-- tables: written by tangent replay --report -->"
	tablesEnd   = "<!-- end of tables -->"
)

// Write puts the tables and pictures into a folder: into pacing.md, between
// the two lines that mark their place, or a new page.
func (b *Benchmark) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	name := filepath.Join(dir, "pacing.md")
	page, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	before, after := "# Pacing, measured\n\n", "\n"
	if err == nil {
		head, rest, ok := strings.Cut(string(page), tablesBegin)
		_, tail, ok2 := strings.Cut(rest, tablesEnd)
		if !ok || !ok2 {
			return fmt.Errorf("cannot write %s: it has no lines %q and %q to write between", name, tablesBegin, tablesEnd)
		}
		before, after = head, tail
	}
	var s strings.Builder
	s.WriteString(before + tablesBegin + "\n\n")
	b.Markdown(&s)
	s.WriteString("\n" + tablesEnd + after)
	if err := os.WriteFile(name, []byte(s.String()), 0o644); err != nil {
		return err
	}
	return b.draw(dir)
}

// Markdown writes the tables.
func (b *Benchmark) Markdown(w io.Writer) {
	fmt.Fprintf(w, "| mean / worst cell |%s reach | moonshot |\n| --- |%s --- | --- |\n",
		columns(b.Groups), strings.Repeat(" --- |", len(b.Groups)))
	for i := range b.Lines {
		l := &b.Lines[i]
		fmt.Fprintf(w, "| %s |", l.Title)
		for _, f := range l.Figures {
			fmt.Fprintf(w, " %s |", l.cell(f))
		}
		fmt.Fprintf(w, " %s | %s |\n", l.goal(l.Reach), l.goal(l.Moonshot))
	}
	fmt.Fprint(w, "\n**Bold** is at or beyond the moonshot, *slanted* misses what was to be reached; the cell named is the worst.\n\n")

	for i := range b.groups {
		if b.groups[i].Brief {
			continue
		}
		group := b.groups[i].Name
		fmt.Fprintf(w, "### Every policy: %s\n\n", group)
		fmt.Fprintf(w, "| bills after | policy | mean | worst | budget used | overspend, worst | off the plan | jitter |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n")
		for i := range b.Policies {
			if x := &b.Policies[i]; x.Stress == group {
				fmt.Fprintf(w, "| %d | %s | %s | %s | %.4f | %.2f %% | %.3f | %.4f |\n",
					x.Delay, x.Policy, x.Mean, x.Worst, x.Used, 100*x.WorstOver, x.SlotRMSE, x.Jitter)
			}
		}
		fmt.Fprintln(w)
	}
	b.evenness(w)
	b.settings(w)
}

func columns(names []string) string {
	s := ""
	for _, n := range names {
		s += " " + n + " |"
	}
	return s
}

// cell is a figure as the table has it.
func (l *Line) cell(f Figure) string {
	if f.Cells == 0 {
		return "-"
	}
	text := fmt.Sprintf("%.4f / %.4f", f.Mean, f.Worst)
	switch l.measure {
	case ofSpend:
		text = fmt.Sprintf("%.3f %% / %.2f %%", 100*f.Mean, 100*f.Worst)
	case ofRecovery:
		text = fmt.Sprintf("%.1f %% / %.1f %%", 100*f.Mean, 100*f.Worst)
	}
	switch {
	case !l.reached(f, l.Reach):
		text = "*" + text + "*"
	case l.Moonshot != [2]float64{} && l.reached(f, l.Moonshot), l.measure == ofSpend && l.reached(f, l.Moonshot):
		text = "**" + text + "**"
	}
	if l.measure == ofSpend && f.Worst == 0 {
		return text
	}
	return text + " (" + f.At + ")"
}

func (l *Line) goal(g [2]float64) string {
	switch {
	case l.measure == ofSpend:
		return fmt.Sprintf("%g %% / %g %%", 100*g[0], 100*g[1])
	case g == [2]float64{}:
		return ""
	case l.measure == ofRecovery:
		return fmt.Sprintf("%g %%", 100*g[0])
	case g[1] == 0:
		return fmt.Sprintf("%.3f", g[0])
	}
	return fmt.Sprintf("%.3f / %.3f", g[0], g[1])
}

// evenness says what the two plans leave of the optimum.
func (b *Benchmark) evenness(w io.Writer) {
	fmt.Fprint(w, "### What a plan costs\n\nThe optimum of who keeps to the plan in every hour, against that of who need not:\n\n")
	fmt.Fprintf(w, "| plan |%s\n| --- |%s\n", columns(b.Groups), strings.Repeat(" --- |", len(b.Groups)))
	for _, x := range []struct{ plan, title string }{{"by traffic", benchmarks[0].title}, {"by the clock", "spending by the clock"}} {
		fmt.Fprintf(w, "| %s |", x.plan)
		for g := range b.Groups {
			sum, worst, n := Score(0), Score(2), 0
			for i := range b.beneath[x.title] {
				if r := &b.beneath[x.title][i]; b.groups[g].has(r.Log) && r.PlanPrice.known() {
					sum, worst, n = sum+r.PlanPrice, min(worst, r.PlanPrice), n+1
				}
			}
			if n == 0 {
				worst = unknown
			}
			fmt.Fprintf(w, " %s / %s |", sum/Score(n), worst)
		}
		fmt.Fprintln(w)
	}
}

// settings says how the baselines were tuned.
func (b *Benchmark) settings(w io.Writer) {
	fmt.Fprint(w, "\n### The baselines' best settings\n\nEach was tuned on the day before, anew for every cell. How often each setting of the grid was the best:\n\n| policy | settings |\n| --- | --- |\n")
	for _, p := range Policies {
		counts := map[string]int{}
		var names []string
		for i := range b.Report.Results {
			if r := &b.Report.Results[i]; r.Policy == p && r.Setting != "" {
				if counts[r.Setting] == 0 {
					names = append(names, r.Setting)
				}
				counts[r.Setting]++
			}
		}
		for i, n := range names {
			names[i] = fmt.Sprintf("%s: %d", n, counts[n])
		}
		if len(names) > 0 {
			fmt.Fprintf(w, "| %s | %s |\n", p, strings.Join(names, ", "))
		}
	}
}

// draw puts the pictures of the policies into a folder: of the first log.
func (b *Benchmark) draw(dir string) error {
	r := Report{Curves: b.Report.Curves}
	for _, x := range b.Report.Results {
		if x.Log == b.groups[0].Logs[0].Name && x.Delay == 1000 {
			r.Results = append(r.Results, x)
		}
	}
	return r.Plot(dir)
}
