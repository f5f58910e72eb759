package demo

import (
	"fmt"
	"strconv"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/money"
)

// count is an amount as the result file has it: whole nanos, in a string.
type count money.Nanos

// MarshalText writes the number of nanos.
func (c count) MarshalText() ([]byte, error) { return strconv.AppendInt(nil, int64(c), 10), nil }

// Result is both books, as the demo writes them to JSON. Amounts are whole nanos (1e-9)
// of the currency unit, as decimal strings.
type Result struct {
	Requests    int64                `json:"requests"`
	Bids        int64                `json:"bids"`
	Wins        int64                `json:"wins"`
	Impressions int64                `json:"impressions"`
	Clicks      int64                `json:"clicks"`
	NoBids      map[string]int64     `json:"no_bid_reasons"` // requests answered without a bid, by reason
	LatencyUS   loadtest.Percentiles `json:"latency_us"`     // from the intended send time

	BilledNotified   count `json:"exchange_billed_notified_nanos"`
	BilledUnnotified count `json:"exchange_billed_unnotified_nanos"`
	Booked           count `json:"booked_nanos"`
	Disputed         count `json:"disputed_nanos"`
	Overrun          count `json:"overrun_nanos"`

	Campaigns []CampaignResult `json:"campaigns"`
	Exchange  loadtest.Books   `json:"exchange"` // its books, whole
	Frontier  v1.Frontier      `json:"frontier"` // of a line item that bids for clicks
}

// CampaignResult is one campaign's money over the whole run.
type CampaignResult struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Budget count  `json:"budget_nanos"` // of the periods that were played
	Booked count  `json:"booked_nanos"`
	Plan   count  `json:"plan_nanos"` // what should have been spent by the end
	Late   count  `json:"late_nanos"` // of Booked, what the exchange told of later than promised: no budget can be held open for that
}

// campaignResult sums a campaign's periods. A campaign of the demo has one
// kind of budget.
func campaignResult(c v1.Campaign, d v1.Delivery) (r CampaignResult, disputed, overrun money.Nanos) {
	r = CampaignResult{ID: int64(c.ID), Name: c.Name}
	for _, p := range d.Periods {
		r.Budget += count(p.Budget)
		r.Booked += count(p.Booked)
		r.Plan += count(p.Plan)
		disputed += p.Disputed
		overrun += p.Overrun
	}
	return r, disputed, overrun
}

// verdict says what is wrong with the books, or nil.
func (r *Result) verdict() error {
	if r.BilledNotified != r.Booked {
		return fmt.Errorf("the books disagree: the exchange billed and notified %s, booked are %s", money.Nanos(r.BilledNotified), money.Nanos(r.Booked))
	}
	for _, c := range r.Campaigns {
		if c.Booked > c.Budget+c.Late {
			return fmt.Errorf("campaign %d is above its budget: %s of %s, and %s of that was told late",
				c.ID, money.Nanos(c.Booked), money.Nanos(c.Budget), money.Nanos(c.Late))
		}
	}
	return nil
}
