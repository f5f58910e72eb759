package load

import (
	"path/filepath"
	"testing"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
)

func TestPopulate(t *testing.T) {
	st, err := store.Open(t.Context(), store.Config{DSN: "file:" + filepath.Join(t.TempDir(), "x.db"), Clock: clock.Real()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	done := 0
	p := Population{LineItems: 230, Seed: 1, Exchanges: []string{"alpha", "beta"}, Progress: func(n int) { done = n }}
	for range 2 { // what there is stays, and what is named is found
		if err := Populate(t.Context(), st, p); err != nil {
			t.Fatal(err)
		}
	}
	c, err := st.Changes(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if done != 230 || len(c.LineItems) != 460 || len(c.Exchanges) != 2 || len(c.Campaigns) < 10 || len(c.Creatives) < 460 {
		t.Errorf("%d told; %d line items, %d exchanges, %d campaigns, %d creatives", done, len(c.LineItems), len(c.Exchanges), len(c.Campaigns), len(c.Creatives))
	}
	before := len(c.Campaigns)
	p.PerCampaign = 3
	if err := Populate(t.Context(), st, p); err != nil {
		t.Fatal(err)
	}
	if c, err = st.Changes(t.Context(), 0); err != nil || len(c.Campaigns)-before != 77 {
		t.Errorf("%d more campaigns of 3 line items each, want 77: %v", len(c.Campaigns)-before, err)
	}
	kinds := map[string]bool{}
	for _, x := range c.Creatives {
		kinds[string(x.Kind())] = true
	}
	if len(kinds) != 4 {
		t.Errorf("formats are %v", kinds)
	}
	for _, n := range []int{0, maxLineItems + 1} {
		if Populate(t.Context(), st, Population{LineItems: n, Exchanges: p.Exchanges}) == nil {
			t.Errorf("%d line items were made", n)
		}
	}
}
