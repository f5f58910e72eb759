package frontier

import "math"

// ratios is what was billed over what it is expected to have been.
type ratios struct {
	shown, spend float64
	err          float64 // standard error of both, as a part
}

const (
	// What is expected counts as much as so many impressions that were billed.
	ratioPrior = 30
	// mostRatio bounds the ratios: what is farther off is not of these bids.
	mostRatio = 4
)

// calibrate compares what was billed with what the samples, each at the
// multiplier of its time, are expected to have brought in the same hours: wins
// that are not shown, bids that come too late, prices that are not as they are
// believed to be. The samples are those of the curve, so chance that made them
// dear or cheap goes as well. Where a multiplier is not known nothing is
// compared.
func (m *Market) calibrate() {
	var expected Point
	for i := range m.lots {
		l := &m.lots[i]
		if l.Multiplier <= 0 {
			return
		}
		expected.add(m.expect(l, m.Terms, float64(l.Multiplier)), l.weight)
	}
	n := float64(m.Delivered.Impressions)
	ratio := func(billed, expected float64) float64 {
		if n == 0 || billed <= 0 || expected <= 0 {
			return 1
		}
		of := min(mostRatio, max(1/float64(mostRatio), billed/expected))
		return math.Pow(of, n/(n+ratioPrior))
	}
	m.billed = ratios{
		shown: ratio(m.Delivered.Value, expected.Value), spend: ratio(float64(m.Delivered.Spend), expected.Spend),
		err: math.Sqrt(n) / (n + ratioPrior),
	}
}
