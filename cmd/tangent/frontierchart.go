package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/report/chart"
)

const (
	frontierStyle = `polyline.curve{stroke:#2563eb;stroke-width:3}polygon.curve{fill:#2563eb}.w,.budget{stroke:#d97706;fill:#d97706}` +
		`.now{stroke:#059669;stroke-width:2.5;fill:#fff}.if{fill:#fff;stroke:#2563eb;stroke-width:2}.gap{stroke:#dc2626}`
	frontierDark = `polyline.curve{stroke:#60a5fa}polygon.curve{fill:#60a5fa}.w,.budget{stroke:#fbbf24;fill:#fbbf24}` +
		`.now{stroke:#34d399;fill:#0f172a}.if{fill:#0f172a;stroke:#60a5fa}.gap{stroke:#f87171}`
)

// frontierChart draws what a line item's budget buys: the curve, the line of
// the budget that touches it at W, where the line item is now, and what other
// budgets would buy.
func frontierChart(f *v1.Frontier) *chart.Chart {
	budget, bound := amountOf(f.Budget), f.BudgetOf != ""
	end := v1.FrontierPoint{}
	if n := len(f.Curve); n > 0 {
		end = f.Curve[n-1]
	}
	most := amountOf(end.Spend) * 1.06
	if bound && budget > 0 {
		most = max(min(most, 2.5*budget), 1.12*budget, 1.06*amountOf(f.Now.Spend))
	}
	if !(most > 0) {
		most = 1
	}
	c := &chart.Chart{
		Title: f.Name, Subtitle: fmt.Sprintf("What a day's budget buys: %s against spend, line item %d", outcomes(f), f.LineItemID),
		X: chart.Axis{Title: f.Currency + " a day", Most: most, Text: count}, Style: frontierStyle, DarkStyle: frontierDark,
		Y: chart.Axis{Title: outcomes(f) + " a day", Text: count},
	}
	curve := chart.Line{Class: "curve", Fill: true, Points: cut(f.Curve, most)}
	for _, p := range curve.Points {
		c.Y.Most = max(c.Y.Most, p[1])
	}
	c.Y.Most = max(1.12*c.Y.Most, 1e-9)
	c.Lines = []chart.Line{curve}
	if bound && budget > 0 {
		class := "budget"
		if len(f.Limits) > 0 && amountOf(f.W.Spend) < .99*budget {
			class = "gap"
		}
		c.Rules = []chart.Rule{{Name: "budget " + cash(f.Budget.String(), f.Currency), Class: class, X: budget}}
	}
	c.Marks = frontierMarks(f, c)
	c.Notes = frontierNotes(f)
	c.Description = strings.Join(append([]string{fmt.Sprintf("At W, %s a day buy %s %s.", cash(f.W.Spend.String(), f.Currency), count(f.W.Outcomes), outcomes(f))}, c.Notes...), " ")
	return c
}

// frontierMarks marks what is on the picture. W comes last: it is above all.
func frontierMarks(f *v1.Frontier, c *chart.Chart) (marks []chart.Mark) {
	if f.Samples == 0 {
		return nil
	}
	on := func(p v1.FrontierPoint) bool { return amountOf(p.Spend) <= c.X.Most && p.Outcomes <= c.Y.Most }
	for i := range f.WhatIfs {
		if x := &f.WhatIfs[i]; x.Change == "budget" && on(x.Then) && x.Gain != 0 {
			name := fmt.Sprintf("%+.0f %%: %s %s", 100*(x.Factor-1), signed(x.Gain), outcomes(f))
			marks = append(marks, chart.Mark{Name: name, Class: "if", X: amountOf(x.Then.Spend), Y: x.Then.Outcomes})
		}
	}
	w := chart.Mark{Name: "W: " + count(f.W.Outcomes) + " " + outcomes(f), Class: "w", X: amountOf(f.W.Spend), Y: f.W.Outcomes,
		Reach: .34, Place: chart.Above, Error: f.StandardError * f.W.Outcomes}
	if f.NextOutcome > 0 {
		w.Slope = 1 / amountOf(f.NextOutcome)
	}
	if on(f.Now) {
		now := chart.Mark{Name: "now", Class: "now", X: amountOf(f.Now.Spend), Y: f.Now.Outcomes}
		switch near := func(m chart.Mark) bool { return math.Abs(now.X-m.X) < .05*c.X.Most }; {
		case near(w):
			now.Name, w.Name = "", w.Name+", and now"
		case slices.ContainsFunc(marks, near):
			now.Place = chart.Above // the other's name is below
		}
		marks = append(marks, now)
	}
	return append(marks, w)
}

// unpriced is said where prices are not known.
const unpriced = "Win prices are not known yet: this is a guess."

// frontierNotes are the sentences below the picture.
func frontierNotes(f *v1.Frontier) (notes []string) {
	if f.Samples == 0 {
		notes = append(notes, "No opportunity is known yet.")
	} else {
		first := fmt.Sprintf("lambda %.3g", f.Lambda)
		if f.NextOutcome > 0 {
			first += ": at W " + next(f)
		}
		if f.Delivered.OfOptimum > 0 {
			first += fmt.Sprintf("; what was billed is worth %.0f %% of the curve", 100*f.Delivered.OfOptimum)
		}
		if f.Even != nil {
			first += fmt.Sprintf("; spending by the clock would cost %.1f %%", 100*f.Even.Price)
		}
		notes = append(notes, first+".", fmt.Sprintf("Estimated from %d of %s opportunities a day, since %s; standard error %s.",
			f.Samples, count(f.Opportunities), f.Since.Format("2006-01-02 15:04 MST"), standardError(f.StandardError)))
	}
	if f.Priced < f.Samples/2 {
		notes = append(notes, unpriced)
	}
	if len(f.Limits) > 0 {
		notes = append(notes, "This budget cannot be spent, because "+f.Limits[0].Detail+".")
	}
	return notes
}

// cut returns the curve up to a spend.
func cut(curve []v1.FrontierPoint, most float64) (points [][2]float64) {
	for i, p := range curve {
		x, y := amountOf(p.Spend), p.Outcomes
		if x > most {
			x0, y0 := amountOf(curve[i-1].Spend), curve[i-1].Outcomes
			return append(points, [2]float64{most, y0 + (y-y0)*(most-x0)/(x-x0)})
		}
		points = append(points, [2]float64{x, y})
	}
	return points
}

func amountOf(n money.Nanos) float64 { return float64(n) / float64(money.Unit) }

// count writes a number for people: three digits, thousands apart.
func count(x float64) string {
	switch a := math.Abs(x); {
	case a == 0:
		return "0"
	case a < 1:
		return strconv.FormatFloat(x, 'g', 2, 64)
	case a < 100:
		return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if x < 0 {
		s = "-" + s
	}
	return s
}

func signed(x float64) string {
	if x > 0 {
		return "+" + count(x)
	}
	return count(x)
}

// cash writes an amount for people: two decimals, more where it is small.
func cash(amount, currency string) string {
	x, _ := strconv.ParseFloat(amount, 64)
	digits := 2
	for digits < 6 && x != 0 && math.Abs(x) < math.Pow(10, 1-float64(digits)) {
		digits++
	}
	return strconv.FormatFloat(x, 'f', digits, 64) + " " + currency
}
