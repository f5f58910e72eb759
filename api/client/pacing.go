package client

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// LineItemPacing reads how a line item's money stands beside its plan.
func (c *Client) LineItemPacing(ctx context.Context, id event.LineItemID) (out v1.Pacing, err error) {
	err = c.do(ctx, http.MethodGet, c.LineItems.one(id)+"/pacing", nil, &out)
	return out, err
}
