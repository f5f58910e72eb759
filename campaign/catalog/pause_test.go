package catalog

import (
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// TestPausesPropagate pauses and resumes at every level, by status and by
// switch, and wants the line item gone and back, and nothing built.
func TestPausesPropagate(t *testing.T) {
	status := func(change func(*campaign.Changes, campaign.Status)) func(*Catalog, bool) {
		return func(c *Catalog, paused bool) {
			s := campaign.Active
			if paused {
				s = campaign.Paused
			}
			var ch campaign.Changes
			change(&ch, s)
			apply(t, c, ch)
		}
	}
	all, q := one()
	for name, pause := range map[string]func(*Catalog, bool){
		"advertiser status": status(func(ch *campaign.Changes, s campaign.Status) {
			ch.Advertisers = slices.Clone(all.Advertisers)
			ch.Advertisers[0].Status = s
		}),
		"campaign status": status(func(ch *campaign.Changes, s campaign.Status) {
			ch.Campaigns = slices.Clone(all.Campaigns)
			ch.Campaigns[0].Status = s
		}),
		"line item status": status(func(ch *campaign.Changes, s campaign.Status) {
			ch.LineItems = slices.Clone(all.LineItems)
			ch.LineItems[0].Status = s
		}),
		"creative status": status(func(ch *campaign.Changes, s campaign.Status) {
			ch.Creatives = slices.Clone(all.Creatives)
			ch.Creatives[0].Status = s
		}),
	} {
		t.Run(name, func(t *testing.T) {
			// given a line item that bids
			c := newCatalog(t, 0)
			apply(t, c, all)
			before := c.Load()
			if len(walkAll(t, before, &q)) != 1 {
				t.Fatal("the line item does not bid to begin with")
			}
			for _, paused := range []bool{true, false, true, true, false} {
				// when it is paused or resumed
				pause(c, paused)
				// then it is out or in, and the snapshot is the same
				if got := len(walkAll(t, c.Load(), &q)); (got == 0) != paused {
					t.Fatalf("paused %v: %d line items bid", paused, got)
				}
				if c.Load() != before {
					t.Fatal("a pause built a snapshot")
				}
			}
		})
	}
}

// TestAReplacedVersionStaysPaused: paused because of what was wrong with it,
// changed, resumed. A request that still holds the old snapshot must not bid
// the old way, whether the resumption comes with the change or later.
func TestAReplacedVersionStaysPaused(t *testing.T) {
	for _, together := range []bool{true, false} {
		all, q := one()
		c := newCatalog(t, 0)
		apply(t, c, all)
		old := c.Load()
		var w Walk
		old.Walk(&q, &w)

		d, cr := all.LineItems[0], all.Creatives[0]
		d.Status, cr.Status = campaign.Paused, campaign.Paused
		apply(t, c, campaign.Changes{LineItems: []campaign.LineItem{d}, Creatives: []campaign.Creative{cr}})
		d.MaxBidCPM, cr.LandingURL = money.Unit, "https://right.example.com/"
		if !together {
			apply(t, c, campaign.Changes{LineItems: []campaign.LineItem{d}, Creatives: []campaign.Creative{cr}})
		}
		d.Status, cr.Status = campaign.Active, campaign.Active
		apply(t, c, campaign.Changes{LineItems: []campaign.LineItem{d}, Creatives: []campaign.Creative{cr}})

		if li, ok := w.Next(); ok {
			t.Errorf("together %v: the walk yields the old version, max bid %v", together, li.MaxBid)
		}
		if li, _ := old.LineItem(1); !li.Paused() || !li.Creatives[0].Paused() {
			t.Errorf("together %v: the old version is resumed", together)
		}
		if got := walkAll(t, c.Load(), &q); len(got) != 1 {
			t.Errorf("together %v: the new version does not bid", together)
		}
	}
}

// TestAVersionThatIsPausedAsItChangesIsOut: the change pauses, so what it was
// before must not bid either.
func TestAVersionThatIsPausedAsItChangesIsOut(t *testing.T) {
	all, _ := one()
	c := newCatalog(t, 0)
	apply(t, c, all)
	old, _ := c.Load().LineItem(1)
	all.LineItems[0].Status, all.LineItems[0].MaxBidCPM = campaign.Paused, money.Unit
	all.Creatives[0].Status, all.Creatives[0].LandingURL = campaign.Paused, "https://right.example.com/"
	for _, s := range []campaign.Status{campaign.Paused, campaign.Active} {
		all.LineItems[0].Status, all.Creatives[0].Status = s, s
		apply(t, c, campaign.Changes{LineItems: all.LineItems, Creatives: all.Creatives})
		if !old.Paused() || !old.Creatives[0].Paused() {
			t.Fatalf("the old version bids when the new one is %s", s)
		}
	}
}

func TestAnUnfitVersionTakesTheOldOneOut(t *testing.T) {
	all, q := one()
	c := newCatalog(t, 0)
	apply(t, c, all)
	var w Walk
	c.Load().Walk(&q, &w)
	all.LineItems[0].MaxBidCPM = 0
	if err := c.Apply(all); err == nil {
		t.Fatal("no error")
	}
	if _, ok := w.Next(); ok {
		t.Fatal("a walk that was under way yields the old version")
	}
}

func TestArchivedLeave(t *testing.T) {
	archive := map[string]func(*campaign.Changes){
		"line item":  func(ch *campaign.Changes) { ch.LineItems[0].Status = campaign.Archived },
		"campaign":   func(ch *campaign.Changes) { ch.Campaigns[0].Status = campaign.Archived },
		"advertiser": func(ch *campaign.Changes) { ch.Advertisers[0].Status = campaign.Archived },
	}
	for name, do := range archive {
		t.Run(name, func(t *testing.T) {
			all, q := one()
			c := newCatalog(t, 0)
			apply(t, c, all)
			var w Walk
			c.Load().Walk(&q, &w)
			do(&all)
			apply(t, c, all)
			if _, ok := c.Load().LineItem(1); ok || c.Load().Len() != 0 {
				t.Fatal("it is still there")
			}
			if _, ok := w.Next(); ok {
				t.Fatal("a walk that was under way yields it")
			}
			if url, ok := c.Load().LandingURL(1); !ok || url != "https://shop.example.com/" {
				t.Fatal("late clicks on it lead nowhere")
			}
			if made := c.book.lineItems[1].made; len(made.Creatives) > 0 {
				t.Fatal("its creatives are kept")
			}
		})
	}
}

// TestVersionsStayAsTheyAre: walks that are under way see the old one, and most
// of what a line item says itself is in the next as it was.
func TestVersionsStayAsTheyAre(t *testing.T) {
	all, _ := one()
	c := newCatalog(t, 0)
	apply(t, c, all)
	old, _ := c.Load().LineItem(1)
	was := *old
	all.Campaigns[0].Budget.Lifetime++
	all.Creatives = append(all.Creatives, aCreative(2, 1))
	apply(t, c, all)
	next, _ := c.Load().LineItem(1)
	if !reflect.DeepEqual(*old, was) {
		t.Fatalf("the old version changed: %+v was %+v", *old, was)
	}
	if next == old || len(next.Creatives) != 2 || next.Budgets[0].Amount != old.Budgets[0].Amount+1 || next.MaxBid != old.MaxBid {
		t.Fatalf("the next version is %+v after %+v", *next, was)
	}
}

// TestPausesHoldDuringWalksAndSwaps walks while line items are changed,
// folded and paused. What was paused before Next was called and stays so
// must not come out, from whichever snapshot.
func TestPausesHoldDuringWalksAndSwaps(t *testing.T) {
	const lineItems, rounds = 300, 60
	all, q := one()
	all.LineItems, all.Creatives = nil, nil
	for id := range lineItems {
		all.LineItems = append(all.LineItems, aLineItem(event.LineItemID(id+1), 1))
		all.Creatives = append(all.Creatives, aCreative(event.CreativeID(id+1), event.LineItemID(id+1)))
	}
	c := newCatalog(t, 20)
	apply(t, c, all)

	var mu sync.Mutex // of all
	change := func(i int, do func(*campaign.LineItem)) {
		mu.Lock()
		defer mu.Unlock()
		do(&all.LineItems[i])
		if err := c.Apply(campaign.Changes{LineItems: []campaign.LineItem{all.LineItems[i]}}); err != nil {
			t.Error(err)
		}
	}
	status := func(i int, s campaign.Status) { change(i, func(li *campaign.LineItem) { li.Status = s }) }

	var off [lineItems + 1]atomic.Bool // paused for good, set after that was applied
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			var w Walk
			q := q // whoever walks has a query of his own
			for !stop.Load() {
				s := c.Load()
				for s.Walk(&q, &w); ; {
					var was [lineItems + 1]bool
					for id := range was {
						was[id] = off[id].Load()
					}
					li, ok := w.Next()
					if !ok {
						break
					}
					if was[li.ID] {
						t.Errorf("line item %d came out paused", li.ID)
						return
					}
					li.Check(&q)
				}
			}
		})
	}
	wg.Go(func() { // changes and folds
		for i := range rounds * 4 {
			change(i*7%lineItems, func(li *campaign.LineItem) { li.MaxBidCPM = money.Nanos(i+1) * money.Unit })
		}
	})
	wg.Go(func() {
		for i := range rounds {
			at := i * 5 % lineItems
			status(at, campaign.Paused)
			off[at+1].Store(true)
		}
	})
	wg.Go(func() { // and others on and off
		for i := range rounds {
			status(i*5%lineItems+1, [...]campaign.Status{campaign.Paused, campaign.Active}[i%2])
		}
		stop.Store(true)
	})
	wg.Wait()
	for _, id := range walkAll(t, c.Load(), &q) {
		if off[id].Load() {
			t.Errorf("line item %d is back", id)
		}
	}
	if c.Load().Len() != lineItems {
		t.Errorf("%d line items are left of %d", c.Load().Len(), lineItems)
	}
}

func TestAPausedCreativeLeavesTheOthers(t *testing.T) {
	all, q := one()
	second := aCreative(2, 1)
	all.Creatives = append(all.Creatives, second)
	c := newCatalog(t, 0)
	apply(t, c, all)
	pause := func(i int) {
		all.Creatives[i].Status = campaign.Paused
		apply(t, c, campaign.Changes{Creatives: all.Creatives[i : i+1]})
	}
	pause(0)
	li, _ := c.Load().LineItem(1)
	if got := li.Check(&q); got != openrtb.None {
		t.Fatalf("refused for %v", got)
	}
	pause(1)
	if got := li.Check(&q); got != openrtb.WrongSize {
		t.Fatalf("with no creative left: %v", got)
	}
}
