package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// Guard reads whether all bidding is stopped.
func (c *Client) Guard(ctx context.Context) (out v1.Guard, err error) {
	err = c.do(ctx, http.MethodGet, "/v1/guard", nil, &out)
	return out, err
}

// StopBidding stops all bidding, on every machine, and says why.
func (c *Client) StopBidding(ctx context.Context, reason string) (out v1.Guard, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/guard/stop", v1.GuardSpec{Reason: reason}, &out)
	return out, err
}

// ResumeBidding lets bidding go on, and says why.
func (c *Client) ResumeBidding(ctx context.Context, reason string) (out v1.Guard, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/guard/resume", v1.GuardSpec{Reason: reason}, &out)
	return out, err
}

// AddFeeRule says what an advertiser pays beyond the media cost, from a moment
// on.
func (c *Client) AddFeeRule(ctx context.Context, id event.AdvertiserID, spec v1.FeeRuleSpec) (out v1.FeeRule, err error) {
	err = c.do(ctx, http.MethodPost, c.Advertisers.one(id)+"/fees", spec, &out)
	return out, err
}

// FeeRules reads one page of an advertiser's rules: those with ids above
// after, at most limit (0: the server's choice).
func (c *Client) FeeRules(ctx context.Context, id event.AdvertiserID, after int64, limit int) (page v1.Page[v1.FeeRule], err error) {
	q := url.Values{"after": {strconv.FormatInt(after, 10)}}
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	err = c.do(ctx, http.MethodGet, c.Advertisers.one(id)+"/fees?"+q.Encode(), nil, &page)
	return page, err
}

// AddRates adds a table of exchange rates.
func (c *Client) AddRates(ctx context.Context, spec v1.RateTableSpec) (out v1.RateTable, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/rates", spec, &out)
	return out, err
}

// Rates reads one page of tables of exchange rates: those with ids above after,
// at most limit (0: the server's choice).
func (c *Client) Rates(ctx context.Context, after int64, limit int) (page v1.Page[v1.RateTable], err error) {
	q := url.Values{"after": {strconv.FormatInt(after, 10)}}
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	err = c.do(ctx, http.MethodGet, "/v1/rates?"+q.Encode(), nil, &page)
	return page, err
}

// Balance reads how an advertiser's funding stands.
func (c *Client) Balance(ctx context.Context, id event.AdvertiserID) (out v1.Balance, err error) {
	err = c.do(ctx, http.MethodGet, c.Advertisers.one(id)+"/balance", nil, &out)
	return out, err
}

// Pay books what an advertiser paid in, or a refund. With the reference of an
// earlier payment it may be sent again: it books once.
func (c *Client) Pay(ctx context.Context, id event.AdvertiserID, spec v1.PaymentSpec) (out v1.PaymentResult, err error) {
	err = c.do(ctx, http.MethodPost, c.Advertisers.one(id)+"/payments", spec, &out)
	return out, err
}

// Payments reads one page of an advertiser's payments: those with ids above
// after, at most limit (0: the server's choice).
func (c *Client) Payments(ctx context.Context, id event.AdvertiserID, after int64, limit int) (page v1.Page[v1.Payment], err error) {
	q := url.Values{"after": {strconv.FormatInt(after, 10)}}
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	err = c.do(ctx, http.MethodGet, c.Advertisers.one(id)+"/payments?"+q.Encode(), nil, &page)
	return page, err
}

// CreditCampaign gives back what was booked on a campaign. With the reference,
// date and reason of an earlier one it may be sent again: it books once.
func (c *Client) CreditCampaign(ctx context.Context, id event.CampaignID, spec v1.CreditSpec) (out v1.Credit, err error) {
	err = c.do(ctx, http.MethodPost, c.Campaigns.one(id)+"/credits", spec, &out)
	return out, err
}

// CreditLineItem gives back what was booked on a line item and its campaign.
func (c *Client) CreditLineItem(ctx context.Context, id event.LineItemID, spec v1.CreditSpec) (out v1.Credit, err error) {
	err = c.do(ctx, http.MethodPost, c.LineItems.one(id)+"/credits", spec, &out)
	return out, err
}

// Reverse takes a correction back, once, and says why.
func (c *Client) Reverse(ctx context.Context, id int64, reason string) (out v1.Correction, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/corrections/"+strconv.FormatInt(id, 10)+"/reverse", v1.ReversalSpec{Reason: reason}, &out)
	return out, err
}

// Corrections reads one page of them: those with ids above after, at most
// limit (0: the server's choice).
func (c *Client) Corrections(ctx context.Context, after int64, limit int) (page v1.Page[v1.Correction], err error) {
	q := url.Values{"after": {strconv.FormatInt(after, 10)}}
	if limit != 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	err = c.do(ctx, http.MethodGet, "/v1/corrections?"+q.Encode(), nil, &page)
	return page, err
}

// NewConversionKey makes a key with which an advertiser's servers tell of
// orders.
func (c *Client) NewConversionKey(ctx context.Context, id event.AdvertiserID) (out v1.ConversionKey, err error) {
	err = c.do(ctx, http.MethodPost, c.Advertisers.one(id)+"/conversion-keys", nil, &out)
	return out, err
}
