package api

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
)

// registerConversionKeys adds the making of keys for advertisers' servers.
func (s *server) registerConversionKeys() {
	op := s.operation(http.MethodPost, "/v1/advertisers/{id}/conversion-keys", "create", "conversion key",
		"Make a key with which its servers tell of orders", nil)
	op.DefaultStatus = http.StatusCreated
	register(s, op, func(ctx context.Context, in *idInput) (*output[v1.ConversionKey], error) {
		key, err := s.store.NewConversionKey(ctx, event.AdvertiserID(in.ID))
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		s.changed()
		return &output[v1.ConversionKey]{v1.ConversionKey{Key: key}}, nil
	})
}
