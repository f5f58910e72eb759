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
		expired := max(0, min(line.Amount, bid.Amount))
		g.because.add(Expired, expired)
		b.differ(g, line.Amount-expired, bid)
		return nil
	}
	booked := periodOf(bid.OccurredAt.In(b.Zone))
	there, err := b.group(booked, bid.Account)
	if err != nil {
		return err
	}
	there.listed += bid.Amount
	if booked != line.Day {
		b.moves[move{bid.Campaign, bid.LineItem, booked, line.Day}] += bid.Amount
	}
	b.differ(g, line.Amount-bid.Amount, bid)
	return nil
}

// differ explains by how much the bill of a bid differs from its booking.
func (b *books) differ(g *group, d money.Nanos, bid ledger.BilledBid) {
	switch {
	case abs(d) <= roundingOf(1, b.decimals):
		g.because.add(Rounding, d)
	case d > 0:
		disputed := min(d, bid.Disputed)
		g.because.add(Disputed, disputed)
		g.because.add(Unnotified, d-disputed)
	case bid.Unpriced:
		g.because.add(Unpriced, d)
	default:
		g.because.add(Unbilled, d)
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
	why.add(Unbilled, -(g.booked - g.listed - b.elsewhere[k]))
	for r := range why {
		why[r] -= g.corrected[r]
	}
	b.list(k, g, &why)
}

// newMoves returns what the bids moved between days and was not yet booked as
// moved.
func (b *books) newMoves() map[move]money.Nanos {
	for m, amount := range b.moved {
		if b.compared(m.to) {
			b.moves[m] -= amount
		}
	}
	return b.moves
}
