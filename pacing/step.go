package pacing

import (
	"context"
	"errors"
	"time"
)

// Step is one tick of Run. Simulations that drive the clock themselves call
// it instead of Run. On an error of the ledger the controller still steps;
// the lease is not renewed, so spending stops when it ends.
func (p *Pacer) Step(ctx context.Context) error {
	begin := time.Now()
	now := p.cfg.Clock.Now()
	if back := p.last.Sub(now); back > p.cfg.Lease {
		// Flights, periods and leases mean nothing until time is again where
		// it has been: no spend.
		p.holds.Extend(time.Time{})
		return errors.New("market clock went back beyond the lease")
	}
	p.refresh()
	booked := p.booked(ctx, now) // before the bookings are read, so that they are all there
	err := p.settle(ctx)
	if err == nil || p.cfg.Booked == nil {
		p.aged = booked
	}
	p.holds.Tick(p.aged)

	p.accounts = p.holds.Accounts(p.accounts[:0])
	passed := now.Sub(p.last)
	if passed > 0 {
		// Two ticks in a row, and a bid between them, are no rate.
		passed = max(passed, p.cfg.Lead/3)
	}
	p.budgets.observe(p.accounts, passed)
	if e := p.sync(ctx, now); err == nil {
		err = e
	}

	p.sums = p.collector.Take(p.sums[:0])
	m := p.cfg.Controller.Step(now, Sums{LineItems: p.sums, Nodes: p.budgets.sums(), Observed: p.cfg.Observed()})
	p.multipliers.Store(m)
	if p.cfg.Registerer != nil {
		p.metrics.standings.take(p.cfg.Controller)
	}
	p.keep(ctx, now)
	p.last = now
	p.turn++
	p.metrics.tick(time.Since(begin), err)
	return err
}

// refresh takes over the line items when they changed.
func (p *Pacer) refresh() {
	version, items := p.cfg.LineItems()
	if p.started && version == p.version {
		return
	}
	p.items, p.version, p.started = items, version, true
	p.budgets.set(items)
	p.collector.Keep(idsOf(items))
	p.cfg.Controller.Plan(items)
}

// wokeTicks is after how many intervals without a tick a process was not
// running: stopped, starved, or its machine was.
const wokeTicks = 5

// wake notes whether this process just woke, in real time. Then notices wait
// unread in its sockets, which are in no watermark: nothing ages before the
// next tick.
func (p *Pacer) wake(real time.Time) {
	p.woke = !p.woke && !p.ticked.IsZero() && real.Sub(p.ticked) > wokeTicks*p.cfg.Interval
	p.ticked = real
}

// booked returns the time that holds may age to. It never goes back: what was
// let go is gone.
func (p *Pacer) booked(ctx context.Context, now time.Time) time.Time {
	if p.woke && !p.aged.IsZero() {
		return p.aged
	}
	if p.cfg.Booked == nil {
		return now
	}
	if p.aged.IsZero() {
		p.aged = now // nothing is held yet
	}
	through, err := p.cfg.Booked(ctx)
	switch {
	case err != nil || through.Before(p.aged):
		return p.aged
	case through.After(now):
		return now
	}
	return through
}

// settle reads the feed of bookings to its end.
func (p *Pacer) settle(ctx context.Context) error {
	for {
		booked, err := p.cfg.Ledger.Settled(ctx, p.incarnation, p.cursor)
		if err != nil {
			return err
		}
		for _, b := range booked {
			p.holds.Settle(b)
			p.cursor = b.Cursor
		}
		if len(booked) == 0 {
			return nil
		}
	}
}

// sync asks the ledger for slices and gives back what is not needed.
func (p *Pacer) sync(ctx context.Context, now time.Time) error {
	if err := p.resync(ctx); err != nil {
		return err
	}
	planner, _ := p.cfg.Controller.(Planner)
	sharer, _ := p.cfg.Controller.(Sharer)
	wants := p.budgets.wants(now, p.cfg.Lead, p.turn, planner, sharer)
	grants, err := p.cfg.Ledger.Grant(ctx, p.incarnation, wants)
	if err != nil {
		if errors.Is(err, ErrFenced) {
			p.holds.Extend(time.Time{})
		}
		p.unsynced = true
		return err
	}
	for _, g := range grants {
		p.holds.Grant(g.NodePeriod, g.Amount) // of nothing too: bids that find no account do not count as demand
		p.budgets.granted(g)
	}
	for _, n := range p.budgets.all {
		np := n.NodePeriod(now)
		if s := p.budgets.periods[np]; s != nil {
			p.holds.SetStrict(np, n.strict(s, p.cfg.StrictImpressions))
		}
	}
	// The lease counts from before the call: the ledger's began later.
	p.holds.Extend(now.Add(p.cfg.Lease))
	return p.giveBack(ctx)
}

// resync takes the ledger's word for what was granted, where an answer was
// lost: a grant may have been made of which nobody here knows.
func (p *Pacer) resync(ctx context.Context) error {
	if !p.unsynced {
		return nil
	}
	slices, err := p.cfg.Ledger.Slices(ctx, p.incarnation, p.cursor)
	if err != nil {
		return err
	}
	p.holds.Resync(slices)
	p.unsynced = false
	p.accounts = p.holds.Accounts(p.accounts[:0])
	p.budgets.observe(p.accounts, 0)
	return nil
}

// giveBack returns slices of yesterday, of paused line items and of budgets
// that got much more than they use, and forgets those that are done.
func (p *Pacer) giveBack(ctx context.Context) error {
	var back []Want
	for _, k := range p.budgets.surplus() {
		if amount := p.holds.TakeBack(k.NodePeriod, k.Amount); amount > 0 {
			w := Want{k.NodePeriod, amount}
			back = append(back, w)
			p.budgets.gaveBack(w)
		}
	}
	for n, s := range p.budgets.periods {
		p.holds.SetOver(n, !s.running)
		if !s.running && p.holds.Forget(n) {
			delete(p.budgets.periods, n)
		}
	}
	if len(back) == 0 {
		return nil
	}
	// A bill that came late may have taken some of it in the meantime: how much
	// the ledger got is asked at the next tick.
	p.unsynced = true
	return p.cfg.Ledger.Return(ctx, p.incarnation, back)
}
