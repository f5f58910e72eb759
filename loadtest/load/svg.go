package load

import (
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"github.com/tangent-dsp/tangent/loadtest"
)

const (
	svgWidth, svgHeight = 760, 420
	svgLeft, svgRight   = 70, 24
	svgTop, svgBottom   = 40, 48

	// Colours hold on white and on dark ground.
	svgStyle = `text{font:12px system-ui,sans-serif;fill:#6b7280}.t{font-size:14px;font-weight:600}` +
		`line{stroke:#9ca3af;stroke-opacity:.3}polyline{fill:none;stroke-width:2.2}`
)

// colours of curves, in their order.
var colours = []string{"#2563eb", "#d97706", "#059669", "#db2777"}

// Curve is latencies by share, with a name.
type Curve struct {
	Name   string
	Points []loadtest.Quantile
}

// SVG draws the latency curve of the run.
func (r *Report) SVG(w io.Writer) error {
	title := fmt.Sprintf("latency of %d bid requests, from the intended send time", r.Requests)
	return DrawCurves(w, title, []Curve{{Points: r.Curve}})
}

// DrawCurves draws latency curves as SVG: the share of requests to the right,
// each digit as wide as the one before (p50, p90, p99, p99.9, p99.99), and
// latency up, on a logarithmic scale.
func DrawCurves(w io.Writer, title string, curves []Curve) error {
	var all []loadtest.Quantile
	for _, c := range curves {
		all = append(all, drawn(c.Points)...)
	}
	low, high := decades(all)
	x := func(share float64) float64 { // log2(2) is p50, log10(1e4) p99.99
		const from = .30103 // -log10(1 - .5)
		return svgLeft + (-math.Log10(1-share)-from)/(4-from)*(svgWidth-svgLeft-svgRight)
	}
	y := func(us float64) float64 {
		return svgHeight - svgBottom - (math.Log10(us)-low)/(high-low)*(svgHeight-svgTop-svgBottom)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`+"\n<style>%s</style>\n",
		svgWidth, svgHeight, html.EscapeString(title), svgStyle)
	fmt.Fprintf(&s, `<text class="t" x="%d" y="22">%s</text>`+"\n", svgLeft, html.EscapeString(title))
	for _, share := range []float64{.5, .9, .99, .999, .9999} {
		fmt.Fprintf(&s, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n",
			x(share), svgTop, x(share), svgHeight-svgBottom, x(share), svgHeight-svgBottom+18, shareText(share))
	}
	for d := low; d <= high; d++ {
		us := math.Pow(10, d)
		fmt.Fprintf(&s, `<line x1="%d" y1="%.1f" x2="%d" y2="%.1f"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			svgLeft, y(us), svgWidth-svgRight, y(us), svgLeft-8, y(us)+4, span(us))
	}
	for i, c := range curves {
		colour := colours[i%len(colours)]
		if c.Name != "" {
			fmt.Fprintf(&s, `<text x="%d" y="%d" style="fill:%s">%s</text>`+"\n", svgLeft+12, svgTop+18+16*i, colour, html.EscapeString(c.Name))
		}
		fmt.Fprintf(&s, `<polyline stroke="%s" points="`, colour)
		for k, q := range drawn(c.Points) {
			if k > 0 {
				s.WriteByte(' ')
			}
			fmt.Fprintf(&s, "%.1f,%.1f", x(q.Share), y(max(1, float64(q.US))))
		}
		s.WriteString(`"/>` + "\n")
	}
	s.WriteString("</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

// drawn leaves out what is right of the picture.
func drawn(points []loadtest.Quantile) (all []loadtest.Quantile) {
	for _, q := range points {
		if q.Share <= .9999 {
			all = append(all, q)
		}
	}
	return all
}

// decades returns the powers of ten of microseconds around curves.
func decades(points []loadtest.Quantile) (low, high float64) {
	if len(points) == 0 {
		return 2, 3
	}
	least, most := math.Inf(1), 1.
	for _, q := range points {
		least, most = min(least, max(1, float64(q.US))), max(most, float64(q.US))
	}
	low = math.Floor(math.Log10(least))
	return low, max(math.Ceil(math.Log10(most)), low+1)
}

// span writes microseconds in the unit that suits them.
func span(us float64) string {
	switch {
	case us < 1e3:
		return fmt.Sprintf("%.0f us", us)
	case us < 1e6:
		return fmt.Sprintf("%.0f ms", us/1e3)
	}
	return fmt.Sprintf("%.0f s", us/1e6)
}
