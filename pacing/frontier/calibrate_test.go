package frontier

import (
	"math"
	"testing"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// Given a line item of whose wins only seven in ten are shown, and those for
// nine tenths of what was expected, when its frontier is computed, then a day as
// it bids now is what was billed, and the budget that was spent buys that; of
// few bills little is believed, and none where multipliers are not known.
func TestTheCurveIsCalibratedToWhatWasBilled(t *testing.T) {
	const multiplier = 0.1
	log, of := made(5, 20_000, 3)
	prices := model(t, landscape.SecondPrice, log, of)
	market := func(known float32, every int) (*Market, float64) {
		in := meet(landscape.SecondPrice, log, of, testWorth)
		wins := 0
		for _, a := range log {
			if a.value*multiplier <= a.price {
				continue
			}
			if wins++; wins%10 < 7 && wins%every == 0 {
				in.Billed(money.FromFloat(.9*a.price), a.value, a.at)
			}
		}
		rec, _ := in.Record(midnight, prices)
		for i := range rec.Samples {
			rec.Samples[i].Multiplier = known
		}
		rec.Terms, rec.Multiplier = testTerms(), multiplier
		m := NewMarket([]Record{rec}, midnight)
		if m == nil {
			t.Fatal("no market")
		}
		return m, m.perDay(midnight)
	}
	m, day := market(multiplier, 1)
	f := Of(m, Question{Budget: float64(m.Delivered.Spend) * day, Now: midnight})
	for what, off := range map[string]float64{
		"spend of now": f.Now.Spend / (float64(m.Delivered.Spend) * day), "value of now": f.Now.Value / (m.Delivered.Value * day),
		"value of W": f.W.Value / (m.Delivered.Value * day), "billed, of the optimum": f.Got,
	} {
		if math.Abs(off-1) > .02 {
			t.Errorf("%s is %.3f times what was billed", what, off)
		}
	}
	plain, _ := market(0, 1)
	if plain.billed != (ratios{1, 1, 0}) || plain.Day(plain.Terms, multiplier).Value < 1.3*f.Now.Value {
		t.Errorf("%+v where multipliers are not known: %+v", plain.billed, plain.Day(plain.Terms, multiplier))
	}
	if m.billed.err <= 0 || f.Error < m.billed.err {
		t.Errorf("the error of W is %.4f, that of calibration alone %.4f", f.Error, m.billed.err)
	}
	few, _ := market(multiplier, 500)
	if n := few.Delivered.Impressions; n == 0 || n > 30 || few.billed.shown < .2 || few.billed.err < .05 {
		t.Errorf("%d bills: %+v", n, few.billed)
	}
}

// Of n impressions that were billed for half of what was expected, the curve
// believes a power n / (n + 30) of it.
func TestFewBillsAreBelievedLittle(t *testing.T) {
	log, of := made(5, 5000, 2)
	m := marketOf(t, landscape.SecondPrice, log, of)
	m.billed = ratios{1, 1, 0}
	var expected Point
	for i := range m.lots {
		m.lots[i].Multiplier = .1
		expected.add(m.expect(&m.lots[i], m.Terms, float64(m.lots[i].Multiplier)), m.lots[i].weight)
	}
	billed := func(n int64, value float64) float64 {
		m.billed = ratios{1, 1, 0}
		m.Delivered.Impressions, m.Delivered.Value, m.Delivered.Spend = n, value, 0
		m.calibrate()
		return m.billed.shown
	}
	for n, want := range map[int64]float64{0: 1, 10: math.Pow(.5, .25), 30: math.Sqrt(.5), 270: math.Pow(.5, .9), 1e9: .5} {
		if got := billed(n, expected.Value/2); math.Abs(got-want) > .001 {
			t.Errorf("%d impressions billed for half: %.4f, want %.4f", n, got, want)
		}
	}
}
