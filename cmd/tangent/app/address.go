package app

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
)

// URL returns the base URL for exchanges.
func (a *App) URL() string { return "http://" + a.listeners.exchange.Addr().String() }

// APIURL returns the base URL of the API.
func (a *App) APIURL() string { return "http://" + a.listeners.api.Addr().String() }

// AdminURL returns the base URL for operators.
func (a *App) AdminURL() string { return "http://" + a.listeners.admin.Addr().String() }

// Clock returns the market clock.
func (a *App) Clock() *clock.Market { return a.clock }

// Keys lets the program that owns this App make API keys.
func (a *App) Keys() *store.Store { return a.store }

// Unbooked returns how many messages of the log are not booked yet.
func (a *App) Unbooked(ctx context.Context) (uint64, error) {
	return a.booker.Pending(ctx)
}

// Metrics returns what /metrics shows.
func (a *App) Metrics() prometheus.Gatherer { return a.metrics }
