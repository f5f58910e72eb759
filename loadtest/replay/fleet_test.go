//go:build !race

package replay

import (
	"context"
	"fmt"
	"testing"
)

// Sixteen bidders that share a budget come near to what one of them alone
// would make of it, with a controller for all and, from half-time on, without.
func TestManyBiddersSpendABudgetAsOneWould(t *testing.T) {
	play := func(t *testing.T, bidders, delay int, stress string) *Result {
		s, err := ParseStress(stress)
		if err != nil {
			t.Fatal(err)
		}
		logs, err := ParseSynthetic("steady")
		if err != nil {
			t.Fatal(err)
		}
		c := Config{
			Logs: []Pair{logs.Logs(10_000, 1)}, Mechanisms: []Mechanism{Second}, Policies: []Policy{Tangent}, Fractions: []float64{.25},
			Delays: []int{delay}, Bidders: []int{bidders}, Stresses: []Stress{s}, Seeds: []uint64{1}, Tick: 100, Workers: 1,
		}
		r, err := Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		return &r.Results[len(r.Results)-1]
	}
	for _, delay := range []int{0, 1000} {
		one := play(t, 1, delay, "none")
		for _, stress := range []string{"none", "controller-lost"} {
			t.Run(fmt.Sprint(stress, " ", delay), func(t *testing.T) {
				many := play(t, 16, delay, stress)
				if many.Ratio < one.Ratio-.04 || many.Overspend > 0 {
					t.Errorf("16 bidders came to %.4f of the optimum, one to %.4f; overspend %g", many.Ratio, one.Ratio, many.Overspend)
				}
			})
		}
	}
}
