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
		`line{stroke:#9ca3af;stroke-opacity:.3}polyline{fill:none;stroke:#2563eb;stroke-width:2.2}`
)

// SVG draws the latency curve: the share of requests to the right, each digit
// as wide as the one before (p50, p90, p99, p99.9, p99.99), and latency up, on
// a logarithmic scale.
func (r *Report) SVG(w io.Writer) error {
	var points []loadtest.Quantile
	for _, q := range r.Curve {
		if q.Share <= .9999 {
			points = append(points, q)
		}
	}
	low, high := decades(points)
	x := func(share float64) float64 { // log2(2) is p50, log10(1e4) p99.99
		const from = .30103 // -log10(1 - .5)
		return svgLeft + (-math.Log10(1-share)-from)/(4-from)*(svgWidth-svgLeft-svgRight)
	}
	y := func(us float64) float64 {
		return svgHeight - svgBottom - (math.Log10(us)-low)/(high-low)*(svgHeight-svgTop-svgBottom)
	}
	var s strings.Builder
	title := fmt.Sprintf("latency of %d bid requests, from the intended send time", r.Requests)
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
	s.WriteString(`<polyline points="`)
	for i, q := range points {
		if i > 0 {
			s.WriteByte(' ')
		}
		fmt.Fprintf(&s, "%.1f,%.1f", x(q.Share), y(max(1, float64(q.US))))
	}
	s.WriteString(`"/>` + "\n</svg>\n")
	_, err := io.WriteString(w, s.String())
	return err
}

// decades returns the powers of ten of microseconds around a curve.
func decades(points []loadtest.Quantile) (low, high float64) {
	if len(points) == 0 {
		return 2, 3
	}
	low = math.Floor(math.Log10(max(1, float64(points[0].US))))
	high = math.Ceil(math.Log10(max(1, float64(points[len(points)-1].US))))
	return low, max(high, low+1)
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
