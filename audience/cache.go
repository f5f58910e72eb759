package audience

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/prometheus/client_golang/prometheus"
)

// CacheConfig configures a [Cache]. There are no defaults.
type CacheConfig struct {
	Bytes      int                   // memory, all included: MinCacheBytes to MaxCacheBytes
	Age        time.Duration         // how old an answer may be, in real time
	Registerer prometheus.Registerer // nil: nowhere
}

// The least and the most memory of a [Cache].
const (
	MinCacheBytes = 8 << 20
	MaxCacheBytes = 64 << 30
)

// Cache keeps, in this process, what Redis said of users a moment ago: also
// that it said nothing of them, which is most of what it says. A [Reader] that
// has one asks Redis only of users whom it does not find there. A [Writer]
// that has the same one takes out of it what it writes, before the write
// returns: a read that begins later finds it. An answer is given out to reads
// that begin less than Age after the one that brought it began, which was
// before Redis was asked: so what another process wrote is seen by every read
// that begins Age later or more. That the request goes on with it for some
// milliseconds comes on top.
//
// What is in it is never looked at without a [Permit] for it, and of users who
// opted out it keeps only that they did. What is older than Age is overwritten
// with zeros, within another Age at most. What there is no room for makes the
// oldest go. A Cache is safe for concurrent use.
type Cache struct {
	shards [cacheShards]cacheShard
	age    time.Duration
	opened time.Time // what the times of entries are since
	hits   prometheus.Counter
	misses prometheus.Counter

	closing, closed chan struct{}
}

// NewCache returns an empty cache. Its memory is outside the Go heap, where it
// would let the garbage grow by as much before it is collected, and is taken
// from the system as it is used.
func NewCache(cfg CacheConfig) (*Cache, error) {
	if cfg.Bytes < MinCacheBytes || cfg.Bytes > MaxCacheBytes {
		return nil, fmt.Errorf("cannot make the cache of users: %d bytes: allowed is %d to %d", cfg.Bytes, MinCacheBytes, MaxCacheBytes)
	}
	if cfg.Age <= 0 {
		return nil, errors.New("cannot make the cache of users: an age above 0 is needed")
	}
	c := &Cache{age: cfg.Age, opened: time.Now(), closing: make(chan struct{}), closed: make(chan struct{})}
	memory, err := newMemory(c, cfg.Bytes)
	if err != nil {
		return nil, fmt.Errorf("cannot make the cache of users: %w", err)
	}
	each := cfg.Bytes / cacheShards &^ 63 // whole lines of the processor's cache
	for i := range c.shards {
		c.shards[i].open(memory[i*each:][:each])
	}
	if err := c.register(cfg.Registerer); err != nil {
		return nil, fmt.Errorf("cannot make the cache of users: %w", err)
	}
	go c.sweep()
	return c, nil
}

// Close ends what wipes old entries, and wipes all.
func (c *Cache) Close() error {
	close(c.closing)
	<-c.closed
	return nil
}

// sweep wipes what is too old once per Age.
func (c *Cache) sweep() {
	defer close(c.closed)
	tick := time.NewTicker(c.age)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			c.wipe(c.since(time.Now()) - c.age)
		case <-c.closing:
			c.wipe(c.since(time.Now()))
			return
		}
	}
}

// wipe takes out what Redis was asked for by an instant.
func (c *Cache) wipe(until time.Duration) {
	for i := range c.shards {
		for c.shards[i].wipe(until) {
		}
	}
}

func (c *Cache) since(t time.Time) time.Duration { return t.Sub(c.opened) }

// cacheTicket says how things stood before Redis was asked. Its answer is as
// old as that, and is kept only if nothing was written meanwhile: it may be of
// before.
type cacheTicket struct {
	asked    time.Duration // since the cache was opened
	versions [MaxIDs]uint32
}

// find looks users up. It returns their records, as far as the permit allows
// to read, in memory of buf, or false and the ticket for [Cache.keep] when one
// of them is not there.
func (c *Cache) find(start time.Time, permit Permit, keys []UserKey, records *[MaxIDs]record, buf *[]byte) (ticket cacheTicket, ok bool) {
	ticket.asked = c.since(start)
	needs := partsOf(permit)
	ok = true
	*buf = (*buf)[:0]
	for i := range keys {
		var found bool
		*buf, ticket.versions[i], found = c.shard(&keys[i]).get(&keys[i], needs, ticket.asked-c.age, &records[i], *buf)
		ok = ok && found
	}
	if ok {
		c.hits.Inc()
	} else {
		c.misses.Inc()
	}
	return ticket, ok
}

// keep puts in what Redis said.
func (c *Cache) keep(ticket *cacheTicket, permit Permit, keys []UserKey, records []record) {
	for i := range keys {
		c.shard(&keys[i]).put(&keys[i], ticket.versions[i], &cacheEntry{records[i], partsOf(permit), ticket.asked}, ticket.asked-c.age)
	}
}

// drop takes a user out, and everything that is on its way in.
func (c *Cache) drop(key *UserKey) { c.shard(key).drop(key) }

// hashOf returns 64 bits of a key, which is a keyed hash already.
func hashOf(key *UserKey) uint64 { return binary.LittleEndian.Uint64(key[1:]) }

func (c *Cache) shard(key *UserKey) *cacheShard { return &c.shards[hashOf(key)%cacheShards] }

// parts are the values of a record that were asked for, beside the identity,
// a bit each.
type parts uint8

func partsOf(p Permit) (which parts) {
	if p.Allows(SelectAds) {
		which |= 1 << partSegments
	}
	if p.Allows(CapFrequency) {
		which |= 1 << partExposures
	}
	return which
}

func (p parts) has(part recordPart) bool { return p&(1<<part) != 0 }

// textOf returns bytes as a string, over the same memory.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (c *Cache) register(reg prometheus.Registerer) error {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "tangent_audience_cache_" + name, Help: help})
	}
	c.hits = counter("hits_total", "Profile reads that were answered from the cache of users.")
	c.misses = counter("misses_total", "Profile reads of which a user was not in the cache, or no longer young enough.")
	evictions := prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "tangent_audience_cache_evictions_total",
		Help: "Users that left the cache for want of room, before they were too old.",
	}, func() float64 { return c.sum(func(s *cacheShard) int { return int(s.evicted) }) })
	entries := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tangent_audience_cache_entries",
		Help: "Users' ids in the cache, those included of whom nothing is stored.",
	}, func() float64 { return c.sum(func(s *cacheShard) int { return s.entries }) })
	used := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "tangent_audience_cache_bytes",
		Help: "Memory that the cache's entries and its index take now.",
	}, func() float64 { return c.sum((*cacheShard).used) })
	return register(reg, c.hits, c.misses, evictions, entries, used)
}

func (c *Cache) sum(of func(*cacheShard) int) (sum float64) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		sum += float64(of(s))
		s.mu.Unlock()
	}
	return sum
}
