package frontier

import (
	"math"
	"testing"

	"github.com/tangent-dsp/tangent/landscape"
)

// The error of a gain is stated at the price of money, as samples that cost
// more than others are paid for by buying less: over many draws it is as large
// as gains are off, neither twice that nor half.
func TestTheErrorOfAGainIsAsItIsOff(t *testing.T) {
	const draws = 30
	off, said := 0., 0.
	for seed := range uint64(draws) {
		log, of := made(40+seed, 6000, 2)
		m := marketOf(t, landscape.SecondPrice, log, of)
		c, all := m.Curve(m.Terms), total(log)
		a, b := c.At(.125*all), c.At(.15*all)
		d := (b.Value-a.Value)/(knapsack(log, .15*all)-knapsack(log, .125*all)) - 1
		e := gainError(c, a, c, b)
		off, said = off+d*d, said+e*e
	}
	if ratio := math.Sqrt(said / off); ratio < .65 || ratio > 1.5 {
		t.Errorf("gains are off by %.4f, and said to be by %.4f", math.Sqrt(off/draws), math.Sqrt(said/draws))
	}
}
