package catalog

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Given a catalog that bids, when a part of it changes, then the work is done in
// small portions with a rest after each, and in every rest requests find all as
// it was, and no lock taken.
func TestAChangeIsBuiltInPortionsAndBidsGoOn(t *testing.T) {
	const n, changed = 4096, 700
	c := newCatalog(t, 0)
	all := realistic(rand.New(rand.NewPCG(1, n)), n)
	took := 0
	c.rests.stint = 0
	c.rests.rest = func(time.Duration) { took++ }
	if apply(t, c, all); took < 2*n {
		t.Fatalf("%d portions of a load", took)
	}

	before := c.Load()
	q := realQuery(rand.New(rand.NewPCG(2, 2)))
	offered := walkAll(t, before, &q)
	took = 0
	c.rests.rest = func(time.Duration) {
		took++
		if c.Load() != before {
			return // it is done, and the rest is resumed
		}
		if !before.creatives.mu.TryLock() {
			t.Fatal("a click would wait")
		}
		before.creatives.mu.Unlock()
		if took%100 == 0 && !slices.Equal(walkAll(t, before, &q), offered) {
			t.Fatal("a bid meets something else")
		}
	}
	ch := campaign.Changes{LineItems: slices.Clone(all.LineItems[:changed])}
	for i := range ch.LineItems {
		ch.LineItems[i].MaxBidCPM += 1000
	}
	if err := c.Apply(ch); err != nil {
		t.Fatal(err)
	}
	// Each is entered and compiled, and all are gone through for each of six
	// dimensions at least.
	if least := 2*changed + 6*n/portion; took < least {
		t.Errorf("%d portions, want %d", took, least)
	}
	if c.Load() == before || c.Load().base == before.base {
		t.Error("it was not folded")
	}
}

// Given a catalog that takes a change over, when it is closed in a rest, while
// the change is entered or built, then that was the last rest, nothing of the
// change is bid from, and no other follows.
func TestCloseEndsAChangeAtItsNextRest(t *testing.T) {
	all := realistic(rand.New(rand.NewPCG(1, 1)), 512)
	entered := len(all.LineItems) + len(all.Creatives)
	for _, last := range []int{entered / 2, entered + 100} {
		c := newCatalog(t, 0)
		apply(t, c, all)
		before := c.Load()
		took := 0
		c.rests.stint = 0
		c.rests.rest = func(time.Duration) {
			if took++; took == last {
				c.Close()
			}
		}
		changed := campaign.Changes{LineItems: slices.Clone(all.LineItems), Creatives: all.Creatives}
		for i := range changed.LineItems {
			changed.LineItems[i].MaxBidCPM += 1000
		}
		r, err := NewRefresher(RefresherConfig{Catalog: c, Source: &script{answer: func(int) (campaign.Changes, error) { return changed, nil }}})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := r.Refresh(t.Context()); !errors.Is(err, ErrClosed) || r.Errors() != 0 {
				t.Errorf("%v, and %d errors were counted", err, r.Errors())
			}
		}
		if took != last || c.Load() != before {
			t.Errorf("%d rests, want %d; a new snapshot: %v", took, last, c.Load() != before)
		}
	}
}

// Nobody bids while a catalog is loaded, and then nobody waits for it.
func TestALoadDoesNotRestAndWhatFollowsDoes(t *testing.T) {
	c := newCatalog(t, 0)
	if c.rests.rest != nil {
		t.Error("it rests while it is empty")
	}
	all, _ := one()
	apply(t, c, all)
	if c.rests.rest == nil {
		t.Error("it does not rest while it bids")
	}
}

func TestARestIsAMultipleOfTheWorkAndBounded(t *testing.T) {
	var got []time.Duration
	r := rests{stint: time.Hour, rest: func(d time.Duration) { got = append(got, d) }, begun: time.Now()}
	if r.take(); len(got) != 0 {
		t.Fatal("it rests before its stint is over")
	}
	r.begun = time.Now().Add(-2 * time.Hour)
	if r.take(); len(got) != 1 || got[0] != restFor*longestStint {
		t.Fatalf("it rests for %v", got)
	}
	if r.take(); len(got) != 1 {
		t.Error("it rests twice")
	}
	r.had, r.begun = mostRest, r.begun.Add(-2*time.Hour)
	if r.take(); len(got) != 2 || got[1] != 0 {
		t.Errorf("where it has rested enough it rests for %v", got[1:])
	}
}

func TestOrderedIsSorted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5*sortAtOnce).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		items := make([]*LineItem, n)
		for i, id := range rng.Perm(n) {
			items[i] = &LineItem{ID: event.LineItemID(id + 1), Bound: float64(rng.IntN(50))} // many ties
		}
		want := slices.SortedFunc(slices.Values(items), before)
		if got := ordered(items, new(rests)); !slices.Equal(got, want) {
			t.Fatalf("%d line items are not in order", n)
		}
	})
}

// TestAnyHistoryEqualsALoad: however a catalog came to be what it is, its line
// items, their order and what the index says of them are those of one that was
// loaded as it is now.
func TestAnyHistoryEqualsALoad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		c := newCatalog(t, rapid.IntRange(1, 200).Draw(t, "maxDelta"))
		for step := range rapid.IntRange(1, 6).Draw(t, "steps") {
			most := 12
			if step == 0 || rapid.IntRange(0, 3).Draw(t, "in bulk") == 0 {
				most = 120
			}
			ch := changes(t, w, most)
			w.put(ch)
			for part := range slices.Chunk(ch.LineItems, 7) { // as a store tells of them, but in a worse order
				c.Take(&campaign.Changes{LineItems: part})
			}
			ch.LineItems = nil
			apply(t, c, ch)
		}
		fresh := newCatalog(t, 0)
		apply(t, fresh, w.all())
		for range 10 {
			q := query(t)
			if want, got := walkAll(t, fresh.Load(), &q), walkAll(t, c.Load(), &q); !slices.Equal(want, got) {
				t.Fatalf("loaded: %v, by its history: %v", want, got)
			}
		}
		ids := func(s *Snapshot) (all []event.LineItemID) {
			items := slices.Collect(s.LineItems())
			slices.SortFunc(items, before)
			for _, li := range items {
				all = append(all, li.ID)
			}
			return all
		}
		if want, got := ids(fresh.Load()), ids(c.Load()); !slices.Equal(want, got) {
			t.Fatalf("loaded: %v, by its history: %v", want, got)
		}
		if base := c.Load().base; base != nil && !slices.IsSortedFunc(base.items, before) {
			t.Fatal("the base is not in order")
		}
	})
}

// all is the world as one change.
func (w *world) all() (ch campaign.Changes) {
	for _, d := range w.advertisers {
		ch.Advertisers = append(ch.Advertisers, d)
	}
	for _, d := range w.campaigns {
		ch.Campaigns = append(ch.Campaigns, d)
	}
	for _, d := range w.lineItems {
		ch.LineItems = append(ch.LineItems, d)
	}
	for _, d := range w.creatives {
		ch.Creatives = append(ch.Creatives, d)
	}
	return ch
}
