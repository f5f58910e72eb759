package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// There are two advertisers. One pays in the exchange's currency, ahead: what
// it paid in before does not last until its payment in the middle. The other
// pays in euros, by a credit line and a rate that changes in the middle.
const (
	euros = "EUR"
	// rate is dollars for a euro, and laterRate from half of the traffic on.
	rate      = "1.25"
	laterRate = "1.2"
	// paidAfter is the share of the traffic after which the second payment comes.
	paidAfter = .25
)

// dollars is about what an amount is in the exchange's currency, for sums that
// people read.
func dollars(n money.Nanos, currency string) money.Nanos {
	if currency == euros {
		return n * 5 / 4
	}
	return n
}

// payers are the advertisers, and the tables of rates.
type payers struct {
	api     *client.Client
	dollars event.AdvertiserID
	euros   event.AdvertiserID
	rates   map[uint32]*big.Rat // dollars for a euro
	second  money.Nanos         // the payment in the middle
}

func (w *world) addPayers(ctx context.Context, api *client.Client) (*payers, error) {
	p := &payers{api: api, rates: map[uint32]*big.Rat{}, second: 10 * traffic(&w.cfg)}
	for _, t := range []struct {
		dollars string
		from    time.Time
	}{{rate, w.origin.Add(-time.Hour)}, {laterRate, w.origin.Add(w.cfg.Duration / 2 * speed)}} {
		units, err := money.ParseQuote(t.dollars)
		if err != nil {
			return nil, err
		}
		table, err := api.AddRates(ctx, v1.RateTableSpec{Source: "Example Bank", Base: euros, EffectiveFrom: t.from,
			Quotes: []v1.RateQuote{{Currency: "USD", Rate: units}}})
		if err != nil {
			return nil, err
		}
		p.rates[table.ID], _ = new(big.Rat).SetString(t.dollars)
	}
	for _, a := range []struct {
		spec v1.AdvertiserSpec
		id   *event.AdvertiserID
	}{
		{v1.AdvertiserSpec{Name: "Example Shop", Currency: "USD", Funding: v1.Funding{Kind: campaign.Prepaid}}, &p.dollars},
		{v1.AdvertiserSpec{Name: "Example Laden", Currency: euros, Funding: v1.Funding{Kind: campaign.Credit, CreditLine: p.second}}, &p.euros},
	} {
		a.spec.TimeZone = zoneName
		made, err := api.Advertisers.Create(ctx, a.spec)
		if err != nil {
			return nil, err
		}
		*a.id = made.ID
	}
	return p, p.pay(ctx, "first", p.second/100)
}

// pay pays in, twice under one reference, until it is answered: PostgreSQL may
// be away.
func (p *payers) pay(ctx context.Context, reference string, amount money.Nanos) error {
	for answered := 0; answered < 2; {
		_, err := p.api.Pay(ctx, p.dollars, v1.PaymentSpec{Amount: amount, Reason: "top-up", Reference: reference})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			answered++
		default:
			if refused := (*client.Error)(nil); errors.As(err, &refused) && refused.Status < 500 {
				return fmt.Errorf("cannot pay in: %w", err)
			}
			pause(ctx, 50*time.Millisecond)
		}
	}
	return nil
}

// payInTheMiddle makes the second payment.
func (p *payers) payInTheMiddle(ctx context.Context, w *world, start time.Time) error {
	pause(ctx, time.Until(start.Add(time.Duration(paidAfter*float64(w.cfg.Duration)))))
	if ctx.Err() != nil {
		return nil
	}
	return p.pay(ctx, "second", p.second)
}

// converted says whether a bill was converted as its table says: up, to the
// nano, once.
func (p *payers) converted(bill, media money.Nanos, currency string, table uint32) bool {
	if currency != euros {
		return table == 0 && media == bill
	}
	dollars, ok := p.rates[table]
	if !ok {
		return false
	}
	exact := new(big.Rat).Quo(new(big.Rat).SetInt64(int64(bill)), dollars)
	up := new(big.Int).Add(exact.Num(), new(big.Int).Sub(exact.Denom(), big.NewInt(1)))
	return up.Quo(up, exact.Denom()).Cmp(big.NewInt(int64(media))) == 0
}
