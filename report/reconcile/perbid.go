package reconcile

import (
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// bidLines is what the lines of one bid say of the day of the first of them.
type bidLines struct {
	tally
	day    event.Period
	billed bool // one of them bills: the booking is set against it
}

// takeBid adds the line of a bid that some notice told us of. Lines of a bid
// and day are one amount: a price and what came back of it. One of another day
// changes what that day is billed, by all of it.
func (b *books) takeBid(line *Line, bid ledger.BilledBid) error {
	if bid.Exchange != b.exchange.ID || bid.Currency != b.Currency {
		b.result.Unknown.add(line, "the bid was made on another exchange, or in another currency")
		return nil
	}
	if !line.counted && line.Impressions > 0 {
		b.result.Impressions += bid.Impressions - line.Impressions
		line.Impressions = bid.Impressions
	}
	g, err := b.bill(line, bid.Account)
	if err != nil {
		return err
	}
	one, all := tally{line.Amount, line.Impressions}, b.bids[line.Bid]
	switch {
	case all.day == line.Day: // explained anew, with this line
		g.because = g.because.minus(b.why(all, bid))
	case all.billed || all.day != 0 && line.Amount < 0:
		g.because = g.because.plus(b.differ(one, bid))
		return nil
	default:
		all = bidLines{day: line.Day}
	}
	all.tally = all.plus(one)
	if !all.billed && line.Amount >= 0 {
		all.billed = true
		if err := b.setAgainst(bid, line.Day); err != nil {
			return err
		}
	}
	g.because = g.because.plus(b.why(all, bid))
	b.bids[line.Bid] = all
	return nil
}

// setAgainst takes the booking of a bid for what is billed on a day.
func (b *books) setAgainst(bid ledger.BilledBid, day event.Period) error {
	if bid.Expired {
		return nil
	}
	booked := periodOf(bid.OccurredAt.In(b.Zone))
	there, err := b.group(booked, bid.Account)
	if err != nil {
		return err
	}
	one := tally{bid.Amount, bid.Impressions}
	there.listed = there.listed.plus(one)
	if booked != day {
		m := move{bid.Campaign, bid.LineItem, booked, day}
		b.moves[m] = b.moves[m].plus(one)
	}
	return nil
}

// why explains by how much the lines of a bid differ from its booking.
func (b *books) why(all bidLines, bid ledger.BilledBid) (why reasonSums) {
	switch {
	case !all.billed:
		return b.differ(all.tally, bid)
	case !bid.Expired:
		return b.differ(all.minus(tally{bid.Amount, bid.Impressions}), bid)
	}
	expired := tally{max(0, min(all.amount, bid.Amount)), within(all.impressions, bid.Impressions)}
	why = b.differ(all.minus(expired), bid)
	why.add(Expired, expired)
	return why
}

// differ explains what a bid is billed beyond its booking, or less.
func (b *books) differ(d tally, bid ledger.BilledBid) (why reasonSums) {
	switch {
	case abs(d.amount) <= roundingOf(1, b.decimals):
		why.add(Rounding, tally{amount: d.amount})
	case d.amount > 0:
		disputed := min(d.amount, bid.Disputed)
		why.add(Disputed, tally{amount: disputed})
		why.add(Unnotified, tally{d.amount - disputed, max(0, d.impressions)})
	case bid.Unpriced:
		why.add(Unpriced, tally{amount: d.amount})
	default:
		why.add(Unbilled, tally{d.amount, min(0, d.impressions)})
	}
	return why
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
	why.add(Unbilled, g.listed.plus(b.elsewhere[k]).minus(tally{g.booked, g.sold}))
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
