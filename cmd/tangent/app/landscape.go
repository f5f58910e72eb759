package app

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// pause is between estimates of prices. All of a tick at once took 25 ms of a
// processor, by which bids were late.
func pause() { time.Sleep(200 * time.Microsecond) }

// openLandscape makes what learns the prices of impressions from what becomes
// of this bidder's bids.
func (a *App) openLandscape(ctx context.Context) (err error) {
	if a.prices, err = landscape.NewLearner(landscape.Config{Share: a.cfg.Events != "", Pause: pause}); err != nil {
		return err
	}
	if state, _, err := a.ledger.Recall(ctx, a.pricesName()); err != nil {
		a.log.Warn("prices are learned anew", "error", err)
	} else if state != nil {
		if err := a.prices.LoadState(state); err != nil {
			a.log.Warn("prices are learned anew", "error", err)
		}
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

// learnPrices makes a new model of prices each tick until ctx ends, and now and
// then writes down how many bids were shaded, and the prices themselves.
func (a *App) learnPrices(ctx context.Context) {
	tick, tally, keep := time.NewTicker(a.cfg.Tick), time.NewTicker(tallyEvery), time.NewTicker(keepPricesEvery)
	defer tick.Stop()
	defer keep.Stop()
	defer tally.Stop()
	for {
		select {
		case <-ctx.Done():
			a.writeTally(context.WithoutCancel(ctx))
			a.keepPrices(context.WithoutCancel(ctx))
			return
		case <-tick.C:
			a.prices.Model(a.clock.Now())
		case <-tally.C:
			a.writeTally(ctx)
		case <-keep.C:
			a.keepPrices(ctx)
		}
	}
}

// tallyEvery is how often the counts of bids are written, in real time.
const tallyEvery = 10 * time.Second

// writeTally adds the bids of each arm since the last time to the ledger's sums.
// Where that fails they are given up: they make a win rate, and nothing else.
func (a *App) writeTally(ctx context.Context) {
	day := event.PeriodOf(a.clock.Now().UTC())
	var sums []ledger.ShadingSum
	a.tally.Take(func(x landscape.Tallied, n int64) {
		sums = append(sums, ledger.ShadingSum{
			ShadingKey: ledger.ShadingKey{LineItem: x.LineItem, Exchange: x.Exchange, Day: day, Arm: uint16(x.Arm)}, Bids: n,
		})
	})
	if len(sums) == 0 {
		return
	}
	if err := a.ledger.AddShadingBids(ctx, sums); err != nil {
		a.log.Warn("the count of shaded bids is incomplete", "error", err)
	}
}

const (
	keepPricesEvery = time.Minute // real time
	maxPricesState  = 4 << 20     // bytes; contexts that were met least are left out
)

// pricesName is under which the prices that this bidder learned outlive it.
func (a *App) pricesName() string { return "prices " + a.cfg.Name }

func (a *App) keepPrices(ctx context.Context) {
	state := a.prices.AppendState(nil, maxPricesState)
	if err := a.ledger.Keep(ctx, a.pricesName(), state); err != nil {
		a.log.Warn("the prices that were learned are not kept", "error", err)
	}
}
