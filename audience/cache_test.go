package audience

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// cached gives a room a cache whose entries outlive the test.
func cached(t testing.TB) func(*ReaderConfig) { return cachedFor(t, time.Hour) }

func cachedFor(t testing.TB, age time.Duration) func(*ReaderConfig) {
	return func(cfg *ReaderConfig) {
		t.Helper()
		var err error
		cfg.Cache, err = NewCache(CacheConfig{Bytes: MinCacheBytes, Age: age, Registerer: cfg.Registerer})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { cfg.Cache.Close() })
	}
}

// ages makes everything in the cache older. Nothing may read meanwhile.
func (a *room) ages(d time.Duration) { a.reader.cache.opened = a.reader.cache.opened.Add(-d) }

// stranger returns a writer of the same audience in another process.
func (a *room) stranger(t testing.TB, addrs ...string) *Writer {
	t.Helper()
	w, err := NewWriter(WriterConfig{Redis: redisAt(addrs...), Clock: a.clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// Given users who were read a moment ago, when they are read again, then Redis
// is not asked, not of those either of whom it knows nothing or who opted out;
// and all is counted.
func TestCacheAnswers(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, cached(t), s.Addr())
	ann, nobody, gone := testKey(t, "ann"), testKey(t, "nobody"), testKey(t, "gone")
	a.put(t, ann, 10, 20)
	a.see(t, ann, 1)
	if err := a.writer.OptOut(t.Context(), gone); err != nil {
		t.Fatal(err)
	}
	before := commands(t, s, "mget")
	for range 3 {
		a.has(t, "ann", ann, "[10 20]", 1)
		if p := a.read(t, nobody); !p.Known || p.Stored || len(p.Segments)+len(p.Exposures) != 0 {
			t.Errorf("nobody: %+v", p)
		}
		var p Profile
		if err := a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{gone}, &p); err != ErrOptedOut || p.Known {
			t.Errorf("a user who opted out: %v, known %v", err, p.Known)
		}
		if err := a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{nobody, ann}, &p); err != nil || p.Chosen != 1 || len(p.Segments) != 2 {
			t.Errorf("two ids: %+v, %v", p, err)
		}
	}
	if n := commands(t, s, "mget") - before; n != 3 {
		t.Errorf("Redis was asked %d times, want once for each of three users", n)
	}
	for name, want := range map[string]float64{"hits_total": 9, "misses_total": 3, "entries": 3, "evictions_total": 0} {
		if n := a.metric(t, "tangent_audience_cache_"+name, ""); n != want {
			t.Errorf("%s is %v, want %v", name, n, want)
		}
	}
	if n := a.metric(t, "tangent_audience_reads_total", "ok"); n != 9 {
		t.Errorf("%v reads were counted, want those from the cache, too", n)
	}
	if n := a.metric(t, "tangent_audience_cache_bytes", ""); n < 3*cacheHeader || n > MinCacheBytes {
		t.Errorf("the cache takes %v bytes", n)
	}
}

// What another process writes is seen when the answer is as old as stated, and
// not a nanosecond later; what this one writes, at once.
func TestCacheStaleness(t *testing.T) {
	const age = time.Hour
	s := newRedis(t)
	a := newRoom(t, cachedFor(t, age), s.Addr())
	other := a.stranger(t, s.Addr())
	ann := testKey(t, "ann")
	a.see(t, ann, 1)
	a.has(t, "at first", ann, "[]", 1)
	if err := other.AddExposures(t.Context(), []ExposureWrite{{ann, exposureAt(time.Minute, 5), 2}}); err != nil {
		t.Fatal(err)
	}
	a.ages(age / 2)
	a.has(t, "half as old as allowed", ann, "[]", 1)
	a.ages(age/2 - time.Minute) // and what the test takes itself, which is less
	a.has(t, "a little younger than allowed", ann, "[]", 1)
	a.ages(time.Minute)
	a.has(t, "as old as allowed", ann, "[]", 2)

	a.see(t, ann, 3)
	a.has(t, "after a write of our own", ann, "[]", 3)
	if err := other.OptOut(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	a.ages(age)
	var p Profile
	if err := a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{ann}, &p); err != ErrOptedOut {
		t.Errorf("an opt-out through another process, when the answer is too old: %v", err)
	}
}

// No permit reads by way of the cache what it could not read in Redis, whoever
// read the user before; and whoever may read more asks Redis again.
func TestCacheObeysThePermit(t *testing.T) {
	s := newRedis(t)
	plain := newRoom(t, nil, s.Addr())
	ann := testKey(t, "ann")
	plain.put(t, ann, 7)
	plain.see(t, ann, 1)
	a := newRoom(t, cached(t), s.Addr())
	read := func(a *room, permit Permit) string {
		p := Profile{Known: true, Stored: true}
		err := a.reader.Read(time.Now().Add(time.Minute), permit, []UserKey{ann}, &p)
		return fmt.Sprint(err, p.Known, p.Stored, p.Segments, p.Exposures)
	}
	for first := range allUses + 1 {
		for second := range allUses + 1 {
			a.reader.cache.drop(&ann)
			_ = read(a, Permit{first})
			for range 2 {
				if got, want := read(a, Permit{second}), read(plain, Permit{second}); got != want {
					t.Fatalf("uses %b after %b: %s; without a cache: %s", second, first, got, want)
				}
			}
		}
	}
}

// held lets an answer of Redis wait before the reader has it.
type held struct {
	answered chan struct{} // Redis has answered
	goOn     chan struct{}
}

func (h held) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (h held) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (h held) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		h.answered <- struct{}{}
		<-h.goOn
		return err
	}
}

// asks reads a user, and says whether Redis was asked. meanwhile is done when
// Redis has answered, before the reader has the answer.
func (h held) asks(t *testing.T, a *room, key UserKey, meanwhile func() error) (asked bool) {
	t.Helper()
	done := make(chan error)
	go func() {
		var p Profile
		done <- a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{key}, &p)
	}()
	var err error
	select {
	case <-h.answered:
		if err := meanwhile(); err != nil {
			t.Fatal(err)
		}
		h.goOn <- struct{}{}
		err, asked = <-done, true
	case err = <-done:
	}
	if err != nil && err != ErrOptedOut {
		t.Fatal(err)
	}
	return asked
}

// Given a read that Redis has answered, when the user is written, or time goes
// by, before the answer is here, then the answer is the read's and does not
// stay.
func TestCacheKeepsNoAnswerOfBefore(t *testing.T) {
	a := newRoom(t, func(cfg *ReaderConfig) { cfg.Flushers = 1; cached(t)(cfg) }, newRedis(t).Addr())
	ann := testKey(t, "ann")
	hold := held{make(chan struct{}), make(chan struct{})}
	a.reader.client.AddHook(hold)
	nothing := func() error { return nil }
	for _, c := range []struct {
		name      string
		meanwhile func() error
		stays     bool
	}{
		{"nothing", nothing, true},
		{"half the age", func() error { a.ages(time.Hour / 2); return nil }, true},
		{"the age", func() error { a.ages(time.Hour); return nil }, false},
		{"exposure", func() error {
			return a.writer.AddExposures(t.Context(), []ExposureWrite{{ann, exposureAt(time.Minute, 5), 1}})
		}, false},
		{"erasure", func() error { _, err := a.writer.Erase(t.Context(), false, ann); return err }, false},
		{"opt-out", func() error { return a.writer.OptOut(t.Context(), ann) }, false},
	} {
		a.reader.cache.drop(&ann)
		if !hold.asks(t, a, ann, c.meanwhile) {
			t.Fatal("the user was in the cache")
		}
		if asked := hold.asks(t, a, ann, nothing); asked == c.stays {
			t.Errorf("%s before the answer was here: the next read asked Redis: %v", c.name, asked)
		}
	}
}

// Given a writer and readers of the same user at once, when a write has
// returned, then no read that begins later knows less.
func TestCacheReadsWhatWasWritten(t *testing.T) {
	a := newRoom(t, cached(t), newRedis(t).Addr())
	ann := testKey(t, "ann")
	stop := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			var p Profile
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{ann}, &p); err != nil {
					t.Errorf("cannot read: %v", err)
					return
				}
			}
		})
	}
	for n := range 200 {
		a.see(t, ann, uint64(n)+1)
		if p := a.read(t, ann); len(p.Exposures) != n+1 {
			t.Errorf("%d exposures after %d were written", len(p.Exposures), n+1)
			break
		}
	}
	close(stop)
	all.Wait()
	if n := a.metric(t, "tangent_audience_cache_hits_total", ""); n == 0 {
		t.Error("the cache answered nothing")
	}
}

// Given a Redis that hangs, when users are read, then those in the cache are
// known until they are too old, and then nobody is.
func TestCacheWhileRedisHangs(t *testing.T) {
	s := ownRedis(t)
	a := newRoom(t, cached(t), s.Addr())
	ann, bob := testKey(t, "ann"), testKey(t, "bob")
	a.put(t, ann, 1)
	a.has(t, "before", ann, "[1]", 0)
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	read := func(key UserKey) (known bool, err error) {
		var p Profile
		err = a.reader.Read(time.Now().Add(20*time.Millisecond), AssertConsent(), []UserKey{key}, &p)
		return p.Known, err
	}
	for range 2 * downAfter {
		if known, err := read(bob); known || !errors.Is(err, ErrTimeout) && !errors.Is(err, ErrDown) {
			t.Fatalf("a user who is not in the cache: known %v, %v", known, err)
		}
	}
	var p Profile
	if err := a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{ann}, &p); err != nil || len(p.Segments) != 1 {
		t.Errorf("a user in the cache: %v, segments %v", err, p.Segments)
	}
	a.ages(time.Hour)
	if known, err := read(ann); known || !errors.Is(err, ErrTimeout) && !errors.Is(err, ErrDown) {
		t.Errorf("a user who was in the cache for too long: known %v, %v", known, err)
	}
	if err := s.Thaw(); err != nil {
		t.Fatal(err)
	}
}

// A hit allocates nothing.
func TestCacheHitAllocations(t *testing.T) {
	a := newRoom(t, cached(t), newRedis(t).Addr())
	keys := []UserKey{testKey(t, "nobody"), testKey(t, "ann")}
	a.put(t, keys[1], 1, 2, 3)
	a.see(t, keys[1], 1)
	var p Profile
	read := func() {
		if err := a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), keys, &p); err != nil || len(p.Segments) != 3 {
			t.Fatalf("%v, segments %v", err, p.Segments)
		}
	}
	read()
	read()
	if n := testing.AllocsPerRun(1000, read); n != 0 {
		t.Errorf("a read from the cache allocates %v times", n)
	}
}

func TestCacheConfigIsChecked(t *testing.T) {
	for _, c := range []CacheConfig{{}, {Bytes: MinCacheBytes}, {Age: time.Second}, {Bytes: MinCacheBytes - 1, Age: time.Second}, {Bytes: MinCacheBytes, Age: -1}} {
		if _, err := NewCache(c); err == nil {
			t.Errorf("%+v made a cache", c)
		}
	}
}
