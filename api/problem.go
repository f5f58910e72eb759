package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// problem maps an error of a room below to what a client may know: the one
// place where that is decided. What is not listed is ours to fix: it is
// logged, and the client hears only that it happened.
func (s *server) problem(ctx context.Context, err error) error {
	if _, ok := errors.AsType[huma.StatusError](err); ok {
		return err
	}
	if problems, ok := errors.AsType[campaign.Problems](err); ok {
		var wrong []*huma.ErrorDetail
		for _, p := range problems {
			wrong = append(wrong, fault(strings.TrimSuffix("body."+p.Field, "."), p.Message))
		}
		return invalid(wrong)
	}
	switch {
	case errors.Is(err, store.ErrNotFound):
		return huma.NewError(http.StatusNotFound, "there is nothing with this id")
	case errors.Is(err, ledger.ErrUnfunded):
		return huma.NewError(http.StatusConflict, "refused: this advertiser is not funded, so it has no balance")
	case errors.Is(err, store.ErrConflict):
		return huma.NewError(http.StatusConflict, "refused: the name or the moment is taken, or this is archived and stays so")
	case errors.Is(err, context.Canceled):
		return huma.NewError(499, "the client went away")
	}
	s.log.LogAttrs(ctx, slog.LevelError, "cannot answer API request", slog.Any("err", err))
	switch {
	case store.IsAway(err):
		return unavailable("the database does not answer; whether a change was made is unknown")
	case errors.Is(err, context.DeadlineExceeded):
		return unavailable("the answer took too long; whether a change was made is unknown")
	}
	return huma.NewError(http.StatusInternalServerError, "an internal error occurred; the server's log has it")
}

// unavailable is the problem of a request that may do better in a moment.
func unavailable(detail string) error {
	return huma.ErrorWithHeaders(huma.NewError(http.StatusServiceUnavailable, detail), http.Header{"Retry-After": {"5"}})
}

// malformed is the problem of a body that is not strict JSON.
func malformed(wrong *huma.ErrorDetail) error {
	return huma.NewError(http.StatusBadRequest, "the body is not acceptable JSON", wrong)
}

// quiet takes the caller's own text out of problems: huma repeats rejected
// values, which may be huge or secret.
func quiet(_ huma.Context, _ string, v any) (any, error) {
	if p, ok := v.(*huma.ErrorModel); ok {
		for _, detail := range p.Errors {
			detail.Value = nil
		}
	}
	return v, nil
}
