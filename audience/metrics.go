package audience

import "github.com/prometheus/client_golang/prometheus"

// readMetrics are a Reader's. Every child is bound at the start: finding one
// by its label costs more than the rest of a read's bookkeeping.
type readMetrics struct {
	seconds  prometheus.Histogram
	ok       prometheus.Counter
	timeout  prometheus.Counter
	busy     prometheus.Counter
	down     prometheus.Counter
	optedOut prometheus.Counter
	failed   prometheus.Counter
	corrupt  prometheus.Counter
	damaged  [partCount]prometheus.Counter
	batch    prometheus.Histogram
	redis    prometheus.Histogram
}

func newReadMetrics(reg prometheus.Registerer, r *Reader) (*readMetrics, error) {
	reads := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tangent_audience_reads_total",
		Help: "Profile reads by result: ok, timeout (the request's deadline), busy (too many waiting), down (refused, since Redis did not answer those before), failed (Redis), corrupt (the stored value), opted_out (the user; nothing is known then).",
	}, []string{"result"})
	damaged := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "tangent_audience_corrupt_values_total",
		Help: "Stored values that could not be read, by which of a user's two values.",
	}, []string{"value"})
	m := &readMetrics{
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tangent_audience_read_seconds",
			Help:    "Time that a bid request waited for its user's profile, whatever the result.",
			Buckets: latencyBuckets(),
		}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tangent_audience_batch_reads",
			Help:    "Profile reads per round trip to Redis, in a Cluster to one node.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 9),
		}),
		redis: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "tangent_audience_redis_seconds",
			Help:    "Time of a round trip to Redis, failed ones included.",
			Buckets: latencyBuckets(),
		}),
		ok:       reads.WithLabelValues("ok"),
		timeout:  reads.WithLabelValues("timeout"),
		busy:     reads.WithLabelValues("busy"),
		down:     reads.WithLabelValues("down"),
		optedOut: reads.WithLabelValues("opted_out"),
		failed:   reads.WithLabelValues("failed"),
		corrupt:  reads.WithLabelValues("corrupt"),
	}
	m.damaged[partSegments] = damaged.WithLabelValues("segments")
	m.damaged[partExposures] = damaged.WithLabelValues("exposures")
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tangent_audience_" + name, Help: help}, value)
	}
	is := func(what func() bool) func() float64 {
		return func() float64 {
			if what() {
				return 1
			}
			return 0
		}
	}
	up := gauge("redis_up", "1 when the last round trip to Redis succeeded, 0 when it failed; in a Cluster that to any node that was asked in the last 10 s.", is(r.lanes.up))
	queue := gauge("reads_waiting", "Profile reads that wait for a round trip to Redis.", func() float64 { return float64(r.lanes.waiting()) })
	down := gauge("down", "1 while profile reads are refused, but for a few that probe, because Redis, or a node of a Cluster, did not answer those before.", is(r.Down))
	return m, register(reg, reads, damaged, m.seconds, m.batch, m.redis, up, queue, down)
}

// latencyBuckets are seconds from 50 us to 0.4 s.
func latencyBuckets() []float64 { return prometheus.ExponentialBuckets(50e-6, 2, 14) }

type writeMetrics struct {
	exposures, users, erased, optedOut, failed prometheus.Counter
	compacted, conflicts, damaged              prometheus.Counter
}

func newWriteMetrics(reg prometheus.Registerer) (*writeMetrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "tangent_audience_" + name, Help: help})
	}
	m := &writeMetrics{
		exposures: counter("exposures_written_total", "Exposures appended, repeated ones included."),
		users:     counter("segment_users_written_total", "Users whose segments were written."),
		erased:    counter("users_erased_total", "Users erased."),
		optedOut:  counter("opt_outs_total", "Opt-outs that were kept, repeated ones included."),
		failed:    counter("write_failures_total", "Writes that Redis did not confirm."),
		compacted: counter("compactions_total", "Exposure lists that were compacted."),
		conflicts: counter("compaction_conflicts_total", "Compactions that gave way to an append; the next append tries again."),
		damaged:   counter("replaced_values_total", "Stored values that could not be read and were replaced."),
	}
	return m, register(reg, m.exposures, m.users, m.erased, m.optedOut, m.failed, m.compacted, m.conflicts, m.damaged)
}
