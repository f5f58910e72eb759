package api

import (
	"context"
	"net/http"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/store"
)

// RatesBody is a table of exchange rates that is sent. It is exported for the
// same reason as Paging.
type RatesBody struct {
	RawBody []byte
}

// RatesPage is a page of tables. It is exported for the same reason.
type RatesPage struct{ Paging }

// registerRates adds the exchange rates that bids are made and booked by.
func (s *server) registerRates() {
	spec := shapeOf[v1.RateTableSpec](s.registry)
	op := s.operation(http.MethodPost, "/v1/rates", "create", "rate table", "Add exchange rates, from a moment on", spec.schema)
	op.DefaultStatus = http.StatusCreated
	register(s, op, func(ctx context.Context, in *RatesBody) (*output[v1.RateTable], error) {
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		var table v1.RateTableSpec
		if err := spec.decode(document, &table); err != nil {
			return nil, err
		}
		added, err := s.store.AddRateTable(ctx, table.Campaign())
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		s.changed()
		return &output[v1.RateTable]{v1.RateTableOf(added)}, nil
	})

	op = s.operation(http.MethodGet, "/v1/rates", "list", "rate tables", "List exchange rates, in the order of ids", nil)
	register(s, op, func(ctx context.Context, in *RatesPage) (*output[v1.Page[v1.RateTable]], error) {
		tables, err := s.store.ListRateTables(ctx, store.Filter{AfterID: in.After, Limit: in.Limit + 1})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		page := v1.Page[v1.RateTable]{Items: []v1.RateTable{}}
		if len(tables) > in.Limit {
			tables = tables[:in.Limit]
			page.NextAfter = int64(tables[in.Limit-1].ID)
		}
		for _, t := range tables {
			page.Items = append(page.Items, v1.RateTableOf(t))
		}
		return &output[v1.Page[v1.RateTable]]{page}, nil
	})
}
