package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// paid is what an exchange billed in the advertiser's currency.
type paid struct {
	currency string      // the advertiser's
	media    money.Nanos // of the bill's amount
	disputed money.Nanos // of what the notice said beyond the bid
	table    uint32      // of exchange rates, that converted them; 0: both currencies are one
	unrated  bool        // that table is not there: media is what the bid held
}

// setPaid converts what bookings were billed, by the rates that their bids were
// made by: the same on every machine, whenever the bill comes. Amounts are
// rounded up, as the bidder rounded what it held, so a bill up to the bid never
// costs more than that.
func setPaid(ctx context.Context, tx *sql.Tx, bills []booking) error {
	var tables []uint32
	var ids []event.AdvertiserID
	for i := range bills {
		b := &bills[i]
		b.paid = paid{currency: b.Currency, media: b.amount, disputed: b.bill.disputed}
		if b.RateID != 0 {
			tables, ids = addNew(tables, b.RateID), addNew(ids, b.Advertiser)
		}
	}
	if len(tables) == 0 {
		return nil
	}
	rates, err := store.RateTablesOf(ctx, tx, tables)
	if err != nil {
		return err
	}
	currencies, err := store.CurrenciesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	for i := range bills {
		if b := &bills[i]; b.RateID != 0 {
			b.convert(rates, currencies[b.Advertiser])
		}
	}
	return nil
}

func (b *booking) convert(rates campaign.RateTables, currency string) {
	b.table = b.RateID
	if currency != "" {
		b.currency = currency
	}
	x, ok := rates.By(b.RateID, b.Currency, currency)
	media, err := x.Up(b.amount)
	if !ok || err != nil {
		// The bid held this much for the dearest bill there can be.
		b.media, b.paid.disputed, b.unrated = max(0, b.CostHeld), 0, true
		return
	}
	b.media = media
	if b.paid.disputed, err = x.Up(b.bill.disputed); err != nil {
		b.paid.disputed = maxDisputed
	}
}

// addNew appends what is not in a short list yet.
func addNew[T comparable](list []T, v T) []T {
	for _, x := range list {
		if x == v {
			return list
		}
	}
	return append(list, v)
}

// setCorrected fills in what corrections are in the advertiser's currency. What
// an exchange's report adds or takes away is no bid's, so it is converted by the
// rates that were in effect on its day, however old. What is added is rounded
// up, what comes back down.
func setCorrected(ctx context.Context, tx *sql.Tx, entries []entry) error {
	var ids []event.AdvertiserID
	seen := make(map[event.AdvertiserID]bool)
	for i := range entries {
		if id := entries[i].Advertiser; !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	currencies, err := store.CurrenciesOf(ctx, tx, ids)
	if err != nil {
		return err
	}
	var last time.Time
	for i := range entries {
		e := &entries[i]
		e.media, e.currency, e.table = e.Amount, e.Currency, 0
		if e.Kind == Reconciled && currencies[e.Advertiser] != "" {
			e.currency = currencies[e.Advertiser]
		}
		if e.currency != e.Currency && e.at().After(last) {
			last = e.at()
		}
	}
	if last.IsZero() {
		return nil
	}
	rates, err := store.RateTablesAt(ctx, tx, last)
	if err != nil {
		return err
	}
	for i := range entries {
		if e := &entries[i]; e.currency != e.Currency {
			if err := e.convert(rates); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *entry) convert(rates campaign.RateTables) (err error) {
	x, ok := rates.At(e.Currency, e.currency, e.at(), 0)
	if !ok {
		return fmt.Errorf("correction %q: no exchange rate from %s to %s was in effect on %s", e.Reference, e.Currency, e.currency, e.Day.Date())
	}
	e.table = x.Table
	if e.Amount >= 0 {
		e.media, err = x.Up(e.Amount)
		return err
	}
	e.media, err = x.Down(-e.Amount)
	e.media = -e.media
	return err
}
