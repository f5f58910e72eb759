package audience

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/event"
)

// Given a Redis Cluster of three nodes, when users are written and read, then
// all is found, every node has a share, and both values of a user are on one
// node: the hash tag is what makes one MGET of both possible.
func TestCluster(t *testing.T) {
	cluster, err := redistest.StartCluster(3)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	a := newRoom(t, nil, cluster.Addrs()...)
	ctx := context.Background()
	const users = 100
	keys := make([]UserKey, users)
	var segments []segmentsWrite
	var exposures []ExposureWrite
	for i := range keys {
		keys[i] = testKey(t, fmt.Sprint("user ", i))
		segments = append(segments, segmentsWrite{keys[i], []membership{{event.SegmentID(i + 1), noon.Add(time.Hour)}}})
		for n := range compactBytes/exposureSize + 1 { // enough to have the lists compacted
			if n < 3 || i < 3 {
				exposures = append(exposures, ExposureWrite{keys[i], exposureAt(0, event.LineItemID(i+1)), uint64(n) + 1})
			}
		}
	}
	if _, err := a.writer.putSegments(ctx, segments); err != nil {
		t.Fatal(err)
	}
	if err := a.writer.AddExposures(ctx, exposures); err != nil {
		t.Fatal(err)
	}
	for i, key := range keys {
		p := a.read(t, key)
		if len(p.Segments) != 1 || p.Segments[0] != event.SegmentID(i+1) || len(p.Exposures) < 3 {
			t.Fatalf("user %d has segments %v and %d exposures", i, p.Segments, len(p.Exposures))
		}
	}

	where := map[string]string{} // a user's text to the node that has a value of it
	for _, node := range cluster.Nodes {
		c := node.Client()
		defer c.Close()
		stored, err := c.Keys(ctx, "*").Result()
		if err != nil {
			t.Fatal(err)
		}
		if len(stored) == 0 {
			t.Error("a node has no user")
		}
		for _, k := range stored {
			user, _, tagged := strings.Cut(strings.TrimPrefix(k, "{"), "}:")
			if !tagged {
				t.Fatal("a stored key has no hash tag")
			}
			if other, ok := where[user]; ok && other != node.Addr() {
				t.Error("a user's two values are on two nodes")
			}
			where[user] = node.Addr()
		}
	}
	if len(where) != users {
		t.Errorf("%d users are stored, want %d", len(where), users)
	}

	if _, err := a.writer.Erase(ctx, false, keys[0]); err != nil {
		t.Fatal(err)
	}
	if p := a.read(t, keys[0]); len(p.Segments)+len(p.Exposures) != 0 {
		t.Error("an erased user is still there")
	}

	// One node hangs: its users time out, and their deadline holds.
	lost := where[string(keys[1].appendText(nil))]
	for _, node := range cluster.Nodes {
		if node.Addr() == lost {
			if err := node.Freeze(); err != nil {
				t.Fatal(err)
			}
			defer node.Thaw()
		}
	}
	var p Profile
	start := time.Now()
	if err := a.reader.Read(start.Add(30*time.Millisecond), AssertConsent(), []UserKey{keys[1]}, &p); err != ErrTimeout || p.Known {
		t.Errorf("a hanging node's user: %v, known %v", err, p.Known)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a deadline of 30 ms was answered after %v", took)
	}
}
