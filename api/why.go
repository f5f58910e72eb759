package api

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// WhyInput asks about a line item. It is exported for the same reason as
// Paging.
type WhyInput struct {
	ID   int64 `path:"id" minimum:"1" doc:"The id that the server assigned."`
	Days int   `query:"days" minimum:"1" maximum:"30" default:"1" doc:"How many days in UTC to count, today the last."`
}

// registerWhy adds the answer to "why does it not spend?".
func (s *server) registerWhy(d Delivery) {
	op := s.operation(http.MethodGet, "/v1/line-items/{id}/why", "get", "line item why", "Read why it does not spend: what stands in the way, and counts by reason", nil)
	register(s, op, func(ctx context.Context, in *WhyInput) (*output[v1.Why], error) {
		why, err := d.LineItemWhy(ctx, event.LineItemID(in.ID), in.Days)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if why.Obstacles == nil {
			why.Obstacles = []v1.Obstacle{}
		}
		if why.Reasons == nil {
			why.Reasons = []v1.WhyNot{}
		}
		if why.Refused == nil {
			why.Refused = []v1.WhyNoBids{}
		}
		return &output[v1.Why]{why}, nil
	})
}
