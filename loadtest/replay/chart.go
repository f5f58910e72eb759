package replay

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"
)

// chart is a picture with two axes that begin at zero, as SVG. It is for the
// few pictures of a replay: lines, dots, and places with a name.
type chart struct {
	title, x, y string
	xMost       float64
	yMost       float64
	xText       func(float64) string
	yText       func(float64) string
	xStep       float64
	yStep       float64
	lines       []chartLine
	marks       []chartMark
}

type chartLine struct {
	name   string // in the legend; none if empty
	class  string // of the style below
	points [][2]float64
	dots   bool // not joined
}

// chartMark is a place on a curve, with the line that touches it there.
type chartMark struct {
	name  string
	x, y  float64
	slope float64
}

const (
	chartWidth, chartHeight = 760, 430
	chartLeft, chartRight   = 62, 170
	chartTop, chartBottom   = 38, 46

	// Colours hold on white and on dark ground.
	chartStyle = `text{font:12px system-ui,sans-serif;fill:#6b7280}.t{font-size:14px;font-weight:600}` +
		`.grid{stroke:#9ca3af;stroke-opacity:.25}.axis{stroke:#9ca3af}polyline{fill:none;stroke-width:2}` +
		`.plan{stroke:#9ca3af;stroke-dasharray:6 4}.curve{stroke:#9ca3af}.touch{stroke:#d97706;stroke-width:1.3}.w{fill:#d97706}` +
		`.tangent{stroke:#2563eb;stroke-width:2.6}.dual{stroke:#059669}.pid{stroke:#db2777}.throttle{stroke:#7c3aed}` +
		`.fixed{stroke:#ea580c}.constant{stroke:#78716c}.hindsight{stroke:#0891b2;stroke-dasharray:2 3}` +
		`circle.dot{fill-opacity:.15;stroke-width:2;stroke-dasharray:none}`
)

func (c *chart) at(x, y float64) (float64, float64) {
	return chartLeft + x/c.xMost*(chartWidth-chartLeft-chartRight),
		chartHeight - chartBottom - y/c.yMost*(chartHeight-chartTop-chartBottom)
}

// write writes the picture.
func (c *chart) write(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n<style>%s</style>\n",
		chartWidth, chartHeight, html.EscapeString(c.title), chartStyle)
	fmt.Fprintf(&s, `<text class="t" x="%d" y="22">%s</text>`+"\n", chartLeft, html.EscapeString(c.title))
	for x := 0.; x <= c.xMost*1.0001; x += c.xStep {
		px, bottom := c.at(x, 0)
		_, top := c.at(x, c.yMost)
		fmt.Fprintf(&s, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n",
			px, bottom, px, top, px, bottom+16, c.xText(x))
	}
	for y := 0.; y <= c.yMost*1.0001; y += c.yStep {
		left, py := c.at(0, y)
		right, _ := c.at(c.xMost, y)
		fmt.Fprintf(&s, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n",
			left, py, right, py, left-6, py+4, c.yText(y))
	}
	middle, bottom := c.at(c.xMost/2, 0)
	fmt.Fprintf(&s, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`+"\n", middle, bottom+36, html.EscapeString(c.x))
	_, half := c.at(0, c.yMost/2)
	fmt.Fprintf(&s, `<text transform="translate(14 %.1f) rotate(-90)" text-anchor="middle">%s</text>`+"\n", half, html.EscapeString(c.y))
	for i := range c.lines {
		c.line(&s, &c.lines[i])
	}
	for _, m := range c.marks {
		c.mark(&s, m)
	}
	c.legend(&s)
	s.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

func (c *chart) line(s *strings.Builder, l *chartLine) {
	if l.dots {
		for _, p := range l.points {
			x, y := c.at(p[0], p[1])
			fmt.Fprintf(s, `<circle class="dot %s" cx="%.1f" cy="%.1f" r="4"/>`+"\n", l.class, x, y)
		}
		return
	}
	fmt.Fprintf(s, `<polyline class="%s" points="`, l.class)
	for i, p := range l.points {
		x, y := c.at(p[0], p[1])
		if i > 0 {
			s.WriteByte(' ')
		}
		fmt.Fprintf(s, "%.1f,%.1f", x, y)
	}
	s.WriteString(`"/>` + "\n")
}

// mark draws a place, and the line that touches the curve there.
func (c *chart) mark(s *strings.Builder, m chartMark) {
	// As long as it is on the picture to either side, within an eighth of it.
	run := .12 * c.xMost / math.Hypot(1, m.slope*c.xMost/c.yMost)
	left, right := min(run, m.x), min(run, c.xMost-m.x, (c.yMost-m.y)/max(m.slope, 1e-9))
	x1, y1 := c.at(m.x-left, m.y-left*m.slope)
	x2, y2 := c.at(m.x+right, m.y+right*m.slope)
	x, y := c.at(m.x, m.y)
	fmt.Fprintf(s, `<line class="touch" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/><circle class="w" cx="%.1f" cy="%.1f" r="3"/><text x="%.1f" y="%.1f">%s</text>`+"\n",
		x1, y1, x2, y2, x, y, x+8, y+16, html.EscapeString(m.name))
}

func (c *chart) legend(s *strings.Builder) {
	y := chartTop + 8
	for _, l := range c.lines {
		if l.name == "" {
			continue
		}
		x := chartWidth - chartRight + 16
		if l.dots {
			fmt.Fprintf(s, `<circle class="dot %s" cx="%d" cy="%d" r="4"/>`, l.class, x+12, y)
		} else {
			fmt.Fprintf(s, `<polyline class="%s" points="%d,%d %d,%d"/>`, l.class, x, y, x+24, y)
		}
		fmt.Fprintf(s, `<text x="%d" y="%d">%s</text>`+"\n", x+32, y+4, html.EscapeString(l.name))
		y += 19
	}
}

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }
