package replay

import (
	"context"
	"testing"
)

// A cell of 100,000 auctions today and as many yesterday, by the controller of
// production, behind its guard.
func BenchmarkCell(b *testing.B) {
	for _, n := range []int{1, 16} {
		b.Run(map[int]string{1: "bidders=1", 16: "bidders=16"}[n], func(b *testing.B) {
			c := Config{
				Logs: []Pair{Synthetics[0].Logs(100_000, 1)}, Mechanisms: []Mechanism{Second}, Policies: []Policy{Tangent}, Fractions: []float64{.125},
				Delays: []int{1000}, Bidders: []int{n}, Stresses: Stresses[:1], Seeds: []uint64{1},
			}
			if err := c.setDefaults(); err != nil {
				b.Fatal(err)
			}
			w := newWorld(&c, c.Logs[0], c.Stresses[0])
			for b.Loop() {
				if _, err := w.jobs()[0].play(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
