package audience

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/event"
)

// Given a Redis Cluster of which one master has a replica, when that master
// dies, then all its users are found again at the replica, for reading and
// writing, long before the minute after which the client looks by itself.
func TestFailover(t *testing.T) {
	cluster, err := redistest.StartCluster(3)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	if err := cluster.Replicate(cluster.Nodes[0]); err != nil {
		t.Fatal(err)
	}
	a := newRoom(t, nil, cluster.Addrs()...)
	ctx := context.Background()
	keys := make([]UserKey, 50)
	for i := range keys {
		keys[i] = testKey(t, fmt.Sprint("user ", i))
		if _, err := a.writer.putSegments(ctx, []segmentsWrite{{keys[i], []membership{{event.SegmentID(i + 1), noon.Add(time.Hour)}}}}); err != nil {
			t.Fatal(err)
		}
	}
	found := func() (n int) {
		for i, k := range keys {
			var p Profile
			if a.reader.Read(time.Now().Add(time.Second), AssertConsent(), []UserKey{k}, &p) == nil && len(p.Segments) == 1 && p.Segments[0] == event.SegmentID(i+1) {
				n++
			}
		}
		return n
	}
	for i, k := range keys {
		if p := a.read(t, k); len(p.Segments) != 1 || p.Segments[0] != event.SegmentID(i+1) {
			t.Fatalf("user %d has segments %v", i, p.Segments)
		}
	}

	// A master confirms before its replica has the write: what has not arrived dies with it.
	master, replica := cluster.Nodes[0].Client(), cluster.Nodes[3].Client()
	defer master.Close()
	defer replica.Close()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); ; <-tick.C {
		written, err := master.DBSize(ctx).Result()
		copied, err2 := replica.DBSize(ctx).Result()
		if err == nil && err2 == nil && written > 0 && written == copied {
			break
		}
		if time.Since(begun) > 45*time.Second {
			t.Fatalf("the replica has %d of %d values: %v, %v", copied, written, err, err2)
		}
	}
	cluster.Nodes[0].Kill()
	if n := found(); n == len(keys) {
		t.Error("nobody missed the master")
	}
	// A write that fails is tried again by who asked for it.
	written := func() bool {
		for _, k := range keys {
			if a.writer.AddExposures(ctx, []ExposureWrite{{k, exposureAt(0, 1), 7}}) != nil {
				return false
			}
		}
		return true
	}
	for begun := time.Now(); found() < len(keys) || !written(); <-tick.C {
		if time.Since(begun) > 45*time.Second {
			t.Fatal("users of the master that died are not found at its replica")
		}
	}
}
