package redistest

import (
	"context"
	"strings"
	"testing"
)

// Given no redis-server, when one is started, then the error holds the line
// that installs it.
func TestMissingServerSaysHowToInstall(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Start()
	if err == nil || !strings.Contains(err.Error(), "apt-get install -y redis-server") {
		t.Errorf("got %v", err)
	}
}

// Given a server that a bad argument keeps from starting, then the error holds
// what it said.
func TestServerThatDoesNotStart(t *testing.T) {
	if _, err := Start("--maxmemory", "a lot"); err == nil {
		t.Error("started with an argument that is none")
	}
}

// Given a server with a value, when it is killed and restarted, then it is at
// its address again, empty.
func TestRestart(t *testing.T) {
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := s.Client()
	defer c.Close()
	ctx := context.Background()
	if err := c.Set(ctx, "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if err := c.Ping(ctx).Err(); err == nil {
		t.Error("a killed server answers")
	}
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if n, err := c.DBSize(ctx).Result(); n != 0 || err != nil {
		t.Errorf("restarted with %d values, %v", n, err)
	}
}

// Given a Cluster with a replica, when a node is killed and restarted, then it
// takes others for dead as soon as before.
func TestRestartOfANodeWithAReplica(t *testing.T) {
	cluster, err := StartCluster(1)
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	master := cluster.Nodes[0]
	if err := cluster.Replicate(master); err != nil {
		t.Fatal(err)
	}
	master.Kill()
	if err := master.Restart(); err != nil {
		t.Fatal(err)
	}
	c := master.Client()
	defer c.Close()
	if got, err := c.ConfigGet(t.Context(), "cluster-node-timeout").Result(); err != nil || got["cluster-node-timeout"] != "2000" {
		t.Errorf("got %v, %v; want 2000 ms", got, err)
	}
}
