package api

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

// registerGuard adds the switch that stops all bidding.
func (s *server) registerGuard(l Ledger) {
	register(s, s.operation(http.MethodGet, "/v1/guard", "get", "guard", "Read whether all bidding is stopped, why and by whom", nil),
		func(ctx context.Context, _ *struct{}) (*output[v1.Guard], error) {
			g, err := l.Guard(ctx)
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &output[v1.Guard]{v1.Guard(g)}, nil
		})
	spec := shapeOf[v1.GuardSpec](s.registry)
	for _, a := range []struct {
		verb    string
		stopped bool
		summary string
	}{
		{"stop", true, "Stops all bidding, on every machine, within a second"},
		{"resume", false, "Lets bidding go on"},
	} {
		op := s.operation(http.MethodPost, "/v1/guard/"+a.verb, a.verb, "all bidding", a.summary, spec.schema)
		register(s, op, func(ctx context.Context, in *bodyInput) (*output[v1.Guard], error) {
			document, wrong := parseStrict(in.RawBody)
			if wrong != nil {
				return nil, malformed(wrong)
			}
			var why v1.GuardSpec
			if err := spec.decode(document, &why); err != nil {
				return nil, err
			}
			g, err := l.SetGuard(ctx, a.stopped, why.Reason, caller(ctx, maxGuardCaller))
			if err != nil {
				return nil, s.problem(ctx, err)
			}
			return &output[v1.Guard]{v1.Guard(g)}, nil
		})
	}
}

// maxGuardCaller and maxCorrectionCaller are what the ledger takes of a name,
// in bytes.
const (
	maxGuardCaller      = 1000
	maxCorrectionCaller = 100
)

// callerKey is where a request's context has the name of its API key.
type callerKey struct{}

// caller returns the name of the request's API key, cut to most bytes. A key's
// name is never a reason to refuse what it asks for.
func caller(ctx context.Context, most int) string {
	name, _ := ctx.Value(callerKey{}).(string)
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "?"), "\x00", "?")
	for len(name) > most {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}
