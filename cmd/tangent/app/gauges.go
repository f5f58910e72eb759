package app

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/openrtb"
)

// registerGauges shows what no room shows of itself.
func (a *App) registerGauges() error {
	var all []prometheus.Collector
	gauge := func(name, help string, value func() float64) {
		all = append(all, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tangent", Name: name, Help: help}, value))
	}
	gauge("market_time_seconds", "Market time, in seconds since 1970.", func() float64 { return float64(a.clock.Now().UnixNano()) / 1e9 })
	if a.catalog != nil {
		a.catalogGauges(gauge)
	}
	if a.roles.bidder {
		a.bidderGauges(gauge)
	}
	if a.events != nil {
		gauge("booking_lag_seconds", "Market time since the receipt of what was booked last, while the log has more to book; 0 while it has not.", func() float64 { return a.progress.lag(a.clock.Now()).Seconds() })
		gauge("log_events", "Events that the log made durable since the start.", func() float64 { return float64(a.events.Stats().Events) })
		gauge("log_batches", "Synced writes that these events took.", func() float64 { return float64(a.events.Stats().Batches) })
		gauge("log_failed_events", "Events that the log refused or could not make durable since the start.", func() float64 { return float64(a.events.Stats().Failed) })
		gauge("log_queued_bytes", "Encoded events that wait to be written.", func() float64 { return float64(a.events.Stats().Queued) })
	}
	if a.roles.worker {
		gauge("worker_leading", "1 while this worker books, 0 while it waits for another to stop.", func() float64 { return bit(a.leading.Load()) })
		gauge("log_unbooked_messages", "Messages of the log that booking has not handled; -1 when the log does not say.", func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			n, err := a.booker.Pending(ctx)
			if err != nil {
				return -1
			}
			return float64(n)
		})
	}
	for _, c := range all {
		if err := a.metrics.Register(c); err != nil {
			return fmt.Errorf("cannot register metrics: %w", err)
		}
	}
	return nil
}

func (a *App) catalogGauges(gauge func(name, help string, value func() float64)) {
	gauge("catalog_version", "Version of the catalog that bids are made from.", func() float64 { return float64(a.catalog.Load().Version()) })
	gauge("catalog_line_items", "Line items in the catalog, paused ones included.", func() float64 { return float64(a.catalog.Load().Len()) })
	gauge("catalog_age_seconds", "Time since the campaign store last answered the catalog.", func() float64 {
		age, _ := a.refresher.Age()
		return age.Seconds()
	})
	rates := func() (pairs, missing int, oldest time.Duration) { return a.catalog.Load().Rates(a.clock.Now()) }
	gauge("rates_missing", "Pairs of an advertiser's and an exchange's currency without an exchange rate that is young enough to bid by.", func() float64 {
		_, missing, _ := rates()
		return float64(missing)
	})
	gauge("rates_age_seconds", "Age of the oldest exchange rate that bids are made by; 0 where none is needed.", func() float64 {
		_, _, oldest := rates()
		return oldest.Seconds()
	})
	gauge("catalog_refresh_errors", "Catalog refreshes that failed in whole or in part.", func() float64 { return float64(a.refresher.Errors()) })
}

func (a *App) bidderGauges(gauge func(name, help string, value func() float64)) {
	gauge("bidding", "1 while bids are made, 0 while bidding is switched off.", func() float64 { return bit(a.bidding.Why() == openrtb.None) })
	gauge("connections", "Open connections of exchanges and browsers.", func() float64 {
		return float64(max(0, a.exchangeFace.GetOpenConnectionsCount())) // it is -1 until the server serves
	})
	gauge("guard_stopped", "1 while the guard stops all bidding.", func() float64 {
		g := a.guard.Load()
		return bit(g != nil && g.Stopped)
	})
	gauge("clock_fit", "1 while the wall clock advances as the monotonic one does.", func() float64 { return bit(a.clockFit.Load()) })
	if a.spool != nil {
		gauge("spool_bytes", "Bytes of notices on this disk that the event log does not have yet.", func() float64 { return float64(a.spool.Stats().Bytes) })
		gauge("spool_records", "Appends on this disk that the event log does not have yet.", func() float64 { return float64(a.spool.Stats().Records) })
		gauge("spool_lost", "Appends that were acknowledged and cannot be read from this disk any more.", func() float64 { return float64(a.spool.Stats().Lost) })
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
