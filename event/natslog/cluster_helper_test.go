package natslog

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/tangent-dsp/tangent/loopback"
)

// cluster is three servers, each a process of its own with its own files.
type cluster struct {
	dir   string
	nodes []*node
}

type node struct {
	name            string
	client, routes  int // ports
	cmd             *exec.Cmd
	holdsItsOwnLife io.WriteCloser // the process ends when this is closed
}

func startCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{dir: t.TempDir()}
	ports := loopback.Need(t, 6)
	for i := range 3 {
		c.nodes = append(c.nodes, &node{name: fmt.Sprintf("n%d", i+1), client: ports[2*i], routes: ports[2*i+1]})
	}
	for _, n := range c.nodes {
		c.start(t, n)
	}
	t.Cleanup(func() {
		for _, n := range c.nodes {
			c.kill(n)
		}
	})
	return c
}

func (c *cluster) start(t *testing.T, n *node) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var routes []string
	for _, other := range c.nodes {
		routes = append(routes, fmt.Sprintf("nats://127.0.0.1:%d", other.routes))
	}
	n.cmd = exec.Command(self)
	n.cmd.Env = append(os.Environ(), helperEnv+"=node",
		"NATSLOG_TEST_DIR="+filepath.Join(c.dir, n.name),
		fmt.Sprintf("NATSLOG_TEST_NODE=%s %d %d %s", n.name, n.client, n.routes, strings.Join(routes, ",")))
	n.cmd.Stderr = os.Stderr
	if n.holdsItsOwnLife, err = n.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends a server as a power failure would, but for the page cache.
func (c *cluster) kill(n *node) {
	if n.cmd == nil {
		return
	}
	n.cmd.Process.Kill()
	n.holdsItsOwnLife.Close()
	n.cmd.Wait()
	n.cmd = nil
}

func (c *cluster) urls() (urls []string) {
	for _, n := range c.nodes {
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", n.client))
	}
	return urls
}

func (c *cluster) named(t *testing.T, name string) *node {
	t.Helper()
	for _, n := range c.nodes {
		if n.name == name {
			return n
		}
	}
	t.Fatalf("no server is called %q", name)
	return nil
}

// helperNode is one server of a cluster.
func helperNode(dir string) error {
	var name, list string
	var client, routes int
	if _, err := fmt.Sscan(os.Getenv("NATSLOG_TEST_NODE"), &name, &client, &routes, &list); err != nil {
		return err
	}
	opts := &server.Options{
		ServerName: name, Host: "127.0.0.1", Port: client,
		Cluster:   server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: routes},
		JetStream: true, StoreDir: dir, SyncAlways: true, NoSigs: true,
		JetStreamMaxMemory: mib, JetStreamMaxStore: 1 << 30,
	}
	for _, text := range strings.Split(list, ",") {
		u, err := url.Parse(text)
		if err != nil {
			return err
		}
		opts.Routes = append(opts.Routes, u)
	}
	s, err := server.NewServer(opts)
	if err != nil {
		return err
	}
	s.Start()
	io.Copy(io.Discard, os.Stdin) // until the test ends, however it does
	return nil
}

// eventually fails the test unless what comes true.
func eventually(t testing.TB, within time.Duration, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(within); !done(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}
