package frontier

import (
	"math"
	"testing"

	"github.com/tangent-dsp/tangent/landscape"
)

// What an hour cannot spend goes to those after it.
func TestEvennessPassesOnWhatAnHourCannotSpend(t *testing.T) {
	log, of := made(3, 20_000, 2)
	m := marketOf(t, landscape.SecondPrice, log, of)
	var open [Span]bool
	for h := range open {
		if open[h] = true; h < 8 {
			m.Hours[h] /= 1000
		}
	}
	c := m.Curve(m.Terms)
	spend := c.Most().Spend / 4
	e, ok := c.Even(spend, 1, open)
	if !ok || math.Abs(e.Spend/spend-1) > .001 {
		t.Errorf("after a quiet night %.3f of the money is spent", e.Spend/spend)
	}
}
