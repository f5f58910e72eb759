package client

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// LineItemFrontier reads what a line item gets for its budget, and would for
// another.
func (c *Client) LineItemFrontier(ctx context.Context, id event.LineItemID) (out v1.Frontier, err error) {
	err = c.do(ctx, http.MethodGet, c.LineItems.one(id)+"/frontier", nil, &out)
	return out, err
}
