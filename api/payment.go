package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// PaymentsInput is a page of an advertiser's payments. It is exported for the
// same reason as Paging.
type PaymentsInput struct {
	ID int64 `path:"id" minimum:"1" doc:"The id that the server assigned."`
	Paging
}

// registerPayments adds what advertisers pay in, and how their balances stand.
func (s *server) registerPayments(l Ledger, d Delivery) {
	const one = "/v1/advertisers/{id}"
	register(s, s.operation(http.MethodGet, one+"/balance", "get", "advertiser balance", "Read how its funding stands: what was paid in, spent, and is left", nil),
		func(ctx context.Context, in *idInput) (*output[v1.Balance], error) {
			balance, err := d.AdvertiserBalance(ctx, event.AdvertiserID(in.ID))
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &output[v1.Balance]{balance}, nil
		})

	spec := shapeOf[v1.PaymentSpec](s.registry)
	op := s.operation(http.MethodPost, one+"/payments", "create", "payment", "Book what was paid in, or refunded, by an entry of its own", spec.schema)
	register(s, op, func(ctx context.Context, in *patchInput) (*output[v1.PaymentResult], error) {
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		var payment v1.PaymentSpec
		if err := spec.decode(document, &payment); err != nil {
			return nil, err
		}
		out, err := s.pay(ctx, l, event.AdvertiserID(in.ID), payment)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return &output[v1.PaymentResult]{out}, nil
	})

	op = s.operation(http.MethodGet, one+"/payments", "list", "payments", "List what was paid in and refunded, in the order in which it was booked", nil)
	register(s, op, func(ctx context.Context, in *PaymentsInput) (*output[v1.Page[v1.Payment]], error) {
		if _, err := s.store.GetAdvertiser(ctx, event.AdvertiserID(in.ID)); err != nil {
			return nil, s.problem(ctx, err)
		}
		all, err := l.Payments(ctx, event.AdvertiserID(in.ID), in.After, in.Limit+1)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		var page v1.Page[v1.Payment]
		if len(all) > in.Limit {
			all = all[:in.Limit]
			page.NextAfter = all[in.Limit-1].ID
		}
		page.Items = slices.Grow([]v1.Payment{}, len(all))
		for i := range all {
			page.Items = append(page.Items, paymentOf(&all[i]))
		}
		return &output[v1.Page[v1.Payment]]{page}, nil
	})
}

func (s *server) pay(ctx context.Context, l Ledger, id event.AdvertiserID, spec v1.PaymentSpec) (out v1.PaymentResult, err error) {
	owner, err := s.store.GetAdvertiser(ctx, id)
	if err != nil {
		return out, err
	}
	wrong := entryTexts(spec.Reason, spec.Reference)
	if spec.Amount <= 0 {
		wrong = append(wrong, fault("body.amount", "must be above 0"))
	}
	if wrong != nil {
		return out, invalid(wrong)
	}
	p := ledger.Payment{
		Advertiser: id, Amount: spec.Amount, Currency: owner.Currency,
		Reference: spec.Reference, Reason: spec.Reason, By: caller(ctx, maxCorrectionCaller),
	}
	if spec.Kind == "refund" {
		p.Amount = -p.Amount
	}
	b, booked, err := l.Pay(ctx, p)
	switch refund, tooMuch := errors.AsType[*ledger.RefundError](err); {
	case tooMuch:
		return out, huma.NewError(http.StatusConflict, "refused: "+refund.Error()+" to this advertiser: the rest is spent, or with bidders, or was never paid in")
	case errors.Is(err, ledger.ErrReference):
		return out, huma.NewError(http.StatusConflict, "refused: this reference is booked already for this advertiser, with another amount")
	case errors.Is(err, ledger.ErrTooMuch):
		return out, invalid([]*huma.ErrorDetail{fault("body.amount", "must not make what is left to spend more than "+money.Cap.String())})
	case errors.Is(err, ledger.ErrPaidUp):
		return out, huma.NewError(http.StatusConflict, "refused: "+ledger.ErrPaidUp.Error())
	case err != nil:
		return out, err
	}
	return v1.PaymentResult{Payment: paymentOf(&b), Booked: booked}, nil
}

func paymentOf(b *ledger.BookedPayment) v1.Payment {
	p := v1.Payment{
		ID: b.ID, AdvertiserID: b.Advertiser, Kind: "deposit", Currency: b.Currency, By: b.By, BookedAt: b.BookedAt,
		PaymentSpec: v1.PaymentSpec{Amount: b.Amount, Reason: b.Reason, Reference: b.Reference},
	}
	if b.Amount < 0 {
		p.Kind, p.Amount = "refund", -b.Amount
	}
	return p
}

// entryTexts says what is wrong with the texts of an entry of the ledger: the
// schema counts characters, the ledger bytes.
func entryTexts(reason, reference string) (wrong []*huma.ErrorDetail) {
	if len(reason) > 100 {
		wrong = append(wrong, fault("body.reason", "must be at most 100 bytes in UTF-8"))
	}
	if len(reference) > 200 {
		wrong = append(wrong, fault("body.reference", "must be at most 200 bytes in UTF-8"))
	}
	return wrong
}
