package api

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// registerPacing adds the answer to "how does the money stand beside its plan?".
func (s *server) registerPacing(d Delivery) {
	op := s.operation(http.MethodGet, "/v1/line-items/{id}/pacing", "get", "line item pacing",
		"Read how its money stands beside its plan, and which budget binds", nil)
	register(s, op, func(ctx context.Context, in *idInput) (*output[v1.Pacing], error) {
		p, err := d.LineItemPacing(ctx, event.LineItemID(in.ID))
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		if p.Budgets == nil {
			p.Budgets = []v1.PacingBudget{}
		}
		for i := range p.Budgets {
			if p.Budgets[i].Slots == nil {
				p.Budgets[i].Slots = []v1.PacingSlot{}
			}
		}
		if p.CannotBeSpent == nil {
			p.CannotBeSpent = []v1.FrontierLimit{}
		}
		if p.Controllers == nil {
			p.Controllers = []v1.PacingController{}
		}
		return &output[v1.Pacing]{p}, nil
	})
}
