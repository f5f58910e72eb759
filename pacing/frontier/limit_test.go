package frontier

import (
	"slices"
	"testing"

	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
)

// What would raise spending by a twentieth is a limit, what would by a
// hundredth is none.
func TestLimitsAreWhatHelps(t *testing.T) {
	log, of := made(3, 20_000, 2)
	m := marketOf(t, landscape.SecondPrice, log, of)
	helpful, useless := 0, 0
	for most := 2e5; most < 1e9; most *= 1.3 {
		terms := testTerms()
		terms.MaxBid = money.FromFloat(most)
		more := terms
		more.MaxBid *= 4
		c := m.Curve(terms)
		gain := m.Day(more, 1).Spend / c.Most().Spend
		told := slices.ContainsFunc(c.Limits(2*c.Most().Spend), func(l Limit) bool { return l.Code == LimitMaxBid })
		switch {
		case gain > 1.05 && gain < 1.45:
			if helpful++; !told {
				t.Errorf("a fourfold maximum bid spends %.3f times as much, and is not told", gain)
			}
		case gain < 1.01:
			if useless++; told {
				t.Errorf("a fourfold maximum bid spends %.3f times as much, and is told", gain)
			}
		}
	}
	if helpful == 0 || useless == 0 {
		t.Errorf("%d bids were to be told, %d not", helpful, useless)
	}
}
