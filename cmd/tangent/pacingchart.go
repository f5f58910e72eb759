package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/report/chart"
)

const (
	pacingStyle = `polyline.plan{stroke:#9ca3af;stroke-width:2.5;stroke-dasharray:7 5}polyline.spend{stroke:#2563eb;stroke-width:3}polygon.spend{fill:#2563eb}.now{stroke:#059669;fill:#fff;stroke-width:2.5}`
	pacingDark  = `polyline.plan{stroke:#94a3b8}polyline.spend{stroke:#60a5fa}polygon.spend{fill:#60a5fa}.now{stroke:#34d399;fill:#0f172a}`
)

// pacingChart draws what was spent of a budget against its plan.
func pacingChart(p *v1.Pacing, b *v1.PacingBudget) *chart.Chart {
	c := &chart.Chart{
		Title: p.Name, Subtitle: fmt.Sprintf("Spend against plan, line item %d", p.LineItemID), Legend: true,
		X: chart.Axis{Title: "hours", Most: 24, Step: 4, Text: count}, Y: chart.Axis{Title: p.Currency, Most: 1, Text: count},
		Style: pacingStyle, DarkStyle: pacingDark,
	}
	if b == nil || len(b.Slots) == 0 {
		c.Notes = []string{"No budget is spread over time."}
		if b != nil {
			c.Notes = []string{b.Detail + "."}
		}
		c.Description = c.Notes[0]
		return c
	}
	c.Subtitle += ", " + worded(b.Of) + ", " + b.Pacing
	start, end := b.Slots[0].From, b.Slots[len(b.Slots)-1].To
	unit := time.Hour
	c.X.Title, c.X.Step = "hours since "+start.Format("2006-01-02 15:04 MST"), 0
	if end.Sub(start) > 3*24*time.Hour {
		unit = 24 * time.Hour
		c.X.Title = "days since " + start.Format("2006-01-02 15:04 MST")
	}
	x := func(at time.Time) float64 { return float64(at.Sub(start)) / float64(unit) }
	plan, spend := chart.Line{Name: "plan", Class: "plan", Points: [][2]float64{{0, 0}}}, chart.Line{Name: "spent", Class: "spend", Fill: true}
	c.X.Most, c.Y.Most = x(end), amountOf(b.Budget)
	for i := range b.Slots {
		s := &b.Slots[i]
		plan.Points = append(plan.Points, [2]float64{x(s.To), amountOf(s.Planned)})
		if s.Spent != nil {
			at := s.To
			if p.At.Before(at) && p.At.After(s.From) {
				at = p.At
			}
			if len(spend.Points) == 0 { // whenever it was seen first, it began with nothing spent
				spend.Points = append(spend.Points, [2]float64{0, 0})
			}
			spend.Points = append(spend.Points, [2]float64{x(at), amountOf(*s.Spent)})
			c.Y.Most = max(c.Y.Most, amountOf(*s.Spent))
		}
		c.Y.Most = max(c.Y.Most, amountOf(s.Planned))
	}
	c.Y.Most = max(1.1*c.Y.Most, 1e-9)
	c.Lines = []chart.Line{plan, spend}
	if n := len(spend.Points); n > 0 {
		last := spend.Points[n-1]
		c.Marks = []chart.Mark{{Name: "now: " + cash(b.Spent.String(), p.Currency), Class: "now", X: last[0], Y: last[1], Place: chart.Above}}
	}
	c.Notes = []string{b.Detail + ".", fmt.Sprintf("Planned by now %s, spent %s of %s; lambda %.4g.",
		cash(b.Planned.String(), p.Currency), cash(b.Spent.String(), p.Currency), cash(b.Budget.String(), p.Currency), b.Lambda)}
	if p.Even != nil {
		c.Notes = append(c.Notes, fmt.Sprintf("Spending by the clock would cost %.1f %% of the value.", 100*p.Even.Price))
	}
	c.Description = c.Notes[1]
	return c
}

// drawChart draws a picture into a file.
func drawChart(name string, c *chart.Chart) (err error) {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return c.Write(file)
}
