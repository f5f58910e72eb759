package ledger

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/tangent-dsp/tangent/event/eventtest"
)

func testBookerBooksWhatTheLogDelivers(t *testing.T, w *world) {
	w.budget(life, 1000)
	var log eventtest.Log
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	over := w.billing(1, 2, 130, 100, life)
	for range 2 { // the exchange retries
		if err := log.Append(ctx, w.billing(1, 1, 40, 100, life), over); err != nil {
			t.Fatal(err)
		}
	}
	reg := prometheus.NewRegistry()
	w.clock.Advance(3 * time.Second)
	b, err := NewBooker(BookerConfig{Ledger: w.Ledger, Source: &log, Clock: w.clock, Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	done := make(chan error)
	go func() { done <- b.Run(run) }()
	if err := log.Drained(ctx, Consumer); err != nil {
		t.Fatal(err)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}

	w.expect(life, 140, 0, 0)
	if n, err := b.Pending(ctx); n != 0 || err != nil {
		t.Errorf("pending %d, %v", n, err)
	}
	got := gather(t, reg)
	for name, want := range map[string]float64{
		"tangent_booking_events_total booked":    2,
		"tangent_booking_events_total duplicate": 2,
		"tangent_booking_amount_nanos_total":     140,
		"tangent_booking_disputed_nanos_total":   30,
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
}

// gather returns every sample under its name and label values.
func gather(t *testing.T, reg *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]float64)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetValue()
			}
			if f.GetType() == dto.MetricType_GAUGE {
				all[name] = m.GetGauge().GetValue()
			} else {
				all[name] = m.GetCounter().GetValue()
			}
		}
	}
	return all
}
