package catalog

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// ErrStale says that changes are older than what the catalog has. Nothing of
// them was applied.
var ErrStale = errors.New("older than the catalog")

// ErrClosed says that the catalog takes no changes any more.
var ErrClosed = errors.New("the catalog is closed")

// maxShown is how many of the things that did not compile an error names.
const maxShown = 10

// Take enters a part of changes that are too many to hold at once. Bids are
// as before until Apply, which may have the last part; but what is paused is so
// at once.
func (c *Catalog) Take(part *campaign.Changes) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error // Apply has it, too
	defer c.recoverClosed(&err)
	c.enter(part)
}

// Close ends a change that is being taken over, which may take half a minute, at
// once, and takes no more: for the end of the process. Bids are as before it.
func (c *Catalog) Close() { c.rests.closed.Store(true) }

func (c *Catalog) recoverClosed(err *error) {
	switch r := recover(); r {
	case nil:
	case ErrClosed:
		*err = ErrClosed
	default:
		panic(r)
	}
}

func (c *Catalog) enter(ch *campaign.Changes) {
	c.book.enter(ch, c.taken)
	c.share(ch)
}

// Apply takes changes over, with what was taken before, and swaps a new
// snapshot in. Where only pauses changed, nothing is built and the snapshot
// stays. A line item that cannot be compiled leaves the catalog and a creative
// leaves its line item; the error names them, and all the rest is applied.
func (c *Catalog) Apply(ch campaign.Changes) (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.recoverClosed(&err)
	if c.rests.closed.Load() {
		return ErrClosed
	}
	if ch.Revision != 0 {
		if ch.Revision < c.revision {
			return fmt.Errorf("cannot apply changes up to revision %d after %d: %w", ch.Revision, c.revision, ErrStale)
		}
		c.revision = ch.Revision
	}
	c.enter(&ch)
	t := c.taken
	c.taken = newTouched(c.rests)
	c.addRates(t.rateTables)
	if len(t.compile) > 0 || len(t.exchanges) > 0 || len(t.rateTables) > 0 {
		err = c.rebuild(t)
	}
	c.flip(t)
	c.sweep(c.current.Load())
	if c.current.Load().Places() > 0 { // bids are made from it: nobody shall feel what follows
		c.rests.rest = sleep
	}
	c.rests.had = 0
	return err
}

// rebuild compiles what changed and swaps in a snapshot that has it.
func (c *Catalog) rebuild(t *touched) error {
	old := c.current.Load()
	next := &Snapshot{
		version: max(old.version+1, uint64(c.revision)),
		base:    old.base, delta: old.delta, gone: old.gone, creatives: old.creatives, advertisers: old.advertisers,
		rates: c.rates, currencies: old.currencies, posteriors: old.posteriors,
	}
	next.setExchanges(old, t.exchanges)
	var err error
	if len(t.compile) > 0 {
		err = c.compile(t)
		if c.mustFold(old.base) {
			c.fold(next)
		} else {
			c.patch(next)
		}
		next.setCurrencies()
		c.sweep(next)
	}
	c.current.Store(next)
	return err
}

// compile makes new versions of the line items that changed and notes them in
// the delta, nil for one that left.
func (c *Catalog) compile(t *touched) error {
	var errs []error
	failed := 0
	for e := range t.compile {
		c.rests.take()
		was, live := e.compiled, e.live
		// Older versions that are paused stay so for ever, for walks that
		// still see them: the new version gets a liveness of its own.
		if e.live.bits.Load() != 0 {
			fresh := new(liveness)
			fresh.bits.Store(e.live.bits.Load())
			e.live = fresh
		}
		var li *LineItem
		if e.status != noState && !e.archived() {
			var err error
			if li, err = c.book.compile(e); err != nil {
				if failed++; failed <= maxShown {
					errs = append(errs, fmt.Errorf("cannot compile line item %d: %w", e.id, err))
				}
			}
		}
		if e.compiled = li != nil; was && !e.compiled {
			live.bits.Or(left)
			e.live = new(liveness)
			e.live.bits.Store(e.pauses())
			if e.made != nil {
				e.made = &LineItem{own: e.made.own} // without its creatives, which nobody needs
			}
		}
		if was || e.compiled {
			c.delta[e.id] = li
		}
	}
	if failed > maxShown {
		errs = append(errs, fmt.Errorf("and %d more", failed-maxShown))
	}
	return errors.Join(errs...)
}

func (c *Catalog) mustFold(base *index) bool {
	return len(c.delta) > c.maxDelta || len(c.delta) > max(minDelta, base.len()/deltaShare)
}

// fold builds a base of everything, and no delta.
func (c *Catalog) fold(next *Snapshot) {
	changed := c.changed(next)
	items := changed
	if base := next.base; base.len() > 0 {
		stayed := make([]*LineItem, 0, base.len())
		for pos, li := range base.items {
			c.rests.each(pos)
			if !next.superseded(uint32(pos)) {
				stayed = append(stayed, li)
			}
		}
		items = merged(make([]*LineItem, 0, len(stayed)+len(changed)), stayed, changed, c.rests)
	}
	next.base, next.delta, next.gone = newIndex(items, c.rests), nil, nil
	c.delta = map[event.LineItemID]*LineItem{} // it may have had everything, and would keep the room
}

// patch builds a delta over the base that there is.
func (c *Catalog) patch(next *Snapshot) {
	next.delta = nil
	if items := c.changed(next); len(items) > 0 {
		next.delta = newIndex(items, c.rests)
	}
}

// changed returns what changed since the base, in the order of walks, and notes
// what of the base it supersedes.
func (c *Catalog) changed(next *Snapshot) []*LineItem {
	items := make([]*LineItem, 0, len(c.delta))
	next.gone = nil
	i := 0
	for id, li := range c.delta {
		c.rests.each(i)
		i++
		if li != nil {
			items = append(items, li)
		}
		if _, pos, ok := next.base.lookup(id); ok {
			if next.gone == nil {
				next.gone = make([]uint64, wordsFor(next.base.len()))
			}
			next.gone[pos/64] |= 1 << (pos % 64)
		}
	}
	return ordered(items, c.rests)
}

func (c *Catalog) sweep(s *Snapshot) {
	before := c.clock.Now().Add(-grace).Unix()
	for _, ix := range [...]*index{s.base, s.delta} {
		if ix != nil {
			ix.sweep(before)
		}
	}
}

// share takes over what all snapshots see in its latest state.
func (c *Catalog) share(ch *campaign.Changes) {
	s := c.current.Load()
	for _, a := range ch.Advertisers {
		s.advertisers.Store(a.ID, a)
	}
}

// setExchanges takes old's exchanges over, changed.
func (s *Snapshot) setExchanges(old *Snapshot, changed []campaign.Exchange) {
	s.byName, s.byID = old.byName, old.byID
	if len(changed) == 0 {
		return
	}
	s.byID = maps.Clone(old.byID)
	if s.byID == nil {
		s.byID = map[event.ExchangeID]*Exchange{}
	}
	for _, d := range changed {
		s.byID[d.ID] = newExchange(d)
	}
	s.byName = make(map[string]*Exchange, len(s.byID))
	for _, id := range slices.Sorted(maps.Keys(s.byID)) {
		if e := s.byID[id]; e.Status == campaign.Active {
			s.byName[e.Name] = e
		}
	}
}
