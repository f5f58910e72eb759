package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
)

// actions are the ways to change a status.
var actions = []struct {
	verb    string
	status  campaign.Status
	summary string
}{
	{"pause", campaign.Paused, "Stops it from spending. It keeps its place and can be resumed"},
	{"resume", campaign.Active, "Lets it spend again"},
	{"archive", campaign.Archived, "Stops it for good: an archived thing cannot come back"},
}

// register adds the kind's operations to the API.
func (k kind[ID, T, S, R, Q]) register(s *server) {
	k.registerCreate(s)
	k.registerList(s)
	k.registerGet(s)
	k.registerUpdate(s)
	k.registerActions(s)
}

func (k kind[ID, T, S, R, Q]) registerCreate(s *server) {
	base := "/v1/" + k.path
	full := shapeOf[S](s.registry)
	op := s.operation(http.MethodPost, base, "create", k.one, "Create one", full.schema)
	op.DefaultStatus = http.StatusCreated
	register(s, op, func(ctx context.Context, in *bodyInput) (*created[R], error) {
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		var spec S
		if err := full.decode(document, &spec); err != nil {
			return nil, err
		}
		thing, err := k.create(ctx, k.parse(spec))
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		s.changed()
		return &created[R]{base + "/" + strconv.FormatInt(k.id(thing), 10), k.show(thing)}, nil
	})
}

func (k kind[ID, T, S, R, Q]) registerList(s *server) {
	op := s.operation(http.MethodGet, "/v1/"+k.path, "list", k.many, "List them in the order of ids", nil)
	register(s, op, func(ctx context.Context, in *Q) (*output[v1.Page[R]], error) {
		filter := (*in).filter()
		limit := filter.Limit
		filter.Limit++ // one more tells whether there is a next page
		things, err := k.list(ctx, filter)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		var page v1.Page[R]
		if len(things) > limit {
			things = things[:limit]
			page.NextAfter = k.id(things[limit-1])
		}
		page.Items = slices.Grow([]R{}, len(things))
		for _, thing := range things {
			page.Items = append(page.Items, k.show(thing))
		}
		return &output[v1.Page[R]]{page}, nil
	})
}

func (k kind[ID, T, S, R, Q]) registerGet(s *server) {
	op := s.operation(http.MethodGet, "/v1/"+k.path+"/{id}", "get", k.one, "Read one", nil)
	register(s, op, func(ctx context.Context, in *idInput) (*output[R], error) {
		thing, err := k.get(ctx, ID(in.ID))
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return &output[R]{k.show(thing)}, nil
	})
}

func (k kind[ID, T, S, R, Q]) registerUpdate(s *server) {
	full := shapeOf[S](s.registry)
	patch := full.patch(k.fixed)
	op := s.operation(http.MethodPatch, "/v1/"+k.path+"/{id}", "update", k.one, "Change some fields by a merge patch (RFC 7396)", patch.ref)
	op.RequestBody = jsonBody(patch.ref, "application/merge-patch+json", "application/json")
	register(s, op, func(ctx context.Context, in *patchInput) (*output[R], error) {
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		if err := patch.check(document); err != nil {
			return nil, err
		}
		thing, err := k.update(ctx, ID(in.ID), func(now T) (next T, err error) {
			merged, err := tree(k.spec(k.show(now)))
			if err != nil {
				return next, err
			}
			var spec S
			if err := full.decode(mergePatch(merged, document), &spec); err != nil {
				return next, err
			}
			next = k.parse(spec)
			_, status := k.head(&next)
			_, was := k.head(&now)
			*status = *was // whatever it was a moment ago: lest a pause be undone
			return next, nil
		})
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		s.changed()
		return &output[R]{k.show(thing)}, nil
	})
}

func (k kind[ID, T, S, R, Q]) registerActions(s *server) {
	for _, a := range actions {
		op := s.operation(http.MethodPost, "/v1/"+k.path+"/{id}/"+a.verb, a.verb, k.one, a.summary, nil)
		register(s, op, func(ctx context.Context, in *idInput) (*output[R], error) {
			thing, err := k.setStatus(ctx, ID(in.ID), a.status)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			s.changed()
			return &output[R]{k.show(thing)}, nil
		})
	}
}

func (k kind[ID, T, S, R, Q]) id(thing T) int64 {
	id, _ := k.head(&thing)
	return int64(*id)
}
