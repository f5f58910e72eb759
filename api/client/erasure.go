package client

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

// Erase erases all that is stored of users. After an error it may be sent
// again.
func (c *Client) Erase(ctx context.Context, spec v1.ErasureSpec) (out v1.Erasure, err error) {
	err = c.do(ctx, http.MethodPost, "/v1/erasures", spec, &out)
	return out, err
}
