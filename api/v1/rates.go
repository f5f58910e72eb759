package v1

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// RateQuote is what one unit of a table's base is worth in a currency.
type RateQuote struct {
	Currency string      `json:"currency" doc:"ISO 4217 code." example:"USD"`
	Rate     money.Quote `json:"rate" format:"exchange-rate" doc:"Units of it for one unit of the base: above 0, at most 1000000, at most twelve decimals." example:"1.085"`
}

// RateTableSpec is what a source states at once about exchange rates.
type RateTableSpec struct {
	Source        string      `json:"source" doc:"Who states them." example:"Example Bank"`
	Base          string      `json:"base" doc:"ISO 4217 code of the currency that the others are quoted against." example:"EUR"`
	EffectiveFrom time.Time   `json:"effective_from" doc:"For bids from this instant on, until a newer table. Later than the last one of the same source and base." example:"2027-01-01T00:00:00Z"`
	Quotes        []RateQuote `json:"quotes" nullable:"false" doc:"Each currency once, without the base."`
}

// RateTable is a table of exchange rates. It is never changed: another one
// follows it.
type RateTable struct {
	ID uint32 `json:"id" doc:"Assigned by the server, never reused." example:"1"`
	RateTableSpec
}

// Campaign returns the specification in the terms of package campaign.
func (s RateTableSpec) Campaign() campaign.RateTable {
	t := campaign.RateTable{Source: s.Source, Base: s.Base, Start: s.EffectiveFrom}
	for _, q := range s.Quotes {
		t.Quotes = append(t.Quotes, campaign.Quote{Currency: q.Currency, Units: q.Rate})
	}
	return t
}

// RateTableOf returns the wire form of t.
func RateTableOf(t campaign.RateTable) RateTable {
	out := RateTable{ID: t.ID, RateTableSpec: RateTableSpec{Source: t.Source, Base: t.Base, EffectiveFrom: t.Start, Quotes: []RateQuote{}}}
	for _, q := range t.Quotes {
		out.Quotes = append(out.Quotes, RateQuote{q.Currency, q.Units})
	}
	return out
}
