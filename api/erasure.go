package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/campaign/store"
)

// Eraser takes users out of the audience; *audience.Writer does. What is gone
// when it returns is gone for good.
type Eraser interface {
	Erase(ctx context.Context, optOut bool, users ...audience.UserKey) (audience.Erased, error)
}

// Erasures is with what users are erased.
type Erasures struct {
	Eraser  Eraser
	Keyer   *audience.Keyer
	Missing string // if Eraser or Keyer is nil: what to set, for the caller
}

// registerErasures adds POST /v1/erasures. Users' ids come in the body and go
// no further than the keyer: no URL, log, error or answer has one.
func (s *server) registerErasures(e Erasures) {
	spec := shapeOf[v1.ErasureSpec](s.registry)
	op := s.operation(http.MethodPost, "/v1/erasures", "erase", "users", "Erase all that is stored of users", spec.schema)
	op.Responses["501"] = &huma.Response{Ref: "#/components/responses/Problem"}
	register(s, op, func(ctx context.Context, in *bodyInput) (*output[v1.Erasure], error) {
		if e.Eraser == nil || e.Keyer == nil {
			return nil, huma.NewError(http.StatusNotImplemented, "this server cannot erase users: "+e.Missing)
		}
		document, wrong := parseStrict(in.RawBody)
		if wrong != nil {
			return nil, malformed(wrong)
		}
		var erasure v1.ErasureSpec
		if err := spec.decode(document, &erasure); err != nil {
			return nil, err
		}
		keys, err := s.userKeys(ctx, e.Keyer, erasure.Users)
		if err != nil {
			return nil, err
		}
		done, err := e.Eraser.Erase(ctx, erasure.OptOut, keys...)
		if err != nil {
			s.log.ErrorContext(ctx, "cannot erase users", "err", err)
			return nil, unavailable("the audience does not answer: some of it may be erased and some not; ask again, which is right")
		}
		return &output[v1.Erasure]{v1.ErasureOf(done)}, nil
	})
}

// userKeys makes the keys of ids, or a problem with the place of each that is
// none.
func (s *server) userKeys(ctx context.Context, keyer *audience.Keyer, ids []v1.UserID) ([]audience.UserKey, error) {
	var keys []audience.UserKey
	var wrong []*huma.ErrorDetail
	for i, id := range ids {
		at := fmt.Sprintf("body.users[%d]", i)
		namespace := id.Kind
		switch {
		case (id.Kind == "eid") != (id.Source != ""):
			wrong = append(wrong, fault(at+".source", "is for kind eid, and needed there"))
			continue
		case (id.Kind == "user") != (id.ExchangeID != 0):
			wrong = append(wrong, fault(at+".exchange_id", "is for kind user, and needed there"))
			continue
		case id.Kind == "eid" && !strings.Contains(id.Source, "."):
			wrong = append(wrong, fault(at+".source", "must be a domain"))
			continue
		case id.Kind == "eid":
			namespace = id.Source
		case id.Kind == "user":
			if _, err := s.store.GetExchange(ctx, id.ExchangeID); errors.Is(err, store.ErrNotFound) {
				wrong = append(wrong, fault(at+".exchange_id", "must be the id of an exchange"))
				continue
			} else if err != nil {
				return nil, s.problem(ctx, err)
			}
		}
		key, ok := keyer.KeyToForget(namespace, []byte(id.Value), id.ExchangeID)
		if !ok {
			wrong = append(wrong, fault(at+".value", "stands for nobody"))
			continue
		}
		keys = append(keys, key)
	}
	if wrong != nil {
		return nil, invalid(wrong)
	}
	return keys, nil
}
