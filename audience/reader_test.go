package audience

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// put gives a user segments for an hour.
func (a *room) put(t testing.TB, key UserKey, segments ...event.SegmentID) {
	t.Helper()
	var changes []membership
	for _, s := range segments {
		changes = append(changes, membership{s, noon.Add(time.Hour)})
	}
	if _, err := a.writer.putSegments(context.Background(), []segmentsWrite{{key, changes}}); err != nil {
		t.Fatal(err)
	}
}

// commands returns how often a Redis was sent a command since it started.
func commands(t testing.TB, s *redistest.Server, name string) (calls int) {
	t.Helper()
	c := s.Client()
	defer c.Close()
	text, err := c.Info(context.Background(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	if _, after, found := strings.Cut(text, "cmdstat_"+name+":calls="); found {
		if _, err := fmt.Sscan(after[:strings.IndexByte(after, ',')], &calls); err != nil {
			t.Fatal(err)
		}
	}
	return calls
}

// Given users with segments and exposures, when they are read, then each read
// is one MGET and finds what was written; a user nobody wrote is known to have
// nothing.
func TestReadFindsWhatWasWritten(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	ann, bob, nobody := testKey(t, "ann"), testKey(t, "bob"), testKey(t, "nobody")
	a.put(t, ann, 30, 10, 20)
	seen := campaign.Exposure{At: noon.Add(-time.Minute), LineItem: 5, Campaign: 6}
	for range 2 { // the same notice twice is one impression
		if err := a.writer.AddExposures(context.Background(), []ExposureWrite{{Key: bob, Exposure: seen, Hash: 99}}); err != nil {
			t.Fatal(err)
		}
	}

	before := commands(t, s, "mget")
	p := a.read(t, ann)
	if fmt.Sprint(p.Segments) != "[10 20 30]" || len(p.Exposures) != 0 || !p.Known {
		t.Errorf("ann: %+v", p)
	}
	p = a.read(t, bob)
	if len(p.Segments) != 0 || len(p.Exposures) != 1 || p.Exposures[0] != seen || !p.Known {
		t.Errorf("bob: %+v", p)
	}
	p = a.read(t, nobody)
	if len(p.Segments)+len(p.Exposures) != 0 || !p.Known {
		t.Errorf("nobody: %+v", p)
	}
	if n := commands(t, s, "mget") - before; n != 3 {
		t.Errorf("three reads were %d MGETs", n)
	}
	if n := a.metric(t, "tangent_audience_reads_total", "ok"); n != 3 {
		t.Errorf("%v reads were counted, want 3", n)
	}
}

// Given many requests at once, when each reads a user of its own, then no one
// gets another's profile, whatever shared a batch.
func TestConcurrentReadsDoNotMix(t *testing.T) {
	a := newRoom(t, func(c *ReaderConfig) { c.MaxBatch = 7 }, newRedis(t).Addr())
	const users = 40
	keys := make([]UserKey, users)
	for i := range keys {
		keys[i] = testKey(t, fmt.Sprint("user ", i))
		a.put(t, keys[i], event.SegmentID(i+1))
	}
	var all sync.WaitGroup
	for g := range 32 {
		all.Go(func() {
			var p Profile
			for n := range 100 {
				i := (g*31 + n*7) % users
				if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{keys[i]}, &p); err != nil {
					t.Errorf("cannot read: %v", err)
					return
				}
				if len(p.Segments) != 1 || p.Segments[0] != event.SegmentID(i+1) {
					t.Errorf("user %d has segments %v", i, p.Segments)
					return
				}
			}
		})
	}
	all.Wait()
}

// What the permit does not allow is not read, whatever is stored.
func TestReadsWhatThePermitAllows(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	ann := testKey(t, "ann")
	a.put(t, ann, 7)
	if err := a.writer.AddExposures(context.Background(), []ExposureWrite{{ann, exposureAt(time.Hour, 7), 1}}); err != nil {
		t.Fatal(err)
	}
	for all := range allUses + 1 {
		permit := Permit{all}
		segments, exposures := permit.Allows(SelectAds), permit.Allows(CapFrequency)
		p := Profile{Known: true, Segments: []event.SegmentID{1}}
		err := a.reader.Read(time.Now().Add(10*time.Second), permit, []UserKey{ann}, &p)
		if !permit.Granted() {
			if err != ErrNoPermit || p.Known || len(p.Segments) > 0 {
				t.Fatalf("uses %b: %v, known %v", all, err, p.Known)
			}
			continue
		}
		if err != nil || !p.Known || (len(p.Segments) == 1) != segments || (len(p.Exposures) == 1) != exposures {
			t.Fatalf("uses %b: %v, known %v, segments %v, exposures %v", all, err, p.Known, p.Segments, p.Exposures)
		}
	}
	if n := metricOf(t, a.metrics, "tangent_audience_reads_total", "ok"); int(n) != 30 {
		t.Errorf("%v reads; want one for each permit that is for the user", n)
	}
}

// Whoever opted out has, for whatever use.
func TestAnOptOutCountsForEveryUse(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	ann, bob := testKey(t, "ann"), testKey(t, "bob")
	if err := a.writer.OptOut(t.Context(), ann); err != nil {
		t.Fatal(err)
	}
	for all := range allUses + 1 {
		want := ErrOptedOut
		if all&ofUser == 0 {
			want = ErrNoPermit
		}
		var p Profile
		if err := a.reader.Read(time.Now().Add(10*time.Second), Permit{all}, []UserKey{bob, ann}, &p); err != want || p.Known {
			t.Errorf("uses %b: %v, known %v", all, err, p.Known)
		}
	}
}

// Given a Redis that hangs, when requests read, then each has its answer at
// its deadline; when Redis goes on, then late answers touch nobody and the
// next reads are right.
func TestDeadlineHoldsWhenRedisHangs(t *testing.T) {
	s := ownRedis(t)
	a := newRoom(t, func(c *ReaderConfig) { c.Redis.IOTimeout = time.Minute }, s.Addr())
	ann, bob := testKey(t, "ann"), testKey(t, "bob")
	a.put(t, ann, 1)
	a.put(t, bob, 2)
	a.read(t, ann) // a connection is there

	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	const late = downAfter - 1 // fewer than make it down, more than there are flushers: some hang in Redis, some in the queue
	profiles := make([]Profile, late)
	var all sync.WaitGroup
	for i := range late {
		all.Go(func() {
			start := time.Now()
			err := a.reader.Read(start.Add(30*time.Millisecond), AssertConsent(), []UserKey{ann}, &profiles[i])
			took := time.Since(start)
			if !errors.Is(err, ErrTimeout) || profiles[i].Known {
				t.Errorf("Redis hangs and the read returned %v, known %v", err, profiles[i].Known)
			}
			if took < 30*time.Millisecond || took > 5*time.Second {
				t.Errorf("a deadline of 30 ms was answered after %v", took)
			}
		})
	}
	all.Wait()
	if n := a.metric(t, "tangent_audience_reads_total", "timeout"); n != late {
		t.Errorf("%v timeouts were counted, want %d", n, late)
	}
	if err := s.Thaw(); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if p := a.read(t, bob); len(p.Segments) != 1 || p.Segments[0] != 2 {
			t.Fatalf("after the hang bob has segments %v", p.Segments)
		}
	}
	for i := range profiles {
		if profiles[i].Known || len(profiles[i].Segments) != 0 {
			t.Fatal("a late answer was written into a profile that timed out")
		}
	}
}

// Given a Redis that hangs and a queue of two, when more reads come, then
// they are refused at once.
func TestBusyWhenTheQueueIsFull(t *testing.T) {
	s := ownRedis(t)
	a := newRoom(t, func(c *ReaderConfig) {
		c.Redis.IOTimeout, c.Flushers, c.MaxBatch, c.MaxQueue = time.Minute, 1, 1, 2
	}, s.Addr())
	key := testKey(t, "ann")
	a.read(t, key)
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 16)
	for range cap(results) {
		go func() {
			var p Profile
			results <- a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{key}, &p)
		}()
	}
	// One is in flight and two wait at most; where the flusher was slow to take
	// the first, one fewer waits.
	for range cap(results) - 3 {
		if err := <-results; err != ErrBusy {
			t.Errorf("Redis hangs, the queue is full and the read returned %v", err)
		}
	}
	if err := s.Thaw(); err != nil {
		t.Fatal(err)
	}
	busy := 0
	for range 3 {
		switch err := <-results; err {
		case nil:
		case ErrBusy:
			busy++
		default:
			t.Errorf("got %v", err)
		}
	}
	if busy > 1 {
		t.Errorf("%d reads were refused though the queue had room for them", busy)
	}
}

// Given a Redis that is gone, when requests read, then they are told in time
// and a metric says so; when it is back, reads work again.
func TestRedisGoneAndBack(t *testing.T) {
	s := ownRedis(t)
	a := newRoom(t, nil, s.Addr())
	key := testKey(t, "ann")
	a.read(t, key)
	if up := a.metric(t, "tangent_audience_redis_up", ""); up != 1 {
		t.Errorf("redis_up is %v while it is", up)
	}
	s.Kill()
	var p Profile
	for range 20 {
		start := time.Now()
		err := a.reader.Read(start.Add(50*time.Millisecond), AssertConsent(), []UserKey{key}, &p)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("a deadline of 50 ms was answered after %v", took)
		}
		if (!errors.Is(err, ErrRedis) && !errors.Is(err, ErrTimeout) && !errors.Is(err, ErrDown)) || p.Known {
			t.Fatalf("Redis is gone and the read returned %v, known %v", err, p.Known)
		}
	}
	if up := a.metric(t, "tangent_audience_redis_up", ""); up != 0 {
		t.Errorf("redis_up is %v while it is gone", up)
	}
	if err := a.reader.Ping(context.Background()); err == nil {
		t.Error("Ping reached a Redis that is gone")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	for giveUp := time.Now().Add(time.Minute); ; {
		if err := a.reader.Read(time.Now().Add(50*time.Millisecond), AssertConsent(), []UserKey{key}, &p); err == nil {
			break
		} else if time.Now().After(giveUp) {
			t.Fatalf("Redis is back and reads still return %v", err)
		}
	}
	if up := a.metric(t, "tangent_audience_redis_up", ""); up != 1 || !p.Known {
		t.Errorf("redis_up is %v after it came back", up)
	}
}

// A value that cannot be read makes the user unknown, and a metric tells.
func TestReadOfADamagedValue(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	key := testKey(t, "ann")
	c := s.Client()
	defer c.Close()
	if err := c.Set(context.Background(), string(appendExposuresKey(nil, &key)), "not ours", 0).Err(); err != nil {
		t.Fatal(err)
	}
	var p Profile
	if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{key}, &p); !errors.Is(err, ErrCorrupt) || p.Known {
		t.Errorf("got %v, known %v", err, p.Known)
	}
	if n := a.metric(t, "tangent_audience_corrupt_values_total", "exposures"); n != 1 {
		t.Errorf("%v damaged values were counted, want 1", n)
	}
}

func TestReadAfterTheDeadline(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	p := Profile{Known: true}
	if err := a.reader.Read(time.Now().Add(-time.Second), AssertConsent(), []UserKey{testKey(t, "ann")}, &p); !errors.Is(err, ErrTimeout) || p.Known {
		t.Errorf("got %v, known %v", err, p.Known)
	}
}

// Given reads that wait for a Redis that hangs, when the reader closes, then
// they end and so does Close.
func TestCloseEndsWaitingReads(t *testing.T) {
	s := ownRedis(t)
	a := newRoom(t, func(c *ReaderConfig) { c.Redis.IOTimeout = 100 * time.Millisecond }, s.Addr())
	key := testKey(t, "ann")
	var p Profile
	for limit := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) { // on a busy machine one may take longer than 100 ms
		err := a.reader.Read(limit, AssertConsent(), []UserKey{key}, &p)
		if err == nil {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("no read is answered within a minute: %v", err)
		}
	}
	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	results := make(chan error, 8)
	for range cap(results) {
		go func() {
			var p Profile
			results <- a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{key}, &p)
		}()
	}
	if err := a.reader.Close(); err != nil {
		t.Fatal(err)
	}
	for range cap(results) {
		if err := <-results; !errors.Is(err, ErrClosed) && !errors.Is(err, ErrRedis) {
			t.Errorf("a waiting read returned %v", err)
		}
	}
	if err := a.reader.Read(time.Now().Add(time.Minute), AssertConsent(), []UserKey{key}, &p); !errors.Is(err, ErrClosed) {
		t.Errorf("a read after Close returned %v", err)
	}
}

func TestReaderConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]RedisConfig{
		"no address":        {},
		"two, no cluster":   {Addrs: []string{"a:1", "b:1"}},
		"cluster, other db": {Addrs: []string{"a:1"}, Cluster: true, DB: 1},
	} {
		if r, err := NewReader(ReaderConfig{Redis: cfg, Clock: clock.NewManual(noon)}); err == nil {
			r.Close()
			t.Errorf("%s: made a reader", name)
		}
	}
	if _, err := NewReader(ReaderConfig{Redis: RedisConfig{Addrs: []string{"a:1"}}}); err == nil {
		t.Error("made a reader without a clock")
	}
}

// A read allocates what go-redis does for an MGET in a pipeline and no more.
func TestReadAllocations(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	key := testKey(t, "ann")
	a.put(t, key, 1, 2, 3)
	var p Profile
	read := func() {
		if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{key}, &p); err != nil {
			t.Fatal(err)
		}
	}
	read()
	ours := testing.AllocsPerRun(500, read)

	pipe := a.reader.client.Pipeline()
	ctx := context.Background()
	one, two := string(appendSegmentsKey(nil, &key)), string(appendExposuresKey(nil, &key))
	theirs := testing.AllocsPerRun(500, func() {
		pipe.MGet(ctx, one, two)
		if _, err := pipe.Exec(ctx); err != nil {
			t.Fatal(err)
		}
	})
	if ours > theirs+poolSlack {
		t.Errorf("a read allocates %v times, go-redis alone %v", ours, theirs)
	}
}

// Given a read of ids on three nodes of which the second takes no more, then it
// is refused, and given back by the lane that already has a part of it.
func TestBusyWhereOneOfSeveralQueuesIsFull(t *testing.T) {
	r := &Reader{}
	var lanes [MaxIDs]*lane
	for i, room := range [MaxIDs]int{1, 0, 1} {
		lanes[i] = &lane{queue: make(chan part, room)}
	}
	way := route{lanes: lanes, n: MaxIDs, of: [MaxIDs]uint8{0, 1, 2}}
	keys := []UserKey{testKey(t, "ann"), testKey(t, "bob"), testKey(t, "cid")}
	c := newCall()
	c.prepare(AssertConsent(), keys, &way)
	if r.queue(c, &way) {
		t.Error("queued, though one queue is full")
	}
	if open := c.open.Load(); open != 1 || !c.abandoned() || len(lanes[0].queue) != 1 || len(lanes[2].queue) != 0 {
		t.Fatalf("open parts %b, abandoned %v, %d and %d wait; want the first alone", open, c.abandoned(), len(lanes[0].queue), len(lanes[2].queue))
	}
	if parts := r.take(nil, <-lanes[0].queue); len(parts) != 0 || c.open.Load() != 0 {
		t.Errorf("%d parts go to Redis, open %b, though the caller has gone", len(parts), c.open.Load())
	}
}
