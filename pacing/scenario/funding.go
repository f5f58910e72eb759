package scenario

import (
	"context"
	"errors"
	"fmt"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// SetAdvertiser makes an advertiser of the name, or gives the one that is there
// another funding.
func (w *World) SetAdvertiser(ctx context.Context, name, zone string, f campaign.Funding) error {
	a, ok := w.advertisers[name]
	err := w.Check(ctx) // what is out by now may exceed a new credit line
	if err != nil {
		return err
	}
	if a.Funding, a.Name, a.Currency = f, "Example "+name, currency; ok {
		a, err = w.store.UpdateAdvertiser(ctx, a.ID, store.To(a))
	} else {
		a.TimeZone = zone
		a, err = w.store.CreateAdvertiser(ctx, a)
	}
	if err != nil {
		return err
	}
	w.advertisers[name] = a
	w.publish()
	return nil
}

// Pay books what an advertiser pays in, or gets back if it is below zero, and
// sends it again, as a network does. It returns false if it is refused.
func (w *World) Pay(ctx context.Context, name string, amount money.Nanos) (bool, error) {
	a, ok := w.advertisers[name]
	if !ok {
		return false, fmt.Errorf("there is no advertiser %s", name)
	}
	p := ledger.Payment{
		Advertiser: a.ID, Amount: amount, Currency: a.Currency,
		Reference: fmt.Sprint("transfer ", len(w.books.payments)), Reason: "script", By: "accountant",
	}
	for i := range 2 {
		_, fresh, err := w.Ledger.Pay(ctx, p)
		if _, refused := errors.AsType[*ledger.RefundError](err); refused && i == 0 {
			return false, nil
		}
		if err != nil || fresh != (i == 0) {
			return false, errors.Join(err, fmt.Errorf("law: delivery %d of a payment was new: %t", i+1, fresh))
		}
	}
	w.books.payments = append(w.books.payments, payment{event.NodePeriod{Node: a.Funding.Node}, amount})
	return true, nil
}

// funding returns what backs a campaign's advertiser.
func (w *World) funding(id event.AdvertiserID) campaign.Funding {
	for _, a := range w.advertisers {
		if a.ID == id {
			return a.Funding
		}
	}
	return campaign.Funding{}
}

// payment is what an advertiser knows to have paid.
type payment struct {
	root   event.NodePeriod
	amount money.Nanos
}

// checkPayments compares balances with what advertisers paid.
func (k *books) checkPayments(reports map[event.NodePeriod]ledger.NodeReport) error {
	paid := make(map[event.NodePeriod]money.Nanos)
	for _, p := range k.payments {
		paid[p.root] += p.amount
	}
	for np, r := range reports {
		if r.Paid != paid[np] {
			return fmt.Errorf("law: %v were paid into balance %v, the ledger has %v", paid[np], np, r.Paid)
		}
	}
	return nil
}

func (p *player) advertiser(ctx context.Context, s *statement) error {
	name, err := s.next("the name")
	if err != nil {
		return err
	}
	var f campaign.Funding
	var paid money.Nanos
	zone := "UTC"
	for len(s.rest) > 0 && err == nil {
		word, _ := s.next("")
		switch word {
		case "prepaid":
			f.Kind = campaign.Prepaid
			paid, err = s.amount()
		case "credit":
			f.Kind = campaign.Credit
			f.CreditLine, err = s.amount()
		case "in":
			zone, err = s.next("the time zone")
		default:
			err = fmt.Errorf("%q was not expected here", word)
		}
	}
	if err == nil {
		err = p.SetAdvertiser(ctx, name, zone, f)
	}
	if err == nil && paid != 0 {
		_, err = p.Pay(ctx, name, paid)
	}
	return err
}

// pay is the verb of money that comes in, with sign 1, or goes back.
func pay(sign money.Nanos) verb {
	return func(p *player, ctx context.Context, s *statement) error {
		name, err := s.next("the advertiser")
		if err != nil {
			return err
		}
		amount, err := s.amount()
		if err != nil {
			return err
		}
		if err := s.end(); err != nil {
			return err
		}
		ok, err := p.Pay(ctx, name, sign*amount)
		p.single, p.taken, p.refused = false, 0, !ok
		return err
	}
}
