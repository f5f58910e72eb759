package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

// Failover is a disturbance of a soak: a master of the Redis Cluster is killed,
// and its replica takes over. A user is known where Redis said in time what it
// knows; on the others bid only line items that need no user, without segments
// and caps.
type Failover struct {
	Disturbance
	KnownBefore float64 `json:"known_share_before"` // of the reads of users
	KnownWorst  float64 `json:"known_share_worst"`  // in the worst quarter second
	Known       float64 `json:"known_seconds"`      // until the share was as before; -1: it was not
}

// A Redis Cluster for a soak: as small as one can be. Masters of which two are
// left can elect a replica of the third.
const clusterMasters = 3

// failoverLooks is how long a failover is looked at, at least: Redis takes some
// four seconds for it. A soak of a few seconds looks for twice its time.
const failoverLooks = 20 * time.Second

// cluster starts a Redis Cluster whose first master has a replica.
func (b *bench) cluster(ctx context.Context) (*redistest.Cluster, error) {
	c, err := redistest.StartCluster(clusterMasters)
	if err != nil {
		return nil, err
	}
	err = c.Replicate(c.Nodes[0])
	for _, n := range c.Nodes { // as docs/operating.md says: the other masters go on
		client := n.Client()
		err = errors.Join(err, client.ConfigSet(ctx, "cluster-require-full-coverage", "no").Err(), client.Close())
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// failover kills the first master under load.
func (b *bench) failover(ctx context.Context, s *server, c *redistest.Cluster, length time.Duration) (err error) {
	f := &Failover{Known: -1}
	calm := length / 4
	var watched event
	watched.what = fmt.Sprintf("one of %d masters of Redis is killed, and its replica takes over", clusterMasters)
	watched.happen = func(ctx context.Context) error {
		known, all, err := s.knownReads()
		if err != nil {
			return err
		}
		f.KnownBefore = known / max(1, all)
		c.Nodes[0].Kill()
		return f.follow(ctx, s, length-calm-2*time.Second)
	}
	var r *load.Report
	f.Disturbance, r, err = b.watch(ctx, s, calm, length-calm, watched)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		f.fail(err)
	default:
		b.result.Soak.count(r)
	}
	f.Disturbance.LineItems = b.cfg.Sizes[b.cfg.home()]
	b.result.Soak.Failover = f
	b.did()
	return nil
}

// follow looks every quarter second at how many of the users are known, until
// a second was as before.
func (f *Failover) follow(ctx context.Context, s *server, limit time.Duration) error {
	begun := time.Now()
	known, all, err := s.knownReads()
	if err != nil {
		return err
	}
	f.KnownWorst = 1
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	var since time.Duration // of when it is as before
	well, ill := 0, false
	for at := time.Duration(0); at < limit; at = time.Since(begun) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		k, a, err := s.knownReads()
		if err != nil {
			return err
		}
		if a == all {
			continue
		}
		share := (k - known) / (a - all)
		known, all, f.KnownWorst = k, a, min(f.KnownWorst, share)
		if share < f.KnownBefore-.001 {
			well, ill, since = 0, true, time.Since(begun)
		} else if well++; ill && well == 4 {
			f.Known = since.Seconds()
			return nil
		}
	}
	return nil
}

// soaker starts a bidder of the table's size for a soak, whose users are in a
// Redis Cluster, and ends the others: they have been measured. Without
// redis-server it is one of them that goes on.
func (b *bench) soaker(ctx context.Context) (*server, *redistest.Cluster, error) {
	home := b.cfg.Sizes[b.cfg.home()]
	if b.redis.info == nil {
		return b.result.find(ofBid, home).server, nil, nil
	}
	endAll(endLimit, b.servers...)
	c, err := b.cluster(ctx)
	if err != nil {
		return nil, nil, err
	}
	at := strings.Join(c.Addrs(), ",")
	s, err := b.launch(ctx, bidderSpec{kind: "soak", lineItems: home, data: b.soakData(), redis: at})
	if err == nil {
		err = b.fillUsers(ctx, at, b.cfg.Users)
	}
	if err != nil {
		c.Close()
		return nil, nil, errors.Join(err, ctx.Err())
	}
	return s.server, c, nil
}
