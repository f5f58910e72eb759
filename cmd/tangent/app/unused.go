package app

import (
	"io"
	"net"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// patient lets connections of a server that were not used yet wait for their
// first byte as long as between two requests. The server has them wait for as
// long as a whole request may take, and then tells them 400: an exchange that
// opens connections ahead would read that as the answer to its first request.
func patient(l net.Listener, s *fasthttp.Server) net.Listener {
	return &patientListener{Listener: l, idle: s.IdleTimeout, whole: s.ReadTimeout, unused: map[*patientConn]struct{}{}}
}

type patientListener struct {
	net.Listener
	idle, whole time.Duration

	mu     sync.Mutex
	closed bool
	unused map[*patientConn]struct{} // those that wait for their first byte
}

// lastCall is how long a connection that was not used yet waits once the server
// is told to end: a request may be on its way.
const lastCall = time.Second

func (l *patientListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &patientConn{Conn: c, of: l}, nil
}

// Close ends the wait of connections, too: the server takes those for busy, and
// would not end before them.
func (l *patientListener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for c := range l.unused {
		_ = c.Conn.SetReadDeadline(time.Now().Add(lastCall)) // one that is gone waits for nothing
	}
	return l.Listener.Close()
}

// wait begins the wait of a connection for its first byte.
func (l *patientListener) wait(c *patientConn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unused[c] = struct{}{}
	if l.closed {
		return c.Conn.SetReadDeadline(time.Now().Add(lastCall))
	}
	return c.Conn.SetReadDeadline(time.Now().Add(l.idle))
}

// begin ends the wait: the rest of the request has its usual time.
func (l *patientListener) begin(c *patientConn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.unused, c)
	return c.Conn.SetReadDeadline(time.Now().Add(l.whole))
}

// patientConn is read by one goroutine at a time.
type patientConn struct {
	net.Conn
	of   *patientListener
	used bool
}

// Read reads as the connection does. Before the first byte there is but one
// error, the end: the server closes without a word then.
func (c *patientConn) Read(to []byte) (int, error) {
	if c.used {
		return c.Conn.Read(to)
	}
	c.used = true
	n, err := 0, c.of.wait(c)
	if err == nil {
		n, err = c.Conn.Read(to)
	}
	if begun := c.of.begin(c); err == nil {
		err = begun
	}
	if n == 0 && err != nil {
		err = io.EOF
	}
	return n, err
}

// Arrived is what the connection knows of when data came, see package arrival.
func (c *patientConn) Arrived() time.Time {
	if s, ok := c.Conn.(interface{ Arrived() time.Time }); ok {
		return s.Arrived()
	}
	return time.Time{}
}
