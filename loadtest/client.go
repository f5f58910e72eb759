package loadtest

import (
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// maxResponse is the longest body that is read of any answer.
const maxResponse = 1 << 20

// client sends over kept-alive connections to what is within its reach. It sends nothing
// twice by itself: whoever calls decides on retries.
type client struct {
	conns          int // per host
	reach          reach
	mu             sync.Mutex
	hosts          map[string]*fasthttp.HostClient
	sent, received atomic.Int64 // bytes

	opened  sync.Mutex // of open: connections are closed under mu
	open    map[*countedConn]bool
	aborted atomic.Bool
}

func newClient(conns int, r reach) *client {
	return &client{conns: conns, reach: r, hosts: map[string]*fasthttp.HostClient{}, open: map[*countedConn]bool{}}
}

// do sends req and reads resp within a real time.
func (c *client) do(req *fasthttp.Request, resp *fasthttp.Response, timeout time.Duration) error {
	return c.host(string(req.URI().Host())).DoTimeout(req, resp, timeout)
}

func (c *client) host(addr string) *fasthttp.HostClient {
	addr = withPort(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	h := c.hosts[addr]
	if h == nil {
		h = &fasthttp.HostClient{
			Addr: addr, DialTimeout: c.dial,
			MaxConns:                  c.conns,
			MaxResponseBodySize:       maxResponse,
			NoDefaultUserAgentHeader:  true,
			DisablePathNormalizing:    true,
			MaxIdemponentCallAttempts: 1,
			RetryIfErr: func(*fasthttp.Request, int, error) (resetTimeout, retry bool) {
				return false, false
			},
		}
		c.hosts[addr] = h
	}
	return h
}

func (c *client) dial(addr string, timeout time.Duration) (net.Conn, error) {
	conn, err := c.reach.dial(addr, timeout)
	if err != nil {
		return nil, err
	}
	counted := &countedConn{conn, c, conn.LocalAddr(), conn.RemoteAddr()}
	c.opened.Lock()
	defer c.opened.Unlock()
	if c.aborted.Load() {
		_ = conn.Close()
		return nil, net.ErrClosed
	}
	c.open[counted] = true
	return counted, nil
}

// abort gives up on all that is under way, and on what would come.
func (c *client) abort() {
	c.opened.Lock()
	defer c.opened.Unlock()
	c.aborted.Store(true)
	for conn := range c.open {
		_ = conn.Conn.Close() // who waits for it closes it again
	}
}

// countedConn counts what goes over it, HTTP's headers too.
type countedConn struct {
	net.Conn
	client        *client
	local, remote net.Addr // fasthttp asks for them each time
}

func (c *countedConn) LocalAddr() net.Addr  { return c.local }
func (c *countedConn) RemoteAddr() net.Addr { return c.remote }

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.client.received.Add(int64(n))
	return n, err
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.client.sent.Add(int64(n))
	return n, err
}

func (c *countedConn) Close() error {
	c.client.opened.Lock()
	delete(c.client.open, c)
	c.client.opened.Unlock()
	return c.Conn.Close()
}

// close closes the idle connections. The client can be used again.
func (c *client) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range c.hosts {
		h.CloseIdleConnections()
	}
}

// refused is the kind of error where nobody listens.
const refused = "refused"

// errorKind names what went wrong, for the statistics.
func errorKind(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, fasthttp.ErrTimeout), errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF),
		errors.Is(err, fasthttp.ErrConnectionClosed):
		return "reset"
	}
	return "broken"
}

// statusKind names an answer that is an error.
func statusKind(status int) string { return "status_" + strconv.Itoa(status) }
