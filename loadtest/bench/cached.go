package bench

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/tangent-dsp/tangent/audience"
)

// Cached is a near-cache that as many users went through as it has room for,
// beside the most line items.
type Cached struct {
	Users     int     `json:"users"` // of the population, which come one after the other
	LineItems int     `json:"line_items"`
	Answers   int64   `json:"answers"`         // of as many requests
	Seconds   float64 `json:"seconds"`         // that the requests took
	Limit     int64   `json:"limit_bytes"`     // --user-cache-bytes
	Held      int64   `json:"held_bytes"`      // at most
	IDs       int64   `json:"held_ids"`        // at most: a user has up to three, all are looked up
	Evicted   int64   `json:"evicted_ids"`     // that made room before they were too old
	Before    int64   `json:"rss_bytes_empty"` // resident, before the first request
	Resident  int64   `json:"rss_bytes"`       // when all had come
	// How long a garbage collection takes while nobody asks, here and in the
	// bidder of the rounds, which has as many line items and no near-cache. 0
	// is too short to be told.
	Collection float64 `json:"collection_seconds"`
	Without    float64 `json:"collection_seconds_without"`
}

// bytesPerUser is what a near-cache takes of memory for a user with 200 bytes
// stored, by docs/operating.md.
const bytesPerUser = 282

// cacheAge is how long a near-cache may keep a user, at most. What is too old
// is wiped within as much again: all users have to come within that time.
const cacheAge = time.Minute

// cached has each user of a large population come once.
func (b *bench) cached(ctx context.Context) error {
	n := b.cfg.Cached
	out := &Cached{Users: n, LineItems: slices.Max(b.cfg.Sizes), Limit: max(audience.MinCacheBytes, int64(n)*bytesPerUser)}
	b.say("filling Redis with %s users", thousands(n))
	if err := b.fillUsers(ctx, b.redis.addr, n); err != nil {
		return err
	}
	series, err := b.launch(ctx, bidderSpec{kind: "near-cache of " + thousands(n) + " users", lineItems: out.LineItems, data: b.cacheData(),
		flags: []string{"--user-cache-bytes=" + strconv.FormatInt(out.Limit, 10), "--user-cache-age=" + cacheAge.String()}})
	if err != nil {
		return err
	}
	s := series.server
	if out.Before, err = residentOf(s.cmd.Process.Pid); err != nil {
		return err
	}
	rate := 1.5 * b.result.Rate // three quarters of the saturation, so that they come soon enough
	// It ends when all have come. They come at random times, so the last may be late.
	length := time.Duration((1.05*float64(n)/rate + 1) * float64(time.Second)).Round(time.Millisecond)
	b.say("%s users come once each, in %v", thousands(n), length.Round(time.Second))
	if err := out.fill(ctx, b, s, rate, length); err != nil {
		return err
	}
	if out.Resident, err = residentOf(s.cmd.Process.Pid); err != nil {
		return err
	}
	if out.Collection, err = s.collection(); err != nil {
		return err
	}
	if out.Without, err = b.result.largest().server.collection(); err != nil {
		return err
	}
	b.result.Cached = out
	b.did()
	return nil
}

// fill plays the requests, and looks every other second at what is held.
func (c *Cached) fill(ctx context.Context, b *bench, s *server, rate float64, length time.Duration) (err error) {
	done := make(chan error, 1)
	go func() {
		r, err := b.generate(ctx, s, func() {}, "--in-turn", "--users", strconv.Itoa(c.Users), "--consent", "1", "--no-bid", "0", "--rate", number(rate), "--duration", length.String())
		if err == nil {
			c.Seconds, c.Answers = r.Seconds, r.Answers
			b.found(r)
		}
		done <- err
	}()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case err = <-done:
			ended = true
		case <-tick.C:
		}
		if e := c.look(s); err == nil && ended {
			err = e
		}
	}
	return err
}

func (c *Cached) look(s *server) error {
	text, err := get(s.admin + "/metrics")
	if err != nil {
		return err
	}
	for name, to := range map[string]*int64{"bytes": &c.Held, "entries": &c.IDs, "evictions_total": &c.Evicted} {
		v, err := sumOf(text, "tangent_audience_cache_"+name, "")
		if err != nil {
			return err
		}
		*to = max(*to, int64(v))
	}
	return nil
}
