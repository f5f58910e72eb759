package replay

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is a case that plays in milliseconds.
func small(t *testing.T, campaign string, p Policy, change func(*Config)) *job {
	t.Helper()
	s, err := ParseSynthetic(campaign)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{
		Logs: []Pair{s.Logs(4000, 1)}, Mechanisms: []Mechanism{Second}, Policies: []Policy{p}, Fractions: []float64{.25},
		Delays: []int{50}, Bidders: []int{1}, Stresses: Stresses[:1], Seeds: []uint64{1}, Tick: 20,
	}
	if change != nil {
		change(&c)
	}
	if err := c.setDefaults(); err != nil {
		t.Fatal(err)
	}
	return &newWorld(&c, c.Logs[0], c.Stresses[0]).jobs()[0]
}
