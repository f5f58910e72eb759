package tracking

import (
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/event"
)

// outcome is what became of an authentic notice.
type outcome int

const (
	outcomeKept outcome = iota
	outcomeLate
	outcomeExpired
	outcomeLost
	outcomeCount
)

var outcomeNames = [outcomeCount]string{"kept", "late", "expired", "lost"}

// refused is why a request is not a notice.
type refused int

const (
	refusedPath refused = iota
	refusedMethod
	refusedToken
	refusedKey
	refusedOrder
	refusedCount
)

var refusedNames = [refusedCount]string{"path", "method", "token", "key", "order"}

// kinds is the length of an array indexed by a kind that has a route.
const kinds = int(event.KindConversion) + 1

type metrics struct {
	notices   *prometheus.CounterVec
	refused   [refusedCount]prometheus.Counter
	age       [kinds]prometheus.Observer
	append    prometheus.Histogram
	noLanding prometheus.Counter
	panics    prometheus.Counter

	name      func(event.ExchangeID) string
	mu        sync.Mutex // serialises writers of exchanges
	exchanges atomic.Pointer[map[event.ExchangeID]*exchangeMetrics]
}

// exchangeMetrics are one exchange's, bound: finding a counter by its labels
// costs more than the rest of a notice.
type exchangeMetrics struct {
	notices [kinds][outcomeCount]prometheus.Counter
}

func newMetrics(reg prometheus.Registerer, name func(event.ExchangeID) string) (*metrics, error) {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tangent_tracking_refused_total",
		Help: "Requests that are not notices, by reason: path, method, token (forged, damaged, or for another purpose), and of conversions key (not the advertiser's) and order (not readable).",
	}, []string{"reason"})
	ages := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "tangent_tracking_event_age_seconds",
		Help:    "Market time from bid to notice, by kind.",
		Buckets: []float64{.1, .3, 1, 3, 10, 30, 60, 300, 900, 3600, 4 * 3600, 86400, 7 * 86400, 30 * 86400},
	}, []string{"kind"})
	m := &metrics{
		notices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tangent_tracking_notices_total",
			Help: "Authentic notices by exchange, kind and outcome: kept, late (kept, beyond the horizon), expired (kept for reconciliation only), lost (the log did not take it; exchanges send it again).",
		}, []string{"exchange", "kind", "outcome"}),
		append: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tangent_tracking_append_seconds",
			Help:    "Time that a notice waited for the event log, failures included.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2, 15),
		}),
		noLanding: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tangent_tracking_clicks_without_landing_total",
			Help: "Clicks on creatives whose landing URL is not known.",
		}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tangent_tracking_panics_total",
			Help: "Notices that met a bug. Each is asked for again.",
		}),
		name: name,
	}
	for r := range m.refused {
		m.refused[r] = requests.WithLabelValues(refusedNames[r])
	}
	for k := event.KindWin; int(k) < kinds; k++ {
		m.age[k] = ages.WithLabelValues(k.String())
	}
	m.exchanges.Store(&map[event.ExchangeID]*exchangeMetrics{})
	if reg == nil {
		return m, nil
	}
	for _, c := range []prometheus.Collector{m.notices, requests, ages, m.append, m.noLanding, m.panics} {
		if err := reg.Register(c); err != nil {
			return nil, fmt.Errorf("cannot register metrics: %w", err)
		}
	}
	return m, nil
}

// of returns the counters of an exchange. Ids come from authentic tokens, so
// there are few.
func (m *metrics) of(id event.ExchangeID) *exchangeMetrics {
	if e, ok := (*m.exchanges.Load())[id]; ok {
		return e
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known := *m.exchanges.Load()
	if e, ok := known[id]; ok {
		return e
	}
	e := new(exchangeMetrics)
	name := m.name(id)
	for k := event.KindWin; int(k) < kinds; k++ {
		for o := range e.notices[k] {
			e.notices[k][o] = m.notices.WithLabelValues(name, k.String(), outcomeNames[o])
		}
	}
	grown := maps.Clone(known)
	grown[id] = e
	m.exchanges.Store(&grown)
	return e
}
