package api

import (
	"context"
	"net/http"
	"slices"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
)

// FeesInput is a page of an advertiser's rules. It is exported for the same
// reason as Paging.
type FeesInput struct {
	ID int64 `path:"id" minimum:"1" doc:"The id that the server assigned."`
	Paging
}

// registerFees adds what advertisers pay beyond the media cost.
func (s *server) registerFees() {
	const path = "/v1/advertisers/{id}/fees"
	spec := shapeOf[v1.FeeRuleSpec](s.registry)
	op := s.operation(http.MethodPost, path, "create", "fee rule", "Say what is paid beyond the media cost, from a moment on", spec.schema)
	op.DefaultStatus = http.StatusCreated
	register(s, op, func(ctx context.Context, in *patchInput) (*output[v1.FeeRule], error) {
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		var rule v1.FeeRuleSpec
		if err := spec.decode(document, &rule); err != nil {
			return nil, err
		}
		added, err := s.store.AddFeeRule(ctx, rule.Campaign(event.AdvertiserID(in.ID)))
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		s.changed()
		return &output[v1.FeeRule]{v1.FeeRuleOf(added)}, nil
	})

	op = s.operation(http.MethodGet, path, "list", "fee rules", "List what is paid beyond the media cost, in the order of ids", nil)
	register(s, op, func(ctx context.Context, in *FeesInput) (*output[v1.Page[v1.FeeRule]], error) {
		if _, err := s.store.GetAdvertiser(ctx, event.AdvertiserID(in.ID)); err != nil {
			return nil, s.problem(ctx, err)
		}
		rules, err := s.store.ListFeeRules(ctx, store.Filter{ParentID: in.ID, AfterID: in.After, Limit: in.Limit + 1})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		var page v1.Page[v1.FeeRule]
		if len(rules) > in.Limit {
			rules = rules[:in.Limit]
			page.NextAfter = rules[in.Limit-1].ID
		}
		page.Items = slices.Grow([]v1.FeeRule{}, len(rules))
		for _, rule := range rules {
			page.Items = append(page.Items, v1.FeeRuleOf(rule))
		}
		return &output[v1.Page[v1.FeeRule]]{page}, nil
	})
}
