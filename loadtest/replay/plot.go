package replay

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/tangent-dsp/tangent/report/chart"
)

// policyStyle has the colours of the policies; they hold on light and on dark
// ground.
const policyStyle = `.plan{stroke:#9ca3af;stroke-dasharray:6 4}.curve{stroke:#9ca3af}.touch{stroke:#d97706}circle.w{fill:#d97706}` +
	`.tangent{stroke:#2563eb;stroke-width:2.6}.dual{stroke:#059669}.pid{stroke:#db2777}.throttle{stroke:#7c3aed}` +
	`.fixed{stroke:#ea580c}.constant{stroke:#78716c}.hindsight{stroke:#0891b2;stroke-dasharray:2 3}`

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

// Curve is what a log's best auctions are worth for what they cost: exposure
// against money, both as shares of all of it.
type Curve struct {
	Log    string       `json:"log"`
	Stress string       `json:"stress"`
	Points [][2]float64 `json:"points"`
}

// curve samples the optimum, closer where it bends.
func (o *optimum) curve() (points [][2]float64) {
	if len(o.cost) == 0 {
		return nil
	}
	const n = 60
	for i := range n + 1 {
		share := math.Pow(float64(i)/n, 2)
		value, _ := o.at(share * o.total())
		points = append(points, [2]float64{share, value / o.value[len(o.value)-1]})
	}
	return points
}

// Plot draws two pictures of each case into a folder: spend against the plan,
// and value against the optimum.
func (r *Report) Plot(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	byCase := map[string][]Result{}
	var names []string
	for _, x := range r.Results {
		name := x.file()
		if byCase[name] == nil {
			names = append(names, name)
		}
		byCase[name] = append(byCase[name], x)
	}
	for _, name := range names {
		all := byCase[name]
		if err := save(filepath.Join(dir, name+"-spend.svg"), spendChart(all)); err != nil {
			return err
		}
		i := slices.IndexFunc(r.Curves, func(c Curve) bool { return c.Log == all[0].Log && c.Stress == all[0].Stress })
		if i < 0 || all[0].Mechanism != Second {
			continue // first price has no such curve: nobody could buy at the price
		}
		if err := save(filepath.Join(dir, name+"-value.svg"), valueChart(all, &r.Curves[i])); err != nil {
			return err
		}
	}
	return nil
}

// file names the pictures of a case, whatever its budget and seed.
func (c *Case) file() string {
	s := fmt.Sprintf("%s-%s-delay%d", c.Log, c.Mechanism, c.Delay)
	if c.Bidders > 1 {
		s += fmt.Sprintf("-bidders%d", c.Bidders)
	}
	if c.Stress != Stresses[0].Name {
		s += "-" + c.Stress
	}
	if c.Plan == "clock" {
		s += "-clock"
	}
	return strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r <= ' ' {
			return '_'
		}
		return r
	}, s)
}

func save(name string, c *chart.Chart) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return c.Write(f)
}

// title says what the case of a picture is.
func title(x *Result) string {
	s := fmt.Sprintf("%s, %s price, bills after %d auctions", x.Log, x.Mechanism, x.Delay)
	if x.Bidders > 1 {
		s += fmt.Sprintf(", %d bidders", x.Bidders)
	}
	if x.Stress != Stresses[0].Name {
		s += ", " + x.Stress
	}
	return s
}

// spendChart draws one budget: the one in the middle.
func spendChart(all []Result) *chart.Chart {
	fractions := make([]float64, 0, len(all))
	for i := range all {
		fractions = append(fractions, all[i].Fraction)
	}
	slices.Sort(fractions)
	fractions = slices.Compact(fractions)
	middle := fractions[len(fractions)/2]
	c := &chart.Chart{
		Title: "Spend against the plan", Subtitle: title(&all[0]), Legend: true, Style: policyStyle,
		Description: "What each policy has spent by each hour of the day, beside the plan.",
		X:           chart.Axis{Title: "hour of the day", Most: 24, Step: 3, Text: func(x float64) string { return strconv.Itoa(int(x)) }},
		Y:           chart.Axis{Title: "spent of a budget of " + partOf(middle) + " of all", Most: 1.1, Step: .2, Text: percent},
	}
	seen := map[Policy]bool{}
	for i := range all {
		x := &all[i]
		if x.Fraction != middle || seen[x.Policy] {
			continue
		}
		if len(seen) == 0 {
			c.Lines = append(c.Lines, chart.Line{Name: "plan", Class: "plan", Points: sums(x.Should)})
		}
		seen[x.Policy] = true
		c.Lines = append(c.Lines, chart.Line{Name: string(x.Policy), Class: string(x.Policy), Points: sums(x.Spend)})
	}
	return c
}

// sums returns what is spent by the end of each hour.
func sums(hours []float64) [][2]float64 {
	points := [][2]float64{{0, 0}}
	sum := 0.
	for h, x := range hours {
		sum += x
		points = append(points, [2]float64{float64(h + 1), min(sum, 1.1)})
	}
	return points
}

// valueChart draws the curve of exposure, W for every budget, and where each
// policy came to.
func valueChart(all []Result, curve *Curve) *chart.Chart {
	c := &chart.Chart{
		Title: "Value against the optimum", Subtitle: title(&all[0]), Legend: true, Style: policyStyle,
		Description: "The most value that money could have bought in hindsight, W for every budget, and what each policy came to.",
		X:           chart.Axis{Title: "spent, of what all auctions cost", Most: 1, Step: .1, Text: percent},
		Y:           chart.Axis{Title: "value, of all there was", Most: 1, Step: .1, Text: percent},
	}
	most := 0.
	for i := range all {
		most = max(most, all[i].Fraction)
	}
	if most <= .5 {
		c.X.Most = .6
	}
	line := chart.Line{Name: "optimum", Class: "curve"}
	for _, p := range curve.Points {
		if p[0] <= c.X.Most {
			line.Points = append(line.Points, p)
		}
	}
	c.Lines = append(c.Lines, line)
	dots := map[Policy]int{}
	marked := map[float64]bool{}
	for i := range all {
		x := &all[i]
		if x.CurveCost <= 0 || x.CurveValue <= 0 {
			continue
		}
		if !marked[x.Fraction] && float64(x.Budget) < c.X.Most*x.CurveCost {
			marked[x.Fraction] = true
			c.Marks = append(c.Marks, chart.Mark{
				Name: "W " + partOf(x.Fraction), X: float64(x.Budget) / x.CurveCost, Y: x.Optimum / x.CurveValue,
				Class: "w", Slope: x.Slope * x.CurveCost / x.CurveValue,
			})
		}
		n, ok := dots[x.Policy]
		if !ok {
			n = len(c.Lines)
			dots[x.Policy] = n
			c.Lines = append(c.Lines, chart.Line{Name: string(x.Policy), Class: string(x.Policy), Dots: true})
		}
		c.Lines[n].Points = append(c.Lines[n].Points, [2]float64{
			min(c.X.Most, x.Used*float64(x.Budget)/x.CurveCost), min(1, x.Value/x.CurveValue),
		})
	}
	slices.SortFunc(c.Marks, func(a, b chart.Mark) int { return cmp.Compare(a.X, b.X) })
	return c
}

// partOf writes a budget as people do: 1/8.
func partOf(f float64) string {
	if n := math.Round(1 / f); math.Abs(1/f-n) < 1e-9 {
		return fmt.Sprintf("1/%g", n)
	}
	return fmt.Sprintf("%.3g", f)
}
