package app

import (
	"bufio"
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/bidder/arrival"
)

// serveUnused serves with times made short, fails the test if the server answers
// what was no request, and returns a connection that was not used yet.
func serveUnused(t *testing.T, idle, whole time.Duration) (*fasthttp.Server, net.Conn) {
	t.Helper()
	s := exchangeServer(10)
	s.IdleTimeout, s.ReadTimeout = idle, whole
	s.Handler = func(ctx *fasthttp.RequestCtx) { ctx.SetStatusCode(fasthttp.StatusNoContent) }
	s.ErrorHandler = func(_ *fasthttp.RequestCtx, err error) { t.Errorf("it was counted as unreadable: %v", err) }
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(patient(arrival.Listen(plain), s)) }()
	c, err := net.Dial("tcp", plain.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	if err := c.SetDeadline(time.Now().Add(45 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return s, c
}

func TestUnusedConnectionsAreClosedWithoutAWord(t *testing.T) {
	_, c := serveUnused(t, 20*time.Millisecond, time.Millisecond)
	if got, err := io.ReadAll(c); len(got) > 0 || err != nil {
		t.Errorf("it was told %q, %v; want the end alone", got, err)
	}
}

// Exchanges open connections ahead: they may wait for longer than a request may take.
func TestUnusedConnectionsWaitAsIdleOnesDo(t *testing.T) {
	_, c := serveUnused(t, time.Hour, 10*time.Millisecond)
	<-time.After(100 * time.Millisecond)
	for range 2 {
		// It is there whole with its first byte, so a slow machine does not cut it.
		if status := ask(t, c); status != fasthttp.StatusNoContent {
			t.Fatalf("status %d", status)
		}
	}
}

// The server takes a connection for busy that was not used yet.
func TestUnusedConnectionsDoNotKeepTheServer(t *testing.T) {
	s, c := serveUnused(t, time.Hour, time.Hour)
	for s.GetOpenConnectionsCount() < 1 { // it is -1 until the server serves
		<-time.After(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := s.ShutdownWithContext(ctx); err != nil {
		t.Errorf("it ended with: %v", err)
	}
	if got, err := io.ReadAll(c); len(got) > 0 || err != nil {
		t.Errorf("it was told %q, %v; want the end alone", got, err)
	}
}

// stamped is a connection that knows when data came.
type stamped struct {
	net.Conn
	at time.Time
}

func (s stamped) Arrived() time.Time { return s.at }

func TestPatientConnectionsKnowArrivals(t *testing.T) {
	now := time.Now()
	if got := arrival.Waited(&patientConn{Conn: stamped{at: now.Add(-time.Minute)}}, now); got != time.Minute {
		t.Errorf("it waited %v; want a minute", got)
	}
	if got := arrival.Waited(&patientConn{}, now); got != 0 {
		t.Errorf("a connection that knows nothing waited %v", got)
	}
}

func ask(t *testing.T, c net.Conn) int {
	t.Helper()
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: bid\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	var r fasthttp.Response
	if err := r.Read(bufio.NewReader(c)); err != nil {
		t.Fatal(err)
	}
	return r.StatusCode()
}
