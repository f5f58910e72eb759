package reconcile

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// tokenDays is more than a notice can come after its bid and still be booked,
// in days: so far do reports of different days concern each other.
const tokenDays = 32

// readLedger adds what the ledger says of the report's days to the groups.
func (b *books) readLedger(ctx context.Context) error {
	r := &b.result
	r.From, r.To = Day(b.first), Day(b.final)
	for day := b.first; day <= b.final; day = add(day, 1) {
		if !b.compared(day) {
			continue
		}
		r.Days++
		all, err := b.Ledger.Billed(ctx, b.exchange.ID, b.Currency, start(day, b.Zone), start(add(day, 1), b.Zone))
		if err != nil {
			return err
		}
		for _, billed := range all {
			g, err := b.group(day, b.fold(billed.Account))
			if err != nil {
				return err
			}
			g.sold += billed.Impressions
			g.booked += billed.Amount
			g.disputed += billed.Disputed
			g.unpriced += billed.Unpriced
			r.Bookings += billed.Bookings
			r.Booked += billed.Amount
		}
	}
	return b.readCorrections(ctx)
}

// fold returns what an account is compared as.
func (b *books) fold(a ledger.Account) ledger.Account {
	if b.level == PerCampaign {
		a.LineItem = 0
	}
	return a
}

func (b *books) readCorrections(ctx context.Context) error {
	first, last := add(b.first, -tokenDays), add(b.final, tokenDays)
	sums, err := b.Ledger.CorrectedSums(ctx, b.exchange.ID, b.Currency, first, last)
	if err != nil {
		return err
	}
	for _, s := range sums {
		account := b.fold(s.Account)
		if s.Kind != ledger.Reconciled {
			// A credit is on another invoice: it does not explain this one.
			if b.compared(s.Day) {
				b.result.Credits += s.Amount
			}
			continue
		}
		reason, m := parseCorrection(s.Reason, account, s.Amount)
		t := tally{s.Amount, s.Impressions}
		switch {
		case reason != Late:
		case s.Day == m.to:
			b.moved[m] = b.moved[m].plus(t)
		case m.to < first || m.to > last:
			b.moved[m] = b.moved[m].minus(t)
		}
		if !b.compared(s.Day) {
			continue
		}
		g, err := b.group(s.Day, account)
		if err != nil {
			return err
		}
		g.corrected.add(reason, t)
		b.result.Corrected += s.Amount
	}
	for m, t := range b.moved {
		if !b.compared(m.to) {
			k := key{m.from, m.campaign, m.lineItem}
			b.elsewhere[k] = b.elsewhere[k].plus(t)
		}
	}
	return nil
}

// correctionReason is how a correction spells why it was booked. Of money that
// is moved between days, both days are in it: the two entries belong together.
func correctionReason(r Reason, from, to event.Period) string {
	if r != Late {
		return r.String()
	}
	return fmt.Sprintf("%s: booked on %s, billed on %s", r, from.Date(), to.Date())
}

// parseCorrection reads the text of correctionReason.
func parseCorrection(text string, a ledger.Account, amount money.Nanos) (Reason, move) {
	if r, err := ParseReason(text); err == nil {
		return r, move{}
	}
	var from, to string
	if _, err := fmt.Sscanf(strings.ReplaceAll(text, ",", " "), "late: booked on %s billed on %s", &from, &to); err == nil {
		f, err1 := time.Parse(time.DateOnly, from)
		t, err2 := time.Parse(time.DateOnly, to)
		if err1 == nil && err2 == nil {
			return Late, move{a.Campaign, a.LineItem, periodOf(f), periodOf(t)}
		}
	}
	if amount > 0 { // by somebody else's words
		return Unnotified, move{}
	}
	return Unbilled, move{}
}
