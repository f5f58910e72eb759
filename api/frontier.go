package api

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// registerFrontier adds the answer to "what would another budget buy?".
func (s *server) registerFrontier(d Delivery) {
	op := s.operation(http.MethodGet, "/v1/line-items/{id}/frontier", "get", "line item frontier",
		"Read what its budget buys, what another would, and what keeps it from spending", nil)
	register(s, op, func(ctx context.Context, in *idInput) (*output[v1.Frontier], error) {
		f, err := d.LineItemFrontier(ctx, event.LineItemID(in.ID))
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if f.Curve == nil {
			f.Curve = []v1.FrontierPoint{}
		}
		if f.WhatIfs == nil {
			f.WhatIfs = []v1.FrontierWhatIf{}
		}
		if f.Limits == nil {
			f.Limits = []v1.FrontierLimit{}
		}
		return &output[v1.Frontier]{f}, nil
	})
}
