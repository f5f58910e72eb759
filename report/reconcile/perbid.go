package reconcile

import (
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// takeBid adds the line of a bid that some notice told us of.
func (b *books) takeBid(line *Line, bid ledger.BilledBid) error {
	if bid.Exchange != b.exchange.ID || bid.Currency != b.Currency {
		b.result.Unknown.add(line, "the bid was made on another exchange, or in another currency")
		return nil
	}
	g, err := b.bill(line, bid.Account)
	if err != nil {
		return err
	}
	if bid.Expired {
		expired := tally{max(0, min(line.Amount, bid.Amount)), within(line.Impressions, 1)}
		g.because.add(Expired, expired)
		b.differ(g, tally{line.Amount, line.Impressions}.minus(expired), bid)
		return nil
	}
	booked := periodOf(bid.OccurredAt.In(b.Zone))
	there, err := b.group(booked, bid.Account)
	if err != nil {
		return err
	}
	one := tally{bid.Amount, 1}
	there.listed = there.listed.plus(one)
	if booked != line.Day {
		m := move{bid.Campaign, bid.LineItem, booked, line.Day}
		b.moves[m] = b.moves[m].plus(one)
	}
	b.differ(g, tally{line.Amount, line.Impressions}.minus(one), bid)
	return nil
}

// differ explains by how much the bill of a bid differs from its booking.
func (b *books) differ(g *group, d tally, bid ledger.BilledBid) {
	switch {
	case abs(d.amount) <= roundingOf(1, b.decimals):
		g.because.add(Rounding, tally{amount: d.amount})
	case d.amount > 0:
		disputed := min(d.amount, bid.Disputed)
		g.because.add(Disputed, tally{amount: disputed})
		g.because.add(Unnotified, tally{d.amount - disputed, max(0, d.impressions)})
	case bid.Unpriced:
		g.because.add(Unpriced, tally{amount: d.amount})
	default:
		g.because.add(Unbilled, tally{d.amount, min(0, d.impressions)})
	}
}

// roundingOf returns the most that so many amounts of a report can be rounded
// by: half of their last decimal each.
func roundingOf(lines, decimals int) money.Nanos {
	half := money.Unit / 2
	for range min(decimals, 9) {
		half /= 10
	}
	return money.Nanos(lines) * half
}

// explainBids finds the reasons of a report per bid. What the bids explain is
// exact; it has only to be set against what was corrected for it before.
func (b *books) explainBids(k key, g *group) {
	why := g.because
	// Bookings that the report has nowhere, but for what another report has on
	// another day: that was moved away.
	why.add(Unbilled, g.listed.plus(b.elsewhere[k]).minus(tally{g.booked, g.bookings}))
	for r := range why {
		why[r] = why[r].minus(g.corrected[r])
	}
	b.list(k, g, &why)
}

// newMoves returns what the bids moved between days and was not yet booked as
// moved.
func (b *books) newMoves() map[move]tally {
	for m, t := range b.moved {
		if b.compared(m.to) {
			b.moves[m] = b.moves[m].minus(t)
		}
	}
	return b.moves
}
