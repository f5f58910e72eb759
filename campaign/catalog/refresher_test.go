package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// script is a source that answers what it is told.
type script struct {
	asked  []campaign.Revision
	answer func(poll int) (campaign.Changes, error)
}

func (s *script) EachChange(_ context.Context, after campaign.Revision, take func(*campaign.Changes)) (campaign.Revision, error) {
	s.asked = append(s.asked, after)
	c, err := s.answer(len(s.asked))
	take(&c)
	return c.Revision, err
}

func TestRefresherKeepsTheLastGoodSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// given a source that works, fails twice, and works again
		all, _ := one()
		all.Revision = 5
		away := errors.New("the store is away")
		source := &script{answer: func(poll int) (campaign.Changes, error) {
			switch poll {
			case 1:
				return all, nil
			case 2, 3:
				return campaign.Changes{}, away
			}
			d := all.LineItems[0]
			d.MaxBidCPM++
			return campaign.Changes{Revision: 6, LineItems: []campaign.LineItem{d}}, nil
		}}
		var told []error
		c := newCatalog(t, 0)
		r, err := NewRefresher(RefresherConfig{Catalog: c, Source: source, Interval: time.Second,
			OnError: func(err error) { told = append(told, err) }})
		if err != nil {
			t.Fatal(err)
		}
		if _, known := r.Age(); r.Ready() || known {
			t.Fatal("ready before the first poll")
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()

		// when it has run for two and a half intervals
		time.Sleep(2500 * time.Millisecond) // of the bubble's time
		synctest.Wait()
		good := c.Load()
		// then the first answer is still there, and the failures are counted
		if !r.Ready() || good.Version() != 5 || good.Len() != 1 || r.Errors() != 2 || len(told) != 2 || !errors.Is(told[0], away) {
			t.Fatalf("ready %v, version %d, errors %d, told %v", r.Ready(), good.Version(), r.Errors(), told)
		}
		if age, _ := r.Age(); age != 2500*time.Millisecond {
			t.Errorf("age %v", age)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if c.Load().Version() != 6 || source.asked[3] != 5 {
			t.Errorf("version %d after %v", c.Load().Version(), source.asked)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// scores answers what it holds, or its error.
type scores struct {
	all map[event.CreativeID]campaign.Performance
	err error
}

func (s *scores) Performance(context.Context) (map[event.CreativeID]campaign.Performance, error) {
	return maps.Clone(s.all), s.err
}

func TestRefresherTellsOfPerformance(t *testing.T) {
	// given a line item that rotates by click rate
	all, _ := one()
	all.Revision = 1
	all.LineItems[0].Rotation = campaign.RotateOptimised
	source := &script{answer: func(int) (campaign.Changes, error) { return all, nil }}
	known := &scores{}
	c := newCatalog(t, 0)
	r, err := NewRefresher(RefresherConfig{Catalog: c, Source: source, Scores: known})
	if err != nil {
		t.Fatal(err)
	}
	refresh := func() (before, after *Snapshot, err error) {
		all.LineItems, all.Creatives, all.Exchanges = nil, nil, nil
		before = c.Load()
		err = r.Refresh(t.Context())
		return before, c.Load(), err
	}
	if err := r.Refresh(t.Context()); err != nil || len(c.Load().posteriors) != 0 {
		t.Fatalf("%v, %v", err, c.Load().posteriors)
	}
	// when something is known, the catalog is told, once
	known.all = map[event.CreativeID]campaign.Performance{1: {Impressions: 1000, Clicks: 30}}
	if _, after, err := refresh(); err != nil || after.posteriors[1].clicks != 31 {
		t.Fatalf("%v, %v", err, after.posteriors)
	}
	if before, after, err := refresh(); err != nil || before != after {
		t.Errorf("a new snapshot where nothing is new, or %v", err)
	}
	// and when that cannot be read, the changes are applied, and what was known stays
	known.err = errors.New("the store is away")
	all.Revision = 2
	if _, after, err := refresh(); !errors.Is(err, known.err) || c.Revision() != 2 || after.posteriors[1].clicks != 31 || r.Errors() != 1 {
		t.Errorf("%v, revision %d, %v", err, c.Revision(), after.posteriors)
	}
}

func TestRefresherCountsWhatDoesNotCompile(t *testing.T) {
	all, _ := one()
	all.Revision = 9
	all.LineItems = append(all.LineItems, aLineItem(2, 77))
	source := &script{answer: func(int) (campaign.Changes, error) { return all, nil }}
	c := newCatalog(t, 0)
	r, err := NewRefresher(RefresherConfig{Catalog: c, Source: source})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Refresh(t.Context()); err == nil || r.Errors() != 1 || !r.Ready() {
		t.Fatalf("err %v, errors %d, ready %v", err, r.Errors(), r.Ready())
	}
	if c.Revision() != 9 || c.Load().Len() != 1 {
		t.Fatal("the rest was not applied")
	}
}

// patient is a source that takes all the time of a poll, as the first of a
// large catalog may, and scores that see whether there is some left for them.
type patient struct{ changes campaign.Changes }

func (p patient) EachChange(ctx context.Context, _ campaign.Revision, take func(*campaign.Changes)) (campaign.Revision, error) {
	<-ctx.Done()
	take(&p.changes)
	return p.changes.Revision, nil
}

func (patient) Performance(ctx context.Context) (map[event.CreativeID]campaign.Performance, error) {
	return nil, ctx.Err()
}

func TestASlowFirstPollLeavesTimeForScores(t *testing.T) {
	p := patient{campaign.Changes{Revision: 1}}
	r, err := NewRefresher(RefresherConfig{Catalog: newCatalog(t, 0), Source: p, Scores: p, LoadTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Refresh(t.Context()); err != nil {
		t.Error(err)
	}
}

// slow is a source whose parts come one every nine seconds, and one that
// never does.
type slow struct {
	changes campaign.Changes
	parts   int
	stuck   bool
}

func (s *slow) EachChange(ctx context.Context, _ campaign.Revision, take func(*campaign.Changes)) (campaign.Revision, error) {
	for range s.parts {
		select {
		case <-time.After(9 * time.Second):
			take(&s.changes)
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if s.stuck {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	return s.changes.Revision, nil
}

func TestALargeChangeHasItsTimeAndAStuckSourceHasNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all, _ := one()
		all.Revision = 1
		source := &slow{changes: all}
		c := newCatalog(t, 0)
		r, err := NewRefresher(RefresherConfig{Catalog: c, Source: source, LoadTimeout: 10 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the first poll, and a later one
			source.changes.Revision++
			source.parts, source.stuck = 5, false
			if err := r.Refresh(t.Context()); err != nil || c.Revision() != source.changes.Revision {
				t.Fatalf("%v at revision %d", err, c.Revision())
			}
		}
		source.changes.Revision++
		source.stuck = true
		begun := time.Now()
		err = r.Refresh(t.Context())
		if took := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || took.Round(time.Second) != (5*9+10)*time.Second || c.Revision() == source.changes.Revision {
			t.Errorf("%v after %v at revision %d", err, took, c.Revision())
		}
	})
}

// Given a source that fails when half of everything was read, when it is asked
// again, then what came twice bids as if it had come once; until then all bids
// as before.
func TestASourceFailsHalfway(t *testing.T) {
	all, q := one()
	all.Revision = 5
	changed := all
	changed.Revision = 6
	changed.LineItems = slices.Clone(all.LineItems)
	changed.LineItems[0].MaxBidCPM *= 2
	away := errors.New("the store is away")
	source := &script{answer: func(poll int) (campaign.Changes, error) {
		switch poll {
		case 1:
			return campaign.Changes{Advertisers: all.Advertisers, LineItems: all.LineItems}, away
		case 2:
			return all, nil
		case 3:
			return changed, away
		}
		return changed, nil
	}}
	c := newCatalog(t, 0)
	r, err := NewRefresher(RefresherConfig{Catalog: c, Source: source})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Refresh(t.Context()); !errors.Is(err, away) || c.Load().Len() != 0 || c.Revision() != 0 {
		t.Fatalf("%v, and %d line items", err, c.Load().Len())
	}
	if err := r.Refresh(t.Context()); err != nil || len(walkAll(t, c.Load(), &q)) != 1 {
		t.Fatalf("%v, and %d line items bid", err, len(walkAll(t, c.Load(), &q)))
	}
	if err := r.Refresh(t.Context()); !errors.Is(err, away) || c.Revision() != 5 {
		t.Fatalf("%v at revision %d", err, c.Revision())
	}
	if li, _ := c.Load().LineItem(1); len(walkAll(t, c.Load(), &q)) != 1 || li.MaxBid != all.LineItems[0].MaxBidCPM/1000 {
		t.Errorf("after half of the change: %+v", li)
	}
	if err := r.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	li, _ := c.Load().LineItem(1)
	if len(walkAll(t, c.Load(), &q)) != 1 || li.MaxBid != changed.LineItems[0].MaxBidCPM/1000 {
		t.Errorf("after the change: %+v", li)
	}
}
