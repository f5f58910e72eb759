package audience

import (
	"errors"
	"testing"
	"time"
)

func TestBreaker(t *testing.T) {
	var b breaker
	now := time.Hour
	fail := func(times int) {
		for range times {
			b.failed(now)
		}
	}
	allowed := func(want bool, when string) {
		t.Helper()
		if got := b.allow(now); got != want {
			t.Errorf("%s: a read is allowed: %t", when, got)
		}
	}
	fail(downAfter - 1)
	allowed(true, "one failure too few")
	b.answered()
	fail(downAfter - 1)
	allowed(true, "an answer between the failures")
	fail(1)
	allowed(false, "down")
	if !b.down() {
		t.Error("not down")
	}
	now += probeEvery - 1
	allowed(false, "before the first probe")
	now++
	allowed(true, "the probe")
	allowed(false, "beside the probe")
	fail(1)
	now += probeEvery
	allowed(true, "the second probe")
	b.answered()
	allowed(true, "the probe was answered")
	allowed(true, "and everybody reads")
	if b.down() {
		t.Error("still down")
	}
}

// Given a Redis that hangs, when enough reads have met their deadline, then
// the others do not wait for theirs, but for one now and then; when Redis goes
// on, then so do reads.
func TestReadsDoNotWaitForARedisThatHangs(t *testing.T) {
	s := ownRedis(t)
	a := newRoom(t, func(c *ReaderConfig) { c.Redis.IOTimeout = time.Minute }, s.Addr())
	key := testKey(t, "ann")
	a.put(t, key, 1)
	a.read(t, key)
	if a.reader.Down() || a.metric(t, "tangent_audience_down", "") != 0 {
		t.Error("down, though Redis answers")
	}

	if err := s.Freeze(); err != nil {
		t.Fatal(err)
	}
	var p Profile
	read := func() error {
		return a.reader.Read(time.Now().Add(20*time.Millisecond), AssertConsent(), []UserKey{key}, &p)
	}
	for range downAfter {
		if err := read(); !errors.Is(err, ErrTimeout) {
			t.Fatalf("Redis hangs and the read returned %v", err)
		}
	}
	start, waited := time.Now(), 0
	for range 200 {
		switch err := read(); err {
		case ErrDown:
		case ErrTimeout:
			waited++
		default:
			t.Fatalf("Redis hangs and the read returned %v", err)
		}
		if p.Known {
			t.Fatal("a read that was refused knows the user")
		}
	}
	if most := int(time.Since(start)/probeEvery) + 1; waited > most {
		t.Errorf("%d reads waited in %v, want %d at most", waited, time.Since(start), most)
	}
	if !a.reader.Down() || a.metric(t, "tangent_audience_down", "") != 1 {
		t.Error("not down, though Redis hangs")
	}
	if n := a.metric(t, "tangent_audience_reads_total", "down"); n != float64(200-waited) {
		t.Errorf("%v reads were counted as refused, want %d", n, 200-waited)
	}
	if n := testing.AllocsPerRun(200, func() { _ = read() }); n > poolSlack {
		t.Errorf("a refused read allocates %v times", n)
	}

	if err := s.Thaw(); err != nil {
		t.Fatal(err)
	}
	for giveUp := time.Now().Add(10 * time.Second); ; {
		if err := read(); err == nil {
			break
		} else if time.Now().After(giveUp) {
			t.Fatalf("Redis goes on and reads still return %v", err)
		}
	}
	if a.reader.Down() {
		t.Error("down after a read was answered")
	}
	for range 50 {
		if p := a.read(t, key); len(p.Segments) != 1 {
			t.Fatalf("after the hang ann has segments %v", p.Segments)
		}
	}
}

// A deadline that had passed before is no failure of Redis's.
func TestLateRequestsDoNotMakeRedisDown(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	var p Profile
	for range 2 * downAfter {
		if err := a.reader.Read(time.Now().Add(-time.Second), AssertConsent(), []UserKey{testKey(t, "ann")}, &p); !errors.Is(err, ErrTimeout) {
			t.Fatal(err)
		}
	}
	if a.reader.Down() {
		t.Error("down, though Redis was asked nothing")
	}
	a.read(t, testKey(t, "ann"))
}
