package chart

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// Chart is a picture with two axes that begin at zero.
type Chart struct {
	Title, Subtitle string
	Description     string // what there is to see, for who cannot
	X, Y            Axis
	Rules           []Rule
	Lines           []Line
	Marks           []Mark
	Legend          bool     // names of lines beside the plot
	Notes           []string // below it
	Style           string   // CSS of classes of its own, behind what all charts have
	DarkStyle       string   // the same, for dark ground
}

// Axis is one of the two.
type Axis struct {
	Title string
	Most  float64
	Step  float64 // between two ticks; 0 chooses
	Text  func(float64) string
}

// Line is points that are joined, or dots.
type Line struct {
	Name   string // in the legend; none if empty
	Class  string
	Points [][2]float64
	Dots   bool
	Fill   bool // the ground below it, too
}

// Rule is a line that stands on the X axis.
type Rule struct {
	Name  string // at its upper end
	Class string
	X     float64
}

// Mark is a place with a name.
type Mark struct {
	Name  string
	Class string
	X, Y  float64
	Slope float64 // of the line that touches it; 0 for none
	Reach float64 // of that line to either side, as a part of the plot; 0 is an eighth
	Place Place
	Error float64 // of Y, to either side; 0 for none
}

// Place is where a mark's name stands.
type Place uint8

// The places.
const (
	Below Place = iota // to the right
	Above              // to the left
)

const (
	width, height          = 860, 500
	left, top, bottom      = 84, 74, 58
	rightPlain, rightNamed = 34, 170
	noteHeight             = 18
	charWidth              = 6.4 // on average, at 12 px
)

// style has colours for light ground, and below for dark. Some programs that
// draw SVG know no more CSS than this. Figures are of one width.
const style = `.ground{fill:#fff}text{font:12px system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums;fill:#6b7280}` +
	`.title{font-size:19px;font-weight:600}.subtitle{font-size:13px}.title,.name{fill:#111827}.halo{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}` +
	`.grid{stroke:#e5e7eb}.axis{stroke:#9ca3af}polyline{fill:none;stroke-width:2;stroke-linejoin:round}polygon.fill{stroke:none;fill-opacity:.1}` +
	`circle.dot{fill-opacity:.15;stroke-width:2;stroke-dasharray:none}.touch{stroke-width:1.5}.rule{stroke-width:1.5;stroke-dasharray:5 4}.error{stroke-width:1.5;stroke-opacity:.7}`

const darkStyle = `.ground{fill:#0f172a}text{fill:#94a3b8}.title,.name{fill:#f1f5f9}.halo{stroke:#0f172a}.grid{stroke:#243044}.axis{stroke:#64748b}`

// right is the margin there.
func (c *Chart) right() float64 {
	if c.Legend {
		return rightNamed
	}
	return rightPlain
}

func (c *Chart) at(x, y float64) (float64, float64) {
	return left + x/c.X.Most*(width-left-c.right()), height - bottom - y/c.Y.Most*(height-top-bottom)
}

// Write writes the picture.
func (c *Chart) Write(w io.Writer) error {
	var s strings.Builder
	tall := height + noteHeight*len(c.Notes)
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="title desc">`+"\n", width, tall)
	fmt.Fprintf(&s, "<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n<style>%s%s@media(prefers-color-scheme:dark){%s%s}</style>\n",
		html.EscapeString(c.Title), html.EscapeString(c.Description), style, c.Style, darkStyle, c.DarkStyle)
	fmt.Fprintf(&s, `<rect class="ground" width="%d" height="%d" rx="10"/>`+"\n", width, tall)
	text(&s, "title", 24, 32, "start", c.Title)
	if c.Subtitle != "" {
		text(&s, "subtitle", 24, 52, "start", c.Subtitle)
	}
	c.axes(&s)
	for i := range c.Lines {
		c.line(&s, &c.Lines[i])
	}
	for _, r := range c.Rules {
		c.rule(&s, r)
	}
	for _, m := range c.Marks {
		c.mark(&s, m)
	}
	if c.Legend {
		c.legend(&s)
	}
	for i, note := range c.Notes {
		text(&s, "", 24, float64(height+noteHeight*i)+2, "start", note)
	}
	s.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

func text(s *strings.Builder, class string, x, y float64, anchor, what string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(s, `<text%s x="%.1f" y="%.1f" text-anchor="%s">%s</text>`+"\n", class, x, y, anchor, html.EscapeString(what))
}

func line(s *strings.Builder, class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(s, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", class, x1, y1, x2, y2)
}

// Step returns a round distance between ticks, about n of them.
func Step(most float64, n int) float64 {
	raw := most / float64(n)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 2.5, 5} {
		if raw <= f*power*1.0001 {
			return f * power
		}
	}
	return 10 * power
}

func (a *Axis) step(n int) float64 {
	if a.Step > 0 {
		return a.Step
	}
	return Step(a.Most, n)
}

func (c *Chart) axes(s *strings.Builder) {
	x0, y0 := c.at(0, 0)
	x1, y1 := c.at(c.X.Most, c.Y.Most)
	step := c.X.step(7)
	for i := 0; float64(i)*step <= c.X.Most*1.0001; i++ {
		x, _ := c.at(float64(i)*step, 0)
		line(s, "grid", x, y0, x, y1)
		text(s, "", x, y0+18, "middle", c.X.Text(float64(i)*step))
	}
	step = c.Y.step(6)
	for i := 0; float64(i)*step <= c.Y.Most*1.0001; i++ {
		_, y := c.at(0, float64(i)*step)
		line(s, "grid", x0, y, x1, y)
		text(s, "", x0-8, y+4, "end", c.Y.Text(float64(i)*step))
	}
	line(s, "axis", x0, y0, x1, y0)
	text(s, "", (x0+x1)/2, y0+42, "middle", c.X.Title)
	fmt.Fprintf(s, `<text transform="translate(22 %.1f) rotate(-90)" text-anchor="middle">%s</text>`+"\n", (y0+y1)/2, html.EscapeString(c.Y.Title))
}

func (c *Chart) line(s *strings.Builder, l *Line) {
	if l.Dots {
		for _, p := range l.Points {
			x, y := c.at(p[0], p[1])
			fmt.Fprintf(s, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="4"/>`+"\n", l.Class, x, y)
		}
		return
	}
	if len(l.Points) == 0 {
		return
	}
	var points strings.Builder
	for i, p := range l.Points {
		x, y := c.at(p[0], p[1])
		if i > 0 {
			points.WriteByte(' ')
		}
		fmt.Fprintf(&points, "%.1f,%.1f", x, y)
	}
	if l.Fill {
		from, ground := c.at(l.Points[0][0], 0)
		to, _ := c.at(l.Points[len(l.Points)-1][0], 0)
		fmt.Fprintf(s, `<polygon class="fill %s" points="%.1f,%.1f %s %.1f,%.1f"/>`+"\n", l.Class, from, ground, points.String(), to, ground)
	}
	fmt.Fprintf(s, `<polyline class="%s" points="%s"/>`+"\n", l.Class, points.String())
}

func (c *Chart) rule(s *strings.Builder, r Rule) {
	x, y0 := c.at(r.X, 0)
	_, y1 := c.at(0, c.Y.Most)
	line(s, "rule "+r.Class, x, y0, x, y1)
	anchor := "middle"
	half := float64(len(r.Name)) * charWidth / 2
	switch {
	case x+half > width-8:
		anchor = "end"
		x += 8
	case x-half < left:
		anchor = "start"
	}
	text(s, "name", x, y1-6, anchor, r.Name)
}

// mark draws a place, and the line that touches the curve there, which ends
// where the plot does.
func (c *Chart) mark(s *strings.Builder, m Mark) {
	if m.Slope > 0 {
		reach := m.Reach
		if reach == 0 {
			reach = .12
		}
		run := reach * c.X.Most / math.Hypot(1, m.Slope*c.X.Most/c.Y.Most)
		less, more := min(run, m.X, m.Y/m.Slope), min(run, c.X.Most-m.X, (c.Y.Most-m.Y)/m.Slope)
		x1, y1 := c.at(m.X-less, m.Y-less*m.Slope)
		x2, y2 := c.at(m.X+more, m.Y+more*m.Slope)
		line(s, "touch "+m.Class, x1, y1, x2, y2)
	}
	x, y := c.at(m.X, m.Y)
	if m.Error > 0 {
		_, y1 := c.at(m.X, max(0, m.Y-m.Error))
		_, y2 := c.at(m.X, min(c.Y.Most, m.Y+m.Error))
		line(s, "error "+m.Class, x, y1, x, y2)
		line(s, "error "+m.Class, x-4, y1, x+4, y1)
		line(s, "error "+m.Class, x-4, y2, x+4, y2)
	}
	fmt.Fprintf(s, `<circle class="mark %s" cx="%.1f" cy="%.1f" r="5"/>`+"\n", m.Class, x, y)
	if m.Name == "" {
		return
	}
	long := float64(len(m.Name)) * charWidth
	switch {
	case m.Place == Above && x-long > left:
		text(s, "name halo", x-9, y-9, "end", m.Name)
	case x+10+long < width-4:
		text(s, "name halo", x+9, y+18, "start", m.Name)
	default:
		text(s, "name halo", x-2, y+22, "end", m.Name)
	}
}

func (c *Chart) legend(s *strings.Builder) {
	y := float64(top + 8)
	for i := range c.Lines {
		l := &c.Lines[i]
		if l.Name == "" {
			continue
		}
		x := float64(width) - rightNamed + 16
		if l.Dots {
			fmt.Fprintf(s, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="4"/>`, l.Class, x+12, y)
		} else {
			fmt.Fprintf(s, `<polyline class="%s" points="%.1f,%.1f %.1f,%.1f"/>`, l.Class, x, y, x+24, y)
		}
		text(s, "", x+32, y+4, "start", l.Name)
		y += 19
	}
}
