package client

import (
	"context"
	"net/http"
	"strconv"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// LineItemWhy reads why a line item does not spend, counted over some days in
// UTC, today the last.
func (c *Client) LineItemWhy(ctx context.Context, id event.LineItemID, days int) (out v1.Why, err error) {
	err = c.do(ctx, http.MethodGet, c.LineItems.one(id)+"/why?days="+strconv.Itoa(days), nil, &out)
	return out, err
}
