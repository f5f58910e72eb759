package api

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// registerDelivery adds the reports of what became of budgets.
func (s *server) registerDelivery(d Delivery) {
	add := func(path, one string, read func(context.Context, int64) (v1.Delivery, error)) {
		register(s, s.operation(http.MethodGet, "/v1/"+path+"/{id}/delivery", "get", one+" delivery", "Read what became of its own budgets", nil),
			func(ctx context.Context, in *idInput) (*output[v1.Delivery], error) {
				delivery, err := read(ctx, in.ID)
				if err != nil {
					return nil, s.problem(ctx, err)
				}
				if delivery.Periods == nil {
					delivery.Periods = []v1.DeliveryPeriod{}
				}
				return &output[v1.Delivery]{delivery}, nil
			})
	}
	add("campaigns", "campaign", func(ctx context.Context, id int64) (v1.Delivery, error) {
		return d.CampaignDelivery(ctx, event.CampaignID(id))
	})
	add("line-items", "line item", func(ctx context.Context, id int64) (v1.Delivery, error) {
		return d.LineItemDelivery(ctx, event.LineItemID(id))
	})
}
