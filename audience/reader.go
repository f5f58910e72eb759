package audience

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/tangent-dsp/tangent/clock"
)

// What a read can come to, besides a profile. After any of them the profile
// is not known.
var (
	ErrTimeout  = errors.New("audience: no answer by the deadline")
	ErrBusy     = errors.New("audience: too many reads are waiting")
	ErrDown     = errors.New("audience: Redis has not answered for a while")
	ErrRedis    = errors.New("audience: Redis failed")
	ErrCorrupt  = errCorrupt
	ErrNoPermit = errors.New("audience: the permit is for nothing of the user's")
	ErrOptedOut = errors.New("audience: the user opted out")
	ErrClosed   = errors.New("audience: the reader is closed")
)

// ReaderConfig configures a [Reader]. Zero numbers mean the defaults named.
type ReaderConfig struct {
	Redis      RedisConfig
	Clock      clock.Clock           // market time: what has expired
	Registerer prometheus.Registerer // nil: nowhere
	Cache      *Cache                // asked before Redis; nil: none. The reader does not close it

	// Of each node of a Cluster.
	Flushers int // round trips in flight at most: 2
	MaxBatch int // reads per round trip at most: 128
	MaxQueue int // reads that may wait: 4096
}

// Reader reads profiles, one round trip per read of a user that is not in its cache. What arrives while a round trip
// is under way goes into the next one together, so that the system calls are
// shared when there is much to do and nobody waits when there is little.
//
// A read's deadline holds whatever Redis does. Once 16 reads in a row failed,
// reads are refused at once but for one in 100 ms, until one is answered.
// A Reader is safe for concurrent use. What its [Cache] has needs no Redis, and
// is given out while Redis is away, too, for as long as it is young enough.
//
// In a Cluster all this is by node: while one hangs or is gone, reads of its
// users fail or are refused, and those of the others' users go on. A read of
// ids on several nodes needs them all.
type Reader struct {
	client  redis.UniversalClient
	clock   clock.Clock
	cache   *Cache
	metrics *readMetrics
	lanes   *lanes
	calls   sync.Pool
	max     int
	opened  time.Time // what times of lanes are since

	closing chan struct{}
	closed  atomic.Bool
	flushes sync.WaitGroup
}

// NewReader returns a reader with its flushers running. Redis need not be up.
func NewReader(cfg ReaderConfig) (*Reader, error) {
	if cfg.Clock == nil {
		return nil, errors.New("cannot make the audience reader: no clock")
	}
	flushers, maxBatch, maxQueue := orDefault(cfg.Flushers, 2), orDefault(cfg.MaxBatch, 128), orDefault(cfg.MaxQueue, 4096)
	// No retries: by the time one came back its requests would be answered.
	client, err := cfg.Redis.connect(flushers+1, -1, 250*time.Millisecond)
	if err != nil {
		return nil, fmt.Errorf("cannot make the audience reader: %w", err)
	}
	r := &Reader{
		client:  client,
		clock:   cfg.Clock,
		cache:   cfg.Cache,
		max:     maxBatch,
		opened:  time.Now(),
		closing: make(chan struct{}),
	}
	r.calls.New = func() any { return newCall() }
	r.lanes = newLanes(client, func(to redis.UniversalClient) *lane {
		l := &lane{client: to, queue: make(chan part, maxQueue), closing: make(chan struct{})}
		l.used.Store(int64(time.Since(r.opened)))
		for range flushers {
			r.flushes.Go(func() { r.flush(l) })
		}
		return l
	}, func() time.Duration { return time.Since(r.opened) })
	if r.metrics, err = newReadMetrics(cfg.Registerer, r); err != nil {
		r.Close()
		return nil, fmt.Errorf("cannot make the audience reader: %w", err)
	}
	return r, nil
}

// Ping says whether Redis answers.
func (r *Reader) Ping(ctx context.Context) error {
	if err := r.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("cannot reach the audience: %w", err)
	}
	return nil
}

// Down says whether reads are refused because those before were not answered.
// In a Cluster those of one node's users are enough.
func (r *Reader) Down() bool { return r.lanes.down() }

// Close ends the flushers, waits for them and closes the connections. Reads
// that wait return [ErrClosed] or [ErrTimeout].
func (r *Reader) Close() error {
	if r.closed.Swap(true) {
		return nil
	}
	close(r.closing)
	r.lanes.close()
	r.flushes.Wait()
	return r.client.Close()
}

// Read fills p with what is known of a user and the permit allows to read: the
// segments to select ads, the exposures to cap frequency, and for every use
// whether the user opted out: nil and [ErrCorrupt] say that no id did, and after
// any other error nobody knows. Without leave for anything of the user's it asks
// nobody. keys are the user's ids, 1 to MaxIDs, the best first:
// the profile is that of the first of which anything is stored, and if one opted
// out there is none. It returns one of this package's errors and leaves p
// not known where there is no answer. It returns at the deadline, a time of the
// monotonic clock, even when Redis hangs; an answer that comes later is
// dropped and touches neither p nor anything else of the request.
func (r *Reader) Read(deadline time.Time, permit Permit, keys []UserKey, p *Profile) error {
	p.Reset()
	if !permit.Granted() || len(keys) == 0 || len(keys) > MaxIDs {
		return ErrNoPermit
	}
	start := time.Now()
	err := r.read(start, deadline, permit, keys, p)
	r.metrics.seconds.Observe(time.Since(start).Seconds())
	switch err {
	case nil:
		r.metrics.ok.Inc()
	case ErrTimeout:
		r.metrics.timeout.Inc()
	case ErrBusy:
		r.metrics.busy.Inc()
	case ErrDown:
		r.metrics.down.Inc()
	case ErrOptedOut:
		r.metrics.optedOut.Inc()
	case ErrCorrupt:
		r.metrics.corrupt.Inc()
	default:
		r.metrics.failed.Inc()
	}
	return err
}

func (r *Reader) read(start, deadline time.Time, permit Permit, keys []UserKey, p *Profile) error {
	left := deadline.Sub(start)
	switch {
	case r.closed.Load():
		return ErrClosed
	case left <= 0:
		return ErrTimeout
	}
	var ticket cacheTicket
	if r.cache != nil {
		var records [MaxIDs]record
		var found bool
		if ticket, found = r.cache.find(start, permit, keys, &records, &p.cached); found {
			return r.load(p, records[:len(keys)])
		}
	}
	var way route
	way.find(r.lanes, keys)
	if !way.allow(start.Sub(r.opened)) {
		return ErrDown
	}
	c := r.calls.Get().(*call)
	c.prepare(permit, keys, &way)
	if !r.queue(c, &way) {
		return ErrBusy
	}
	bad, err := r.wait(c, left)
	if err != nil {
		if err == ErrTimeout {
			way.note(bad, r.opened)
		}
		return err // the call is the flushers' now
	}
	defer r.calls.Put(c)
	defer c.forget()
	bad = c.failed.Load()
	if way.note(bad, r.opened); bad != 0 {
		return ErrRedis
	}
	if r.cache != nil {
		r.cache.keep(&ticket, permit, keys, c.records[:c.asked])
	}
	return r.load(p, c.records[:c.asked])
}

// load fills p.
func (r *Reader) load(p *Profile, records []record) error {
	part, err := p.load(records, r.clock.Now())
	if err == ErrCorrupt {
		r.metrics.damaged[part].Inc()
	}
	return err
}

// queue puts a call's parts into their lanes. False means that one was full,
// and that the call is the flushers'.
func (r *Reader) queue(c *call, way *route) bool {
	for at := range way.n {
		select {
		case way.lanes[at].queue <- part{c, uint8(at)}:
		default:
			c.abandon() // nobody can have answered it: this part has not ended
			for ; at < way.n; at++ {
				r.end(part{c, uint8(at)})
			}
			return false
		}
	}
	return true
}

// wait returns nil when the call was answered. Otherwise the call belongs to
// whoever ends its last part, the caller must not touch it again, and bad has
// a bit for each lane that had not answered.
func (r *Reader) wait(c *call, left time.Duration) (bad uint32, err error) {
	c.timer.Reset(left)
	select {
	case <-c.answered:
		c.timer.Stop()
		return 0, nil
	case <-c.timer.C:
		bad = c.open.Load() | c.failed.Load()
		if c.abandon() {
			return bad, ErrTimeout
		}
		// The answer came at the same moment; it is being handed over.
		<-c.answered
		return 0, nil
	case <-r.closing:
		c.timer.Stop()
		if c.abandon() {
			return 0, ErrClosed
		}
		<-c.answered
		return 0, nil
	}
}

func orDefault(n, def int) int {
	if n <= 0 {
		return def
	}
	return n
}
