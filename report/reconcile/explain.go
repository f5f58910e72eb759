package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// explain finds the reasons of every difference.
func (b *books) explain(ctx context.Context) error {
	keys := slices.SortedFunc(maps.Keys(b.groups), func(x, y key) int {
		return cmp.Or(cmp.Compare(x.campaign, y.campaign), cmp.Compare(x.lineItem, y.lineItem), cmp.Compare(x.day, y.day))
	})
	keys = slices.DeleteFunc(keys, func(k key) bool { return !b.compared(k.day) })
	rest := make(map[key]tally) // not yet explained; only what is above the tolerance
	for _, k := range keys {
		g := b.groups[k]
		if abs(g.booked) > most || abs(g.corrected.sum().amount) > most {
			return fmt.Errorf("cannot compare: on %s, campaign %d, line item %d the ledger has more than %v", k.day.Date(), k.campaign, k.lineItem, most)
		}
		d := b.above(g)
		b.result.Difference += d.amount
		if b.level == PerBid {
			if b.Tolerance == 0 || abs(d.amount) > b.Tolerance {
				b.explainBids(k, g)
			}
		} else if abs(d.amount) > b.Tolerance {
			rest[k] = d
		}
	}
	moves := b.moves
	if b.level == PerBid {
		moves = b.newMoves()
	} else if len(rest) > 0 {
		if err := b.explainSums(ctx, keys, rest); err != nil {
			return err
		}
	}
	for m, t := range moves {
		b.listMove(m, t)
	}
	b.result.finish()
	return nil
}

// evidence is money whose day can be told in several ways: of bids that left
// on the day first, and whose notices came on the day last.
type evidence struct {
	first, last event.Period
	left        tally
}

// explainSums finds the reasons of a report per line item or campaign: each
// difference is explained by what the ledger knows that could be it, and what
// is left is unnotified or unbilled.
func (b *books) explainSums(ctx context.Context, keys []key, rest map[key]tally) error {
	later, expired, err := b.readEvidence(ctx)
	if err != nil {
		return err
	}
	why := make(map[key]*reasonSums, len(rest))
	for _, k := range keys {
		left := rest[k]
		if left.amount == 0 {
			continue
		}
		g, w := b.groups[k], new(reasonSums)
		why[k] = w
		take := func(r Reason, t tally) {
			if b.counted {
				t.impressions = within(t.impressions, left.impressions)
				left.impressions -= t.impressions
			}
			left.amount -= t.amount
			w.add(r, t)
		}
		if abs(left.amount) <= roundingOf(g.lines, b.decimals) {
			take(Rounding, tally{amount: left.amount})
		}
		// A correction of before may have been too much: the notice came after
		// all, or the exchange changed its report.
		for _, r := range []Reason{Rounding, Unnotified, Disputed, Expired, Unpriced, Unbilled} {
			c := g.corrected[r]
			if left.amount == 0 || c.amount == 0 || (left.amount < 0) == (c.amount < 0) {
				continue
			}
			back := c.part(within(-left.amount, c.amount)).opposite()
			if b.counted {
				back.impressions = -c.impressions // as many as there are too many
			}
			take(r, back)
		}
		if left.amount > 0 {
			take(Disputed, tally{amount: min(left.amount, max(0, g.disputed-g.corrected[Disputed].amount))})
			for i := range expired[k.with(0)] {
				if e := &expired[k.with(0)][i]; e.first <= k.day && k.day <= e.last {
					t := e.left.part(min(left.amount, e.left.amount))
					e.left = e.left.minus(t)
					take(Expired, t)
				}
			}
		} else {
			take(Unpriced, tally{amount: -min(-left.amount, max(0, g.unpriced+g.corrected[Unpriced].amount))})
		}
		rest[k] = left
	}
	b.moveDays(keys, rest, later)
	for _, k := range keys {
		if why[k] == nil {
			continue
		}
		g, left := b.groups[k], rest[k]
		switch {
		case abs(left.amount) <= roundingOf(g.lines, b.decimals):
			why[k].add(Rounding, tally{amount: left.amount})
		case left.amount > 0:
			why[k].add(Unnotified, tally{left.amount, max(0, left.impressions)})
		default:
			why[k].add(Unbilled, tally{left.amount, min(0, left.impressions)})
		}
		b.list(k, g, why[k])
	}
	return nil
}

// moveDays explains what is left by bookings that the exchange may have on an
// earlier day, at most since the bid left.
func (b *books) moveDays(keys []key, rest map[key]tally, later map[key][]evidence) {
	take := func(k key, e *evidence, day event.Period, n money.Nanos) {
		t := e.left.part(n)
		e.left = e.left.minus(t)
		m := move{k.campaign, k.lineItem, e.last, day}
		b.moves[m] = b.moves[m].plus(t)
		for _, side := range []struct {
			day event.Period
			tally
		}{{day, t.opposite()}, {e.last, t}} {
			if k := k.with(side.day); b.compared(side.day) {
				if !b.counted {
					side.impressions = 0
				}
				rest[k] = rest[k].plus(side.tally)
			}
		}
	}
	for _, k := range keys {
		for i := range later[k.with(0)] {
			e := &later[k.with(0)][i]
			if rest[k].amount <= 0 || k.day < e.first || k.day >= e.last {
				continue
			}
			n := min(rest[k].amount, e.left.amount)
			if b.compared(e.last) {
				n = min(n, max(0, -rest[k.with(e.last)].amount))
			}
			take(k, e, k.day, n)
		}
	}
	for _, k := range keys {
		for i := range later[k.with(0)] {
			e := &later[k.with(0)][i]
			if rest[k].amount >= 0 || k.day != e.last {
				continue
			}
			for day := add(e.last, -1); day >= e.first; day = add(day, -1) {
				if b.compared(day) {
					continue // its report says otherwise
				}
				take(k, e, day, min(-rest[k].amount, e.left.amount))
				break
			}
		}
	}
}

// readEvidence returns, per account, what was booked on a later day than its
// bids left, and what expired; without what earlier reconciliations used of it.
func (b *books) readEvidence(ctx context.Context) (later, expired map[key][]evidence, err error) {
	type stretch struct {
		key
		first, last event.Period
	}
	sums := make(map[stretch]tally)
	each := func(bid ledger.BilledBid) {
		a := b.fold(bid.Account)
		s := stretch{key{0, a.Campaign, a.LineItem}, periodOf(bid.IssuedAt.In(b.Zone)), periodOf(bid.OccurredAt.In(b.Zone))}
		sums[s] = sums[s].plus(tally{bid.Amount, bid.Impressions})
	}
	collect := func() map[key][]evidence {
		all := make(map[key][]evidence)
		for s, t := range sums {
			all[s.key] = append(all[s.key], evidence{s.first, s.last, t})
		}
		for _, list := range all {
			slices.SortFunc(list, func(x, y evidence) int { return cmp.Or(cmp.Compare(x.last, y.last), cmp.Compare(x.first, y.first)) })
		}
		clear(sums)
		return all
	}
	id, currency := b.exchange.ID, b.Currency
	for day := b.first; day <= add(b.final, tokenDays); day = add(day, 1) {
		if err := b.Ledger.EachBilledLater(ctx, id, currency, start(day, b.Zone), start(add(day, 1), b.Zone), each); err != nil {
			return nil, nil, err
		}
	}
	later = collect()
	for m, t := range b.moved {
		use(later[key{0, m.campaign, m.lineItem}], t.amount, func(e *evidence) bool { return e.last == m.from && e.first <= m.to })
	}
	if err := b.Ledger.EachExpired(ctx, id, currency, start(b.first, b.Zone), start(add(b.final, 1), b.Zone), each); err != nil {
		return nil, nil, err
	}
	expired = collect()
	for k, g := range b.groups {
		use(expired[k.with(0)], g.corrected[Expired].amount, func(e *evidence) bool { return e.first <= k.day && k.day <= e.last })
	}
	return later, expired, nil
}

// use takes amount from the evidence that fits.
func use(all []evidence, amount money.Nanos, fits func(*evidence) bool) {
	for i := range all {
		if e := &all[i]; fits(e) {
			t := e.left.part(max(0, min(amount, e.left.amount)))
			e.left = e.left.minus(t)
			amount -= t.amount
		}
	}
}

func (k key) with(day event.Period) key { k.day = day; return k }
