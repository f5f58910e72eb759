package audience

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
)

// WriterConfig configures a [Writer].
type WriterConfig struct {
	Redis      RedisConfig
	Clock      clock.Clock           // market time: what has expired
	Registerer prometheus.Registerer // nil: nowhere
	Cache      *Cache                // that of this process's [Reader]; nil: it has none
}

// Writer changes what is stored of users. It is off the bid path: it waits
// for Redis and tries again. It is safe for concurrent use.
type Writer struct {
	client  redis.UniversalClient
	clock   clock.Clock
	metrics *writeMetrics
}

// NewWriter returns a writer. Redis need not be up.
func NewWriter(cfg WriterConfig) (*Writer, error) {
	if cfg.Clock == nil {
		return nil, errors.New("cannot make the audience writer: no clock")
	}
	client, err := cfg.Redis.connect(4, 2, 3*time.Second)
	if err != nil {
		return nil, fmt.Errorf("cannot make the audience writer: %w", err)
	}
	if cfg.Cache != nil {
		cfg.Cache.follow(client)
	}
	m, err := newWriteMetrics(cfg.Registerer)
	if err != nil {
		client.Close()
		return nil, fmt.Errorf("cannot make the audience writer: %w", err)
	}
	return &Writer{client: client, clock: cfg.Clock, metrics: m}, nil
}

// Close closes the connections.
func (w *Writer) Close() error { return w.client.Close() }

// Ping says whether Redis answers.
func (w *Writer) Ping(ctx context.Context) error {
	if err := w.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("cannot reach the audience: %w", err)
	}
	return nil
}

// ExposureWrite is one impression that a user saw, or a click or conversion.
type ExposureWrite struct {
	Key      UserKey
	Exposure campaign.Exposure
	// Hash is the same whenever this is written, and differs between
	// impressions, clicks and conversions.
	Hash uint64
}

// AddExposures appends exposures to their users' lists, under all ids that are
// matched with each other, in few round trips. Users who opted out are passed
// over. After an error some may be stored and some not; writing all of them
// again is right, since each counts once however often it is written. Needs
// Redis 7.
func (w *Writer) AddExposures(ctx context.Context, writes []ExposureWrite) error {
	if len(writes) == 0 {
		return nil
	}
	if err := w.addExposures(ctx, writes); err != nil {
		w.metrics.failed.Inc()
		return fmt.Errorf("cannot write exposures: %w", hideKeys(err))
	}
	return nil
}

func (w *Writer) addExposures(ctx context.Context, writes []ExposureWrite) error {
	users := make([]UserKey, len(writes))
	for i := range writes {
		users[i] = writes[i].Key
	}
	groups, err := w.groups(ctx, users)
	if err != nil {
		return err
	}
	var (
		pipe    = w.client.Pipeline()
		lengths = make(map[UserKey]*redis.IntCmd, len(writes)) // the last one reports the list as it is
		record  = make([]byte, 0, exposureSize*len(writes))
		check   after
	)
	for i := range writes {
		at := len(record)
		record = appendExposure(record, writes[i].Exposure, writes[i].Hash)
		g := groups[writes[i].Key]
		for j := range g.members {
			m := &g.members[j]
			key := exposuresKey(m.key)
			cmd := redis.NewIntCmd(ctx, "append", key, record[at:])
			_ = pipe.Process(ctx, cmd) // queues only
			// An impression does not shorten the life of a click before it.
			life := m.ttl(retention(writes[i].Exposure.Kind))
			pipe.ExpireNX(ctx, key, life)
			pipe.ExpireGT(ctx, key, life)
			if lengths[m.key] == nil {
				check.keys = append(check.keys, m.key)
			}
			lengths[m.key] = cmd
		}
	}
	if pipe.Len() == 0 {
		return nil
	}
	check.look(ctx, pipe)
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	if err := check.sweep(ctx, w); err != nil {
		return err
	}
	w.metrics.exposures.Add(float64(len(writes)))
	for key, length := range lengths {
		if length.Val() > compactBytes {
			if err := w.compact(ctx, &key); err != nil {
				return err
			}
		}
	}
	return nil
}

// compact rewrites a user's list with what readers would take of it. When an
// append comes in between, the append wins and the next one tries again.
func (w *Writer) compact(ctx context.Context, user *UserKey) error {
	key := string(appendExposuresKey(nil, user))
	err := w.client.Watch(ctx, func(tx *redis.Tx) error {
		value, err := tx.Get(ctx, key).Result()
		if errors.Is(err, redis.Nil) || err == nil && len(value) <= compactBytes {
			return nil // someone else did it
		}
		if err != nil {
			return err
		}
		var list exposureList
		kept, keep, err := compactExposures(nil, &list, value, w.clock.Now())
		if err != nil {
			// Nobody can read it, so that the user stays unknown for as long
			// as it is there.
			w.metrics.damaged.Inc()
		}
		left, err := tx.PTTL(ctx, key).Result()
		if err != nil {
			return err
		}
		if left > 0 { // not beyond the match that the key stands in
			keep = min(keep, left)
		}
		_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			if len(kept) == 0 {
				pipe.Del(ctx, key)
			} else {
				pipe.Set(ctx, key, kept, keep)
			}
			return nil
		})
		return err
	}, key)
	switch {
	case errors.Is(err, redis.TxFailedErr):
		w.metrics.conflicts.Inc()
		return nil
	case err == nil:
		w.metrics.compacted.Inc()
	}
	return err
}
