package api

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// operation describes one operation in the way that all of them share: who
// may call it, how large its body may be, what can go wrong. takes, if not
// nil, is the body's schema.
func (s *server) operation(method, path, verb, what, summary string, takes *huma.Schema) huma.Operation {
	op := huma.Operation{
		Method: method, Path: path,
		OperationID:      verb + "-" + strings.ReplaceAll(what, " ", "-"),
		Summary:          summary,
		Tags:             []string{strings.Split(path, "/")[2]},
		DefaultStatus:    http.StatusOK,
		Middlewares:      huma.Middlewares{s.authenticate, s.checkContentType},
		MaxBodyBytes:     maxBody,
		BodyReadTimeout:  10 * time.Second,
		SkipValidateBody: true, // decode does it, on a strictly parsed body
		Responses:        map[string]*huma.Response{},
	}
	failures := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity,
		http.StatusInternalServerError, http.StatusServiceUnavailable}
	if strings.Contains(path, "{id}") {
		failures = append(failures, http.StatusNotFound)
	}
	if method != http.MethodGet {
		failures = append(failures, http.StatusConflict)
	}
	if takes != nil {
		op.RequestBody = jsonBody(takes, "application/json")
		failures = append(failures, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, status := range failures {
		op.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/Problem"}
	}
	return op
}

// register adds an operation. huma documents a raw body as binary, which
// would also let it in: decode takes JSON only.
func register[I, O any](s *server, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	huma.Register(s.api, op, handler)
	if op.RequestBody != nil {
		delete(op.RequestBody.Content, "application/octet-stream")
	}
}

func jsonBody(schema *huma.Schema, types ...string) *huma.RequestBody {
	content := map[string]*huma.MediaType{}
	for _, t := range types {
		content[t] = &huma.MediaType{Schema: schema}
	}
	return &huma.RequestBody{Required: true, Content: content}
}

// checkContentType refuses bodies that the operation does not take. A body
// without a type is taken as JSON.
func (s *server) checkContentType(ctx huma.Context, next func(huma.Context)) {
	body := ctx.Operation().RequestBody
	header := ctx.Header("Content-Type")
	if body == nil || header == "" {
		next(ctx)
		return
	}
	mediaType, parameters, err := mime.ParseMediaType(header)
	charset, hasCharset := parameters["charset"]
	if err != nil || body.Content[mediaType] == nil || hasCharset && !strings.EqualFold(charset, "utf-8") {
		var types []string
		for t := range body.Content {
			types = append(types, t)
		}
		slices.Sort(types)
		_ = huma.WriteErr(s.api, ctx, http.StatusUnsupportedMediaType, "the body must be "+strings.Join(types, " or ")+" in UTF-8")
		return
	}
	next(ctx)
}
