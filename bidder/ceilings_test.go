package bidder

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// Whatever changed since ceilings were made, a request finds the winner that a
// look at everything finds: nobody is passed over by another's ceiling, be it
// of an older catalog, at an older place of its multiplier, or of the request
// that was served before.
func TestNobodyIsPassedOverByAnothersCeiling(t *testing.T) {
	const many, few = 4 * fullyScored, 10
	r := rand.New(rand.NewPCG(1, 2))
	w := newWorld(t)
	// Prices give the order of a walk, multipliers who wins: mostly one of those
	// that may be passed over. All bounds are above the best bid, none ends the walk.
	price := func() money.Nanos { return 20*money.Unit - money.Nanos(r.Int64N(int64(money.Unit/100))) }
	for range many {
		w.item(price().String(), nil)
	}
	for range few { // of another size, and all worth less than who wins the first
		w.item("2", func(_ *campaign.LineItem, c *campaign.Creative) { c.Size = campaign.Size{W: 728, H: 90} })
	}
	all := w.changes.LineItems
	winner := func(of []campaign.LineItem) (best campaign.LineItem) {
		for _, li := range of {
			if float64(li.Goal.Amount)*w.byItem[li.ID] > float64(best.Goal.Amount)*w.byItem[best.ID] {
				best = li
			}
		}
		return best
	}
	var m *pacing.Multipliers
	w.bidder.Multipliers = func() *pacing.Multipliers { return m }
	paces := func() { // a new plan: others at other places
		for _, li := range all {
			w.byItem[li.ID] = 0.2 + 0.5*r.Float64()
		}
		m = pacing.NewMultipliers(0, w.byItem)
	}
	change := func() { // who wins and some others, in a delta until there are many
		var ch campaign.Changes
		for _, i := range append(r.Perm(many)[:7], int(winner(all).ID)-1) {
			li := &all[i]
			li.Goal.Amount = price()
			ch.LineItems = append(ch.LineItems, *li)
		}
		if err := w.catalog.Apply(ch); err != nil {
			t.Fatal(err)
		}
	}
	first := strings.Replace(plain, `"at":1}`, `"at":1,"tmax":60000}`, 1) // however busy the machine
	second := strings.Replace(first, `"w":300,"h":250`, `"w":728,"h":90`, 1)
	asks := func(when string) {
		t.Helper()
		for body, of := range map[string][]campaign.LineItem{first: all[:many], second: all[many:]} {
			bids, want := w.bids(w.post(body)), winner(of).ID
			if len(bids) != 1 {
				t.Errorf("%s: %d bids, want one of creative %d", when, len(bids), want)
			} else if bids[0].CrID != fmt.Sprint(want) {
				t.Errorf("%s: creative %s bids, want %d", when, bids[0].CrID, want)
			}
		}
	}

	paces()
	w.open(money.Cap)
	for range 30 {
		for _, happens := range []func(){change, paces} {
			happens()
			asks("by what was before")
			for w.bidder.ceilings.of(w.catalog.Load(), m) == nil { // the requests had them made
				time.Sleep(time.Millisecond)
			}
			asks("by new ones")
		}
	}
}
