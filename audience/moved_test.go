package audience

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/audience/redistest"
)

// Given users whose slots are on their way to another node, then they are known
// wherever each of their values is, and those of whom nothing is stored are
// known for that.
func TestUsersOnTheMoveAreFound(t *testing.T) {
	cluster, err := redistest.StartCluster(3)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	a := newRoom(t, nil, cluster.Addrs()...)
	users := nodesUsers(t, a, cluster, 6)
	ctx := context.Background()
	from, to := cluster.Nodes[0].Client(), cluster.Nodes[1].Client()
	defer from.Close()
	defer to.Close()
	host, port, _ := net.SplitHostPort(cluster.Nodes[1].Addr())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fromID, err := from.Do(ctx, "cluster", "myid").Text()
	must(err)
	toID, err := to.Do(ctx, "cluster", "myid").Text()
	must(err)

	both := func(k UserKey) []any { return []any{segmentsKey(k), exposuresKey(k)} }
	nobody := func(UserKey) []any { return nil }
	cases := []struct {
		name      string
		exposures int
		segments  int
		gone      func(UserKey) []any // keys that have moved
	}{
		{"all still there", 1, 1, nobody},
		{"no exposures, still there", 0, 1, nobody},
		{"no exposures, moved", 0, 1, func(k UserKey) []any { return both(k)[:1] }},
		{"one part moved", 1, 1, func(k UserKey) []any { return both(k)[1:] }},
		{"all moved", 1, 1, both},
		{"nothing stored", 0, 0, nobody},
	}
	for i, c := range cases {
		key := users[0][i]
		if c.exposures > 0 {
			must(a.writer.AddExposures(ctx, []ExposureWrite{{key, exposureAt(0, 1), 7}}))
		}
		if c.segments == 0 {
			must(from.Del(ctx, segmentsKey(key)).Err())
		}
	}
	a.read(t, users[0][0]) // now it knows who has whom
	for i, c := range cases {
		key := users[0][i]
		slot, err := from.ClusterKeySlot(ctx, segmentsKey(key)).Result()
		must(err)
		must(to.Do(ctx, "cluster", "setslot", slot, "importing", fromID).Err())
		must(from.Do(ctx, "cluster", "setslot", slot, "migrating", toID).Err())
		for _, k := range c.gone(key) {
			must(from.Migrate(ctx, host, port, k.(string), 0, 10*time.Second).Err())
		}
		if p := a.read(t, key); !p.Known || len(p.Segments) != c.segments || len(p.Exposures) != c.exposures {
			t.Errorf("%s: segments %v and %d exposures", c.name, p.Segments, len(p.Exposures))
		}
	}
	// One that opted out has, whichever node says so, and though others of its ids say nothing.
	if _, err := a.writer.Erase(ctx, true, users[1][0]); err != nil {
		t.Fatal(err)
	}
	optedOut := users[1][0]
	slot, err := to.ClusterKeySlot(ctx, segmentsKey(optedOut)).Result()
	must(err)
	must(from.Do(ctx, "cluster", "setslot", slot, "importing", toID).Err())
	must(to.Do(ctx, "cluster", "setslot", slot, "migrating", fromID).Err())
	var p Profile
	if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{users[0][0], optedOut}, &p); err != ErrOptedOut {
		t.Errorf("one of whose ids opted out: %v", err)
	}
}
