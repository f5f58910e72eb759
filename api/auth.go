package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tangent-dsp/tangent/campaign/store"
)

// Keys says whose key a request carries.
type Keys interface {
	// Authenticate returns the key, or store.ErrKey when there is none such or
	// it is revoked.
	Authenticate(ctx context.Context, plain string) (store.Key, error)
}

// The messages are constant: an answer must not tell a wrong key from a
// revoked one.
const (
	noKey    = "a valid API key is needed: Authorization: Bearer tk_..."
	readOnly = "this API key may only read"
)

// authenticate lets a request through when its key may do what it asks.
func (s *server) authenticate(ctx huma.Context, next func(huma.Context)) {
	plain, ok := bearer(ctx.Header("Authorization"))
	if !ok {
		s.refuse(ctx)
		return
	}
	key, err := s.keys.Authenticate(ctx.Context(), plain)
	switch {
	case errors.Is(err, store.ErrKey):
		s.refuse(ctx)
	case err != nil:
		s.write(ctx, s.problem(ctx.Context(), err))
	case key.Role == store.RoleAdmin, key.Role == store.RoleRead && ctx.Operation().Method == http.MethodGet:
		next(huma.WithValue(ctx, callerKey{}, key.Name))
	default:
		_ = huma.WriteErr(s.api, ctx, http.StatusForbidden, readOnly)
	}
}

func (s *server) refuse(ctx huma.Context) {
	ctx.SetHeader("WWW-Authenticate", `Bearer realm="tangent"`)
	_ = huma.WriteErr(s.api, ctx, http.StatusUnauthorized, noKey)
}

// write answers with a problem from outside an operation's handler.
func (s *server) write(ctx huma.Context, err error) {
	if with, ok := errors.AsType[huma.HeadersError](err); ok {
		for name, values := range with.GetHeaders() {
			ctx.SetHeader(name, values[0])
		}
	}
	if problem, ok := errors.AsType[huma.StatusError](err); ok {
		_ = huma.WriteErr(s.api, ctx, problem.GetStatus(), problem.Error())
	}
}

// bearer returns the token of an Authorization header; the scheme's case does
// not matter (RFC 9110, section 11.1).
func bearer(header string) (string, bool) {
	scheme, token, ok := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, ok && strings.EqualFold(scheme, "Bearer") && len(token) <= 256 && strings.HasPrefix(token, "tk_")
}
