package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

// front stands before every route: it bounds the time of a request, answers
// unknown paths and methods with problems rather than plain text, survives a
// panic, and forbids caches and browsers to be clever.
func (s *server) front(mux *http.ServeMux, timeout time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		r = r.WithContext(ctx)
		defer func() {
			switch v := recover(); v {
			case nil:
			case http.ErrAbortHandler:
				panic(v)
			default:
				s.log.LogAttrs(ctx, slog.LevelError, "API handler panicked",
					slog.String("panic", fmt.Sprint(v)), slog.String("stack", string(debug.Stack())))
				writeProblem(w, http.StatusInternalServerError, "an internal error occurred; the server's log has it")
			}
		}()
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "no-store")
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// No route: the mux's own handler knows whether that is the path or
		// the method, and which methods there are.
		probe := &statusOnly{header: http.Header{}}
		handler.ServeHTTP(probe, r)
		if probe.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", probe.header.Get("Allow"))
			writeProblem(w, probe.status, "this path does not take this method; see the Allow header")
			return
		}
		writeProblem(w, http.StatusNotFound, "there is nothing at this path; /openapi.json lists what there is")
	})
}

// statusOnly keeps the headers and the status of an answer, not its body.
type statusOnly struct {
	header http.Header
	status int
}

func (p *statusOnly) Header() http.Header         { return p.header }
func (p *statusOnly) WriteHeader(status int)      { p.status = status }
func (p *statusOnly) Write(b []byte) (int, error) { return len(b), nil }

func writeProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v1.Problem{Title: http.StatusText(status), Status: status, Detail: detail})
}
