package redistest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// slots is how many hash slots a Redis Cluster has.
const slots = 16384

// Cluster is a Redis Cluster of masters, and of the replicas that
// [Cluster.Replicate] adds. Once there is one, a master that does not answer for
// two seconds is taken for dead by the others, and its replica takes over; before,
// none is: the others go on as they were.
type Cluster struct{ Nodes []*Server }

// StartCluster starts n nodes, deals the slots evenly and waits, up to a minute,
// until every node says that the Cluster is complete.
func StartCluster(n int) (c *Cluster, err error) {
	c = &Cluster{}
	defer func() {
		if err != nil {
			c.Close()
			c = nil
		}
	}()
	for range n {
		s, err := start(true, nil)
		if err != nil {
			return c, err
		}
		c.Nodes = append(c.Nodes, s)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for i, s := range c.Nodes {
		if err := s.joinCluster(ctx, c.Nodes[:i], i*slots/n, (i+1)*slots/n-1); err != nil {
			return c, fmt.Errorf("cannot form a Redis Cluster: %w", err)
		}
	}
	for _, s := range c.Nodes {
		if err := s.awaitCluster(ctx, n); err != nil {
			return c, fmt.Errorf("cannot form a Redis Cluster: %w", err)
		}
	}
	return c, nil
}

// Replicate starts a node that copies a master, and waits, up to a minute, until
// it has all that the master has and every node knows it.
func (c *Cluster) Replicate(master *Server) error {
	if err := c.replicate(master); err != nil {
		return fmt.Errorf("cannot add a replica to a Redis Cluster: %w", err)
	}
	return nil
}

func (c *Cluster) replicate(master *Server) error {
	s, err := start(true, nil)
	if err != nil {
		return err
	}
	c.Nodes = append(c.Nodes, s)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.meet(ctx, c.Nodes[:len(c.Nodes)-1]); err != nil {
		return err
	}
	for _, n := range c.Nodes {
		if err := n.awaitCluster(ctx, len(c.Nodes)); err != nil {
			return err
		}
	}
	from, to := master.Client(), s.Client()
	defer from.Close()
	defer to.Close()
	id, err := from.Do(ctx, "cluster", "myid").Text()
	if err != nil {
		return err
	}
	if err := to.ClusterReplicate(ctx, id).Err(); err != nil {
		return err
	}
	if err := await(ctx, s, func() bool {
		info, err := to.Info(ctx, "replication").Result()
		return err == nil && strings.Contains(info, "master_link_status:up")
	}); err != nil {
		return err
	}
	for _, n := range c.Nodes {
		n.wait = 2000 // after a restart too
		client := n.Client()
		if err := errors.Join(client.ConfigSet(ctx, "cluster-node-timeout", strconv.Itoa(n.wait)).Err(), client.Close()); err != nil {
			return err
		}
	}
	return nil
}

// Addrs returns every node's host:port.
func (c *Cluster) Addrs() []string {
	var all []string
	for _, s := range c.Nodes {
		all = append(all, s.Addr())
	}
	return all
}

// Close kills every node.
func (c *Cluster) Close() {
	for _, s := range c.Nodes {
		s.Close()
	}
}

// joinCluster takes slots for the node and introduces it to the others.
func (s *Server) joinCluster(ctx context.Context, others []*Server, first, last int) error {
	client := s.Client()
	defer client.Close()
	if err := client.Do(ctx, "cluster", "addslotsrange", first, last).Err(); err != nil {
		return err
	}
	return s.meet(ctx, others)
}

// meet introduces the node to each of the others: nodes that can wait long for
// an answer also take long to tell one another of a third.
func (s *Server) meet(ctx context.Context, others []*Server) error {
	client := s.Client()
	defer client.Close()
	for _, other := range others {
		if err := client.Do(ctx, "cluster", "meet", "127.0.0.1", strconv.Itoa(other.port), strconv.Itoa(other.bus)).Err(); err != nil {
			return err
		}
	}
	return nil
}

// awaitCluster waits until the node says that the Cluster is complete.
func (s *Server) awaitCluster(ctx context.Context, n int) error {
	client := s.Client()
	defer client.Close()
	return await(ctx, s, func() bool {
		info, err := client.ClusterInfo(ctx).Result()
		return err == nil && strings.Contains(info, "cluster_state:ok") &&
			strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", n))
	})
}

// await asks a node again and again: a Cluster has no way of saying that it is
// ready but when asked.
func await(ctx context.Context, s *Server, ready func() bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("node %s is not ready: %w", s.Addr(), ctx.Err())
		case <-tick.C:
		}
	}
	return nil
}

// Client returns a plain client of this one server, to look with.
func (s *Server) Client() *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:                     s.Addr(),
		Protocol:                 2,
		DisableIdentity:          true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}
