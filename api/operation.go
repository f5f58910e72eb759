package api

import (
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// operation describes one operation in the way that all of them share: who
// may call it, how large its body may be, what can go wrong.
func (s *server) operation(method, path, verb, what, summary string, edits ...func(*huma.Operation)) huma.Operation {
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
		Errors:           []int{http.StatusUnauthorized, http.StatusForbidden},
	}
	if strings.Contains(path, "{id}") {
		op.Errors = append(op.Errors, http.StatusNotFound)
	}
	if method != http.MethodGet {
		op.Errors = append(op.Errors, http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	for _, edit := range edits {
		edit(&op)
	}
	return op
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
