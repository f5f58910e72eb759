package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// ShadingQuery says what to compare. Zero values are all.
type ShadingQuery struct {
	By       string // what a row is for: line_item (default), exchange, day, each
	LineItem event.LineItemID
	Exchange event.ExchangeID
	From, To time.Time // days, in UTC, both included
}

// Shading compares shaded first-price bids with those that were left unshaded.
func (c *Client) Shading(ctx context.Context, q ShadingQuery) (out v1.ShadingReport, err error) {
	values := url.Values{}
	set := func(name, value string, is bool) {
		if is {
			values.Set(name, value)
		}
	}
	set("by", q.By, q.By != "")
	set("line_item_id", strconv.FormatInt(int64(q.LineItem), 10), q.LineItem != 0)
	set("exchange_id", strconv.FormatInt(int64(q.Exchange), 10), q.Exchange != 0)
	set("from", q.From.UTC().Format(time.DateOnly), !q.From.IsZero())
	set("to", q.To.UTC().Format(time.DateOnly), !q.To.IsZero())
	err = c.do(ctx, http.MethodGet, "/v1/shading?"+values.Encode(), nil, &out)
	return out, err
}
