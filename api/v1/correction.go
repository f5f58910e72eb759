package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// CreditSpec is what a caller states who gives money back to a budget.
type CreditSpec struct {
	Kind      string      `json:"kind,omitempty" enum:"credit,conversion" doc:"credit, if not given; or conversion: some that were paid for turned out to be none."`
	Amount    money.Nanos `json:"amount" format:"decimal" doc:"What comes back, above 0, in the advertiser's currency. No budget gets back more than is booked on it." example:"12.5"`
	Date      string      `json:"date" format:"date" doc:"The day it is for, in the advertiser's time zone: that day's budget gets it back, and the lifetime's. Not in the future." example:"2026-12-01"`
	Reason    string      `json:"reason" minLength:"1" maxLength:"100" doc:"Why, in at most 100 bytes." example:"wrong creative shown"`
	Reference string      `json:"reference" minLength:"1" maxLength:"200" doc:"Number of the credit note, or what else it is booked from, in at most 200 bytes. Sent again with the same date and reason it books nothing." example:"CN-2026-17"`
}

// Credit says what became of one.
type Credit struct {
	CreditSpec
	Kind     string `json:"kind" enum:"credit,conversion" doc:"What kind of correction it is."`
	Currency string `json:"currency" doc:"ISO 4217 code of the amount." example:"EUR"`
	Booked   bool   `json:"booked" doc:"False if it was booked before: then nothing changed."`
}

// ReversalSpec is what a caller states who takes a correction back.
type ReversalSpec struct {
	Reason string `json:"reason" minLength:"1" maxLength:"100" doc:"Why, in at most 100 bytes." example:"mistyped amount"`
}

// Correction is an entry of the ledger that changes what was booked. None is
// ever edited.
type Correction struct {
	ID           int64              `json:"id" doc:"Grows with every entry." example:"1"`
	Kind         string             `json:"kind" enum:"credit,conversion,reconciliation" doc:"reconciliation: an exchange's billing report says otherwise than its notices."`
	AdvertiserID event.AdvertiserID `json:"advertiser_id" doc:"Whose money it is." example:"1"`
	CampaignID   event.CampaignID   `json:"campaign_id" doc:"Which campaign's." example:"1"`
	LineItemID   event.LineItemID   `json:"line_item_id,omitempty" doc:"Absent if it is for the campaign as a whole." example:"1"`
	ExchangeID   event.ExchangeID   `json:"exchange_id,omitempty" doc:"Absent if no exchange has to do with it." example:"1"`
	Date         string             `json:"date" format:"date" doc:"The day it is for." example:"2026-12-01"`
	Amount       money.Nanos        `json:"amount" format:"decimal" doc:"Added to what was booked: below 0 for what comes back." example:"-12.5"`
	Impressions  float64            `json:"impressions,omitempty" doc:"How many the amount is for, below 0 if it is: fees per impression went with them. Absent if none, or nobody knows." example:"-12"`
	Currency     string             `json:"currency" doc:"ISO 4217 code of the amounts." example:"EUR"`
	Overrun      money.Nanos        `json:"overrun" format:"decimal" doc:"What it changed of the overrun: the most of any of its budgets." example:"0"`
	Redated      bool               `json:"redated,omitempty" doc:"True if the money is booked already, on another day: no budget moved."`
	Reverses     int64              `json:"reverses,omitempty" doc:"The id of the correction that this one takes back; absent if none." example:"1"`
	Reason       string             `json:"reason" doc:"Why." example:"wrong creative shown"`
	Reference    string             `json:"reference" doc:"What it was booked from." example:"CN-2026-17"`
	By           string             `json:"by" doc:"Who decided it: the name of an API key, for those that came this way." example:"accounting"`
	BookedAt     time.Time          `json:"booked_at" doc:"When, on the market clock."`
}
