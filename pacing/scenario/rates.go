package scenario

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// AddRate says what one unit of a currency is worth in another, from a moment
// on. Each is a source of its own, as worlds may share a database.
func (w *World) AddRate(ctx context.Context, base, quote string, units money.Quote, from time.Time) error {
	t, err := w.store.AddRateTable(ctx, campaign.RateTable{
		Source: fmt.Sprintf("script %x", rand.Uint64()), Base: base, Start: from, Quotes: []campaign.Quote{{Currency: quote, Units: units}},
	})
	if err != nil {
		return err
	}
	w.rates = w.rates.With(t)
	return nil
}

// convert sets by what rate a bid is made, or returns false if there is none
// that is young enough.
func (b *Bid) convert(rates campaign.RateTables) bool {
	x, ok := rates.At(currency, b.currency, b.issued, campaign.DefaultRateAge)
	b.table, b.back = x.Table, x.Inverse()
	return ok
}

// media returns what an amount in the currency of the bid is in the
// advertiser's.
func (b *Bid) media(n money.Nanos) money.Nanos {
	m, err := b.back.Up(n)
	if err != nil {
		return money.Cap
	}
	return m
}

// rate plays "rate EUR USD 1.0850 from 2026-12-01 13:00".
func (p *player) rate(ctx context.Context, s *statement) error {
	base, err1 := s.next("the base")
	quote, err2 := s.next("the currency")
	word, err3 := s.next("the rate")
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	units, err := money.ParseQuote(word)
	if err != nil {
		return fmt.Errorf("%q is no rate", word)
	}
	from := p.Clock.Now()
	if s.take("from") {
		at, err := s.time()
		if err != nil {
			return err
		}
		from = at.In(p.zone)
	}
	return errors.Join(s.end(), p.AddRate(ctx, base, quote, units, from))
}
