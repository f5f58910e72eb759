package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Funding is what backs all campaigns of an advertiser together.
type Funding struct {
	Kind       campaign.FundingKind `json:"kind" enum:"prepaid,credit" doc:"prepaid: it spends what it paid in. credit: a credit line beyond that."`
	CreditLine money.Nanos          `json:"credit_line,omitzero" format:"decimal" doc:"How far spending may exceed what was paid in. Of credit alone." example:"10000"`
}

func (f Funding) campaign() campaign.Funding {
	return campaign.Funding{Kind: f.Kind, CreditLine: f.CreditLine}
}

func fundingOf(f campaign.Funding) Funding { return Funding{Kind: f.Kind, CreditLine: f.CreditLine} }

// Balance is how the funding of an advertiser stands.
type Balance struct {
	AdvertiserID event.AdvertiserID   `json:"advertiser_id" doc:"Whose it is." example:"1"`
	Currency     string               `json:"currency" doc:"ISO 4217 code of every amount." example:"EUR"`
	Kind         campaign.FundingKind `json:"kind" enum:"prepaid,credit" doc:"What backs the spending."`
	CreditLine   money.Nanos          `json:"credit_line" format:"decimal" doc:"How far spending may exceed what was paid in." example:"0"`
	Paid         money.Nanos          `json:"paid" format:"decimal" doc:"Paid in, refunds deducted." example:"500"`
	Booked       money.Nanos          `json:"booked" format:"decimal" doc:"What the advertiser pays for what was billed since it is funded, fees and corrections included." example:"101.25"`
	Outstanding  money.Nanos          `json:"outstanding" format:"decimal" doc:"Granted to bidders and neither booked nor returned: bids under way and unspent slices." example:"12.5"`
	Available    money.Nanos          `json:"available" format:"decimal" doc:"What bidders may still be granted: credit line and what was paid in, less booked and outstanding. Below 0 if more was billed, or the credit line was cut." example:"386.25"`
	Overrun      money.Nanos          `json:"overrun" format:"decimal" doc:"Of booked: late bills that nothing was left for when they came." example:"0"`
	LateRisk     money.Nanos          `json:"late_risk" format:"decimal" doc:"At most so much may still arrive late, beyond what is outstanding and available." example:"0.25"`
}

// PaymentSpec is what a caller states about money that an advertiser paid in
// or gets back.
type PaymentSpec struct {
	Kind      string      `json:"kind,omitempty" enum:"deposit,refund" doc:"deposit, if not given; or refund: of what was paid in and is neither booked nor outstanding."`
	Amount    money.Nanos `json:"amount" format:"decimal" doc:"Above 0, in the advertiser's currency." example:"500"`
	Reason    string      `json:"reason" minLength:"1" maxLength:"100" doc:"Why, in at most 100 bytes." example:"top-up of December"`
	Reference string      `json:"reference" minLength:"1" maxLength:"200" doc:"Number of the transfer, or what else it is booked from, in at most 200 bytes. It is the key by which a payment is booked once per advertiser: sent again it books nothing." example:"TR-2026-1204-17"`
}

// Payment is an entry of the ledger. None is ever edited.
type Payment struct {
	ID           int64              `json:"id" doc:"Grows with every payment." example:"1"`
	AdvertiserID event.AdvertiserID `json:"advertiser_id" doc:"Whose money it is." example:"1"`
	PaymentSpec
	Kind     string    `json:"kind" enum:"deposit,refund" doc:"Which way the money went."`
	Currency string    `json:"currency" doc:"ISO 4217 code of the amount." example:"EUR"`
	By       string    `json:"by" doc:"Name of the API key that booked it." example:"accounting"`
	BookedAt time.Time `json:"booked_at" doc:"When, on the market clock."`
}

// PaymentResult says what became of a payment that was sent.
type PaymentResult struct {
	Payment
	Booked bool `json:"booked" doc:"False if it was booked before: then nothing changed."`
}
