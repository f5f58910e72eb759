package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/landscape"
)

// openLandscape makes what learns the prices of impressions from what becomes
// of this bidder's bids.
func (a *App) openLandscape() (err error) {
	if a.prices, err = landscape.NewLearner(landscape.Config{Share: a.cfg.Events != ""}); err != nil {
		return err
	}
	for name, g := range map[string]struct {
		help  string
		value func(*landscape.Model) float64
	}{
		"contexts":    {"Contexts whose win prices are known.", func(m *landscape.Model) float64 { return float64(m.Len()) }},
		"age_seconds": {"Market time since the newest outcome of a bid went into the win prices.", func(m *landscape.Model) float64 { return m.Age(a.clock.Now()).Seconds() }},
	} {
		gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "tangent", Subsystem: "landscape", Name: name, Help: g.help},
			func() float64 { return g.value(a.prices.Load()) })
		if err := a.metrics.Register(gauge); err != nil {
			return err
		}
	}
	return nil
}

// learnPrices makes a new model of prices each tick until ctx ends.
func (a *App) learnPrices(ctx context.Context) {
	tick := time.NewTicker(a.cfg.Tick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.prices.Model(a.clock.Now())
		}
	}
}
