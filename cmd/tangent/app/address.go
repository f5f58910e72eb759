package app

import (
	"context"
	"net"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
)

// URL returns the base URL for exchanges; empty without the role bidder.
func (a *App) URL() string { return baseURL(a.listeners.exchange) }

// APIURL returns the base URL of the API; empty without the role control.
func (a *App) APIURL() string { return baseURL(a.listeners.api) }

// AdminURL returns the base URL for operators.
func (a *App) AdminURL() string { return baseURL(a.listeners.admin) }

func baseURL(ln net.Listener) string {
	if ln == nil {
		return ""
	}
	return "http://" + ln.Addr().String()
}

// addresses are the base URLs that there are, for the log.
func (a *App) addresses() (pairs []any) {
	for _, p := range [][2]string{{"exchanges", a.URL()}, {"api", a.APIURL()}, {"admin", a.AdminURL()}} {
		if p[1] != "" {
			pairs = append(pairs, p[0], p[1])
		}
	}
	return pairs
}

// Clock returns the market clock.
func (a *App) Clock() *clock.Market { return a.clock }

// Keys lets the program that owns this App make API keys.
func (a *App) Keys() *store.Store { return a.store }

// Unbooked returns how many messages of the log are not booked yet.
func (a *App) Unbooked(ctx context.Context) (uint64, error) {
	return a.events.Pending(ctx, a.booking)
}

// Metrics returns what /metrics shows.
func (a *App) Metrics() prometheus.Gatherer { return a.metrics }
