package app

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// What repeats is logged so often in so long, real time; then it is counted,
// and the count goes with the next line that is let through.
const (
	logBurst  = 5
	logWindow = 10 * time.Second
	logKinds  = 1000 // messages that are told apart; they are constants of the program
)

// NewLogger returns a structured logger that no flood of one message can fill
// a disk with. level is debug, info, warn or error; format is text or json.
func NewLogger(w io.Writer, level, format string) *slog.Logger {
	var l slog.Level
	_ = l.UnmarshalText([]byte(level)) // checked before; the zero level is info
	opts := &slog.HandlerOptions{Level: l}
	var h slog.Handler = slog.NewTextHandler(w, opts)
	if format == "json" {
		h = slog.NewJSONHandler(w, opts)
	}
	return slog.New(&throttle{Handler: h, counts: &logCounts{of: map[string]*logCount{}, now: time.Now}})
}

// throttle lets the first few of equal messages through per window.
type throttle struct {
	slog.Handler
	counts *logCounts
}

type logCounts struct {
	mu  sync.Mutex
	of  map[string]*logCount
	now func() time.Time
}

type logCount struct {
	since         time.Time
	said, dropped int
}

// Handle passes the record on, or counts it.
func (t *throttle) Handle(ctx context.Context, r slog.Record) error {
	dropped, ok := t.counts.allow(r.Level.String() + r.Message)
	if !ok {
		return nil
	}
	if dropped > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("dropped", dropped))
	}
	return t.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup keep the counts.
func (t *throttle) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &throttle{t.Handler.WithAttrs(attrs), t.counts}
}

// WithGroup is WithAttrs for groups.
func (t *throttle) WithGroup(name string) slog.Handler {
	return &throttle{t.Handler.WithGroup(name), t.counts}
}

func (c *logCounts) allow(key string) (dropped int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	n := c.of[key]
	if n == nil {
		if len(c.of) >= logKinds {
			clear(c.of)
		}
		n = &logCount{since: now}
		c.of[key] = n
	}
	if now.Sub(n.since) >= logWindow {
		dropped = n.dropped
		*n = logCount{since: now}
	}
	if n.said == logBurst {
		n.dropped++
		return 0, false
	}
	n.said++
	return dropped, true
}
