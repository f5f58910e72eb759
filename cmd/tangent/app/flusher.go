package app

import (
	"context"
	"log/slog"
)

// flusher writes what this process knows of line items for the reports of all,
// in turn: a rotate.Flusher.
type flusher struct {
	what string
	of   interface {
		Run(ctx context.Context, failed func(error))
	}
}

// run writes until ctx ends.
func (f flusher) run(ctx context.Context, log *slog.Logger) {
	f.of.Run(ctx, func(err error) { log.Error(f.what, "error", err) })
}
