package audience

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
)

// Given a user who sees more and more, when exposures are appended, then the
// stored list stays bounded, the latest are kept, and it expires.
func TestExposuresAreCompacted(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	key := testKey(t, "ann")
	c := s.Client()
	defer c.Close()
	ctx := context.Background()
	stored := string(appendExposuresKey(nil, &key))
	const shown = 2000
	for n := 0; n < shown; n += 10 {
		var writes []ExposureWrite
		for i := range 10 {
			e := exposureAt(time.Duration(shown-n-i)*time.Second, event.LineItemID(n+i))
			writes = append(writes, ExposureWrite{key, e, uint64(n+i) * 0x9e3779b97f4a7c15})
		}
		if err := a.writer.AddExposures(ctx, writes); err != nil {
			t.Fatal(err)
		}
		if size := c.StrLen(ctx, stored).Val(); size > compactBytes {
			t.Fatalf("after %d exposures the list has %d bytes, bound %d", n+10, size, compactBytes)
		}
	}
	p := a.read(t, key)
	if len(p.Exposures) != MaxImpressions {
		t.Fatalf("%d exposures are read, want %d", len(p.Exposures), MaxImpressions)
	}
	for _, e := range p.Exposures {
		if e.LineItem < shown-MaxImpressions {
			t.Fatalf("exposure %d is kept, and it is not one of the latest %d", e.LineItem, MaxImpressions)
		}
	}
	if ttl := c.TTL(ctx, stored).Val(); ttl <= Retention-time.Hour || ttl > Retention {
		t.Errorf("the list is kept for %v, want %v", ttl, Retention)
	}
	// A click is kept for longer, whatever is seen after it.
	for i, kind := range []campaign.TouchKind{campaign.TouchClick, campaign.TouchImpression} {
		e := exposureAt(0, 1)
		e.Kind = kind
		if err := a.writer.AddExposures(ctx, []ExposureWrite{{key, e, uint64(i) + 1}}); err != nil {
			t.Fatal(err)
		}
		if ttl := c.TTL(ctx, stored).Val(); ttl <= ActionRetention-time.Hour || ttl > ActionRetention {
			t.Errorf("after a click and an %s the list is kept for %v, want %v", kind, ttl, ActionRetention)
		}
	}
	if n := a.metric(t, "tangent_audience_compactions_total", ""); n < 4 || n > 50 {
		t.Errorf("%v compactions for %d exposures", n, shown)
	}
}

// Given writers that append to one user at once while lists are compacted,
// then no exposure among the latest is lost.
func TestCompactionLosesNoAppend(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	key := testKey(t, "ann")
	ctx := context.Background()
	// Old ones that compaction will throw out.
	old := make([]ExposureWrite, compactBytes/exposureSize)
	for i := range old {
		old[i] = ExposureWrite{key, exposureAt(Retention+time.Hour, 1), uint64(i) + 1<<40}
	}
	if err := a.writer.AddExposures(ctx, old); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for n := range MaxImpressions / 4 {
				id := g*MaxImpressions/4 + n
				err := a.writer.AddExposures(ctx, []ExposureWrite{{key, exposureAt(time.Minute, event.LineItemID(id)), uint64(id) + 1}})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if p := a.read(t, key); len(p.Exposures) != MaxImpressions {
		t.Errorf("%d of %d exposures are there", len(p.Exposures), MaxImpressions)
	}
}

// A list that cannot be read does not keep its user unknown for ever: the
// compaction that would come replaces it.
func TestCompactionReplacesADamagedList(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	key := testKey(t, "ann")
	c := s.Client()
	defer c.Close()
	ctx := context.Background()
	if err := c.Set(ctx, string(appendExposuresKey(nil, &key)), strings.Repeat("x", compactBytes+1), 0).Err(); err != nil {
		t.Fatal(err)
	}
	write := []ExposureWrite{{key, exposureAt(0, 1), 1}}
	for range 2 {
		if err := a.writer.AddExposures(ctx, write); err != nil {
			t.Fatal(err)
		}
	}
	if p := a.read(t, key); len(p.Exposures) != 1 {
		t.Errorf("%d exposures are read, want 1", len(p.Exposures))
	}
	if n := a.metric(t, "tangent_audience_replaced_values_total", ""); n != 1 {
		t.Errorf("%v replaced values were counted", n)
	}
}

// Given stored segments, when changes are put, then others stay, expiries are
// replaced, past ones take the user out, and Redis forgets with the last.
func TestPutMerges(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	ann, bob := testKey(t, "ann"), testKey(t, "bob")
	ctx := context.Background()
	put := func(writes ...segmentsWrite) putResult {
		t.Helper()
		res, err := a.writer.putSegments(ctx, writes)
		if err != nil {
			t.Fatal(err)
		}
		return res
	}
	hour, past := noon.Add(time.Hour), noon.Add(-time.Hour)
	put(segmentsWrite{ann, []membership{{1, hour}, {2, hour}}}, segmentsWrite{bob, []membership{{7, hour}}})
	// One user twice in one call: both count.
	res := put(segmentsWrite{ann, []membership{{3, noon.Add(2 * time.Hour)}}}, segmentsWrite{ann, []membership{{1, past}}},
		segmentsWrite{bob, []membership{{7, past}}})
	if res.Users != 2 {
		t.Errorf("%d users were written, want 2", res.Users)
	}
	if p := a.read(t, ann); fmt.Sprint(p.Segments) != "[2 3]" {
		t.Errorf("ann is in %v, want 2 and 3", p.Segments)
	}
	if p := a.read(t, bob); len(p.Segments) != 0 {
		t.Errorf("bob is in %v, want none", p.Segments)
	}
	c := s.Client()
	defer c.Close()
	if n := c.Exists(ctx, string(appendSegmentsKey(nil, &bob))).Val(); n != 0 {
		t.Error("a user without segments is stored")
	}
	if ttl := c.TTL(ctx, string(appendSegmentsKey(nil, &ann))).Val(); ttl <= time.Hour || ttl > 2*time.Hour {
		t.Errorf("ann is kept for %v, want until the last segment's expiry in 2h", ttl)
	}
	a.clock.Advance(90 * time.Minute)
	if p := a.read(t, ann); fmt.Sprint(p.Segments) != "[3]" {
		t.Errorf("90 minutes later ann is in %v, want 3", p.Segments)
	}
}

func TestPutRefusesTooMany(t *testing.T) {
	a := newRoom(t, nil, newRedis(t).Addr())
	ann, bob := testKey(t, "ann"), testKey(t, "bob")
	var many []membership
	for id := range MaxSegments + 1 {
		many = append(many, membership{event.SegmentID(id + 1), noon.Add(time.Hour)})
	}
	a.put(t, ann, 5)
	res, err := a.writer.putSegments(context.Background(), []segmentsWrite{{ann, many}, {bob, many[:MaxSegments]}})
	if err != nil || res != (putResult{Users: 1, TooMany: 1}) {
		t.Errorf("got %+v, %v", res, err)
	}
	if p := a.read(t, ann); fmt.Sprint(p.Segments) != "[5]" {
		t.Errorf("ann was changed: %d segments", len(p.Segments))
	}
	if p := a.read(t, bob); len(p.Segments) != MaxSegments {
		t.Errorf("bob is in %d segments, want %d", len(p.Segments), MaxSegments)
	}
}

// Given a user with segments and exposures, when the user is erased, then
// nothing of the user is stored and others stay.
func TestDeleteErasesAUser(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	ann, bob := testKey(t, "ann"), testKey(t, "bob")
	ctx := context.Background()
	for _, key := range []UserKey{ann, bob} {
		a.put(t, key, 1)
		if err := a.writer.AddExposures(ctx, []ExposureWrite{{key, campaign.Exposure{At: noon, LineItem: 1, Campaign: 1}, 1}}); err != nil {
			t.Fatal(err)
		}
	}
	done, err := a.writer.Erase(ctx, false, ann)
	if want := (Erased{IDs: 1, Segments: 1, Exposures: 1}); err != nil || done != want {
		t.Fatalf("%+v, %v; want %+v", done, err, want)
	}
	if p := a.read(t, ann); len(p.Segments)+len(p.Exposures) != 0 {
		t.Errorf("of ann is left: %+v", p)
	}
	if p := a.read(t, bob); len(p.Segments) != 1 || len(p.Exposures) != 1 {
		t.Errorf("of bob is left: %+v", p)
	}
	c := s.Client()
	defer c.Close()
	if n := c.DBSize(ctx).Val(); n != 2 {
		t.Errorf("%d values are stored, want bob's 2", n)
	}
}

// What Redis says of a command can quote a key; what a Writer says cannot.
func TestErrorsShowNoKey(t *testing.T) {
	s := newRedis(t)
	a := newRoom(t, nil, s.Addr())
	key := testKey(t, "ann")
	c := s.Client()
	defer c.Close()
	ctx := context.Background()
	for _, k := range []string{string(appendSegmentsKey(nil, &key)), string(appendExposuresKey(nil, &key))} {
		if err := c.LPush(ctx, k, "a list").Err(); err != nil {
			t.Fatal(err)
		}
	}
	_, put := a.writer.putSegments(ctx, []segmentsWrite{{key, []membership{{1, noon.Add(time.Hour)}}}})
	add := a.writer.AddExposures(ctx, []ExposureWrite{{key, exposureAt(0, 1), 1}})
	for _, err := range []error{put, add} {
		if err == nil {
			t.Error("a value of another type was written over")
		} else if strings.Contains(err.Error(), string(key.appendText(nil))) {
			t.Error("an error shows a user's key")
		}
	}
	if n := a.metric(t, "tangent_audience_write_failures_total", ""); n != 2 {
		t.Errorf("%v failures were counted, want 2", n)
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := a.writer.Erase(canceled, false, key); !errors.Is(err, context.Canceled) {
		t.Errorf("a canceled Erase returned %v", err)
	}
}
