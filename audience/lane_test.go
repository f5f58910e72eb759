package audience

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/event"
)

// nodesUsers returns n users of each node of a Cluster, all with a segment.
func nodesUsers(t *testing.T, a *room, c *redistest.Cluster, n int) [][]UserKey {
	t.Helper()
	users := make([][]UserKey, len(c.Nodes))
	for i, found := 0, 0; found < n*len(c.Nodes); i++ {
		key := testKey(t, fmt.Sprint("user ", i))
		client, err := a.reader.client.(*redis.ClusterClient).MasterForKey(context.Background(), identityKey(key))
		if err != nil {
			t.Fatal(err)
		}
		for at, node := range c.Nodes {
			if node.Addr() == client.Options().Addr && len(users[at]) < n {
				users[at] = append(users[at], key)
				a.put(t, key, event.SegmentID(found+1))
				found++
			}
		}
	}
	return users
}

// Given a Redis Cluster of which one master hangs, or died, then the users of
// the others are known as if nothing was, while its own are not, nor who has
// an id there as well; and when it is back, then so are all.
func TestANodeAwayCostsItsOwnUsersOnly(t *testing.T) {
	for name, how := range map[string]struct {
		away func(*redistest.Server) error
		back func(*redistest.Server) error
	}{
		"hangs": {(*redistest.Server).Freeze, (*redistest.Server).Thaw},
		"died":  {func(s *redistest.Server) error { s.Kill(); return nil }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			cluster, err := redistest.StartCluster(3)
			if err != nil {
				t.Fatal(err)
			}
			defer cluster.Close()
			a := newRoom(t, nil, cluster.Addrs()...)
			users := nodesUsers(t, a, cluster, downAfter)
			for _, of := range users {
				for _, key := range of {
					a.read(t, key)
				}
			}
			if a.metric(t, "tangent_audience_redis_up", "") != 1 {
				t.Error("redis_up is not 1 while all nodes are")
			}

			if err := how.away(cluster.Nodes[0]); err != nil {
				t.Fatal(err)
			}
			lost := func(keys ...UserKey) {
				t.Helper()
				var p Profile
				err := a.reader.Read(time.Now().Add(20*time.Millisecond), AssertConsent(), keys, &p)
				if err != ErrTimeout && err != ErrRedis && err != ErrDown || p.Known {
					t.Errorf("a user of a node that is away: %v, known %v", err, p.Known)
				}
			}
			// As many of its users as end reads of it, and all the others' between them.
			for i, key := range users[0] {
				lost(key)
				for _, of := range users[1:] {
					a.read(t, of[i])
				}
			}
			lost(users[1][0], users[0][0])
			var p Profile
			if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{users[1][0], users[2][0]}, &p); err != nil || len(p.Segments) != 1 {
				t.Errorf("a user of two nodes that are there: %v, segments %v", err, p.Segments)
			}
			if !a.reader.Down() || a.metric(t, "tangent_audience_down", "") != 1 {
				t.Error("not down, though reads of a node's users are refused")
			}
			if how.back == nil {
				return
			}
			if err := how.back(cluster.Nodes[0]); err != nil {
				t.Fatal(err)
			}
			for giveUp := time.Now().Add(30 * time.Second); ; {
				if a.reader.Read(time.Now().Add(time.Second), AssertConsent(), []UserKey{users[1][0], users[0][0]}, &p) == nil {
					break
				} else if time.Now().After(giveUp) {
					t.Fatal("the node is back, and its users are still not known")
				}
			}
			if a.read(t, users[0][1]); a.reader.Down() {
				t.Error("down, though every node answers")
			}
		})
	}
}

// Given users whom another node has than the one that the reader asks, then
// they are found there, each of a batch.
func TestUsersWhoMovedAreFound(t *testing.T) {
	cluster, err := redistest.StartCluster(3)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	a := newRoom(t, nil, cluster.Addrs()...)
	users := nodesUsers(t, a, cluster, 4)
	a.read(t, users[0][0]) // now it knows who has whom
	ctx := context.Background()
	ids := make([]string, len(cluster.Nodes))
	for i, n := range cluster.Nodes {
		c := n.Client()
		defer c.Close()
		if ids[i], err = c.Do(ctx, "cluster", "myid").Text(); err != nil {
			t.Fatal(err)
		}
	}
	from, to := cluster.Nodes[0].Client(), cluster.Nodes[1].Client()
	defer from.Close()
	defer to.Close()
	for _, key := range users[0] {
		slot, err := from.ClusterKeySlot(ctx, identityKey(key)).Result()
		if err != nil {
			t.Fatal(err)
		}
		value, err := from.Get(ctx, segmentsKey(key)).Bytes()
		if err != nil {
			t.Fatal(err)
		}
		for _, err := range []error{ // as redis-cli --cluster reshard does
			to.Do(ctx, "cluster", "setslot", slot, "importing", ids[0]).Err(),
			from.Do(ctx, "cluster", "setslot", slot, "migrating", ids[1]).Err(),
			from.Del(ctx, segmentsKey(key)).Err(),
			to.Do(ctx, "cluster", "setslot", slot, "node", ids[1]).Err(),
			from.Do(ctx, "cluster", "setslot", slot, "node", ids[1]).Err(),
			to.Set(ctx, segmentsKey(key), value, 0).Err(),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, key := range users[0] {
		if p := a.read(t, key); len(p.Segments) != 1 {
			t.Errorf("a user who moved has segments %v", p.Segments)
		}
	}
	var p Profile
	if err := a.reader.Read(time.Now().Add(10*time.Second), AssertConsent(), []UserKey{users[2][0], users[0][1], users[0][2]}, &p); err != nil || len(p.Segments) != 1 {
		t.Errorf("ids of which two moved: %v, segments %v", err, p.Segments)
	}
}

// Before Redis has answered anything it is not up. A node that is new, and so
// has not been asked yet, is no failure; once it fails, it is one.
func TestUp(t *testing.T) {
	l := newLanes(nil, func(redis.UniversalClient) *lane { return &lane{closing: make(chan struct{})} }, func() time.Duration { return 0 })
	defer l.close()
	if l.up() {
		t.Error("up before the first answer")
	}
	l.first.ok.Store(true)
	if added := l.add(new(redis.Client)); !l.up() {
		t.Error("not up for want of an answer of a node that was not asked")
	} else if added.ok.Store(false); l.up() {
		t.Error("up while a node fails")
	}
}

// The lane of a node that nothing has been asked for long ends, though no other
// node comes, and nobody is told of it.
func TestLanesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started, opened := []*lane{}, time.Now()
		now := func() time.Duration { return time.Since(opened) }
		l := newLanes(nil, func(redis.UniversalClient) *lane {
			one := &lane{queue: make(chan part, 1), closing: make(chan struct{})}
			one.used.Store(int64(now()))
			started = append(started, one)
			return one
		}, now)
		closed := func(one *lane) bool {
			select {
			case <-one.closing:
				return true
			default:
				return false
			}
		}
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		}
		down := func(one *lane) {
			one.ok.Store(false)
			one.breaker.failures.Store(downAfter)
			one.breaker.probeAt.Store(int64(now()))
		}
		old, young := new(redis.Client), new(redis.Client)
		pass(time.Second)
		gone := l.add(old)
		pass(laneLife)
		stays := l.add(young)
		if l.add(old) != gone || closed(gone) {
			t.Error("a node has two lanes, or none")
		}
		pass(laneLife - 2*time.Second)
		if down(gone); !l.down() {
			t.Error("not down")
		}
		if pass(time.Second); !closed(gone) || closed(stays) || closed(l.first) {
			t.Error("not the lane that was idle for long has ended")
		}
		if l.down() {
			t.Error("down by a lane that has ended")
		}
		// Of one that nothing goes by any more nobody is told either.
		stays.used.Store(int64(now()))
		down(stays)
		if l.first.ok.Store(true); !l.down() || l.up() {
			t.Errorf("down %v, up %v, though a node was away just now", l.down(), l.up())
		}
		if pass(2 * laneRest); l.down() || !l.up() {
			t.Errorf("down %v, up %v by a node that nobody asks", l.down(), l.up())
		}
		l.close()
		for _, one := range started {
			if !closed(one) {
				t.Error("a lane was left open")
			}
		}
		if l.add(old) != l.first {
			t.Error("a lane was opened after the end")
		}
	})
}

// A read of several nodes' users that one refuses is no other's probe.
func TestARefusedReadProbesNobody(t *testing.T) {
	var a, b lane
	way := route{lanes: [MaxIDs]*lane{&a, &b}, n: 2}
	now := time.Hour
	for range downAfter {
		a.breaker.failed(now)
		b.breaker.failed(now + probeEvery/2)
	}
	if now += probeEvery; way.allow(now) {
		t.Error("a read went where its turn had not come")
	}
	if now += probeEvery / 2; !way.allow(now) || way.allow(now) {
		t.Error("not one read went when the turn of both had come")
	}
}
