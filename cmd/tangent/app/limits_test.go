package app_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/cmd/tangent/app"
)

// More connections than are allowed are told so and closed; those that are
// there are served, and when one ends another has its place.
func TestTooManyConnectionsAreRefused(t *testing.T) {
	w := newWorld(t, func(c *app.Config) { c.MaxConnections = 2 })
	dial := func() net.Conn {
		c, err := net.Dial("tcp", strings.TrimPrefix(w.app.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	ask := func(c net.Conn) int { // 0: the connection was closed
		fmt.Fprint(c, "POST /openrtb2/alpha HTTP/1.1\r\nHost: bid\r\nContent-Length: 2\r\n\r\n{}")
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil {
			return 0
		}
		r.Body.Close()
		return r.StatusCode
	}
	// The one in which the App was set up may be open still.
	w.await("two places", func() bool { return w.metric("tangent_connections") == 0 })
	first, second := dial(), dial()
	for _, c := range []net.Conn{first, second} {
		if got := ask(c); got == 0 || got == http.StatusServiceUnavailable {
			t.Fatalf("status %d within the limit", got)
		}
	}
	if got := ask(dial()); got != http.StatusServiceUnavailable && got != 0 {
		t.Errorf("status %d above the limit; want 503 and the end", got)
	}
	if got := ask(first); got == 0 || got == http.StatusServiceUnavailable {
		t.Errorf("status %d on a connection that was there before", got)
	}
	second.Close()
	w.await("a place", func() bool { got := ask(dial()); return got != 0 && got != http.StatusServiceUnavailable })
}

// A body that is larger than any bid request gets a bare 413, and is counted.
// Its length tells: nobody waits for the body, so none is sent here, and none
// is on its way when the connection is closed.
func TestTooLargeABodyIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	c, err := net.Dial("tcp", strings.TrimPrefix(w.app.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "POST /openrtb2/alpha HTTP/1.1\r\nHost: bid\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", 300<<10)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	r.Body.Close()
	if r.StatusCode != http.StatusRequestEntityTooLarge || len(body) != 0 {
		t.Errorf("status %d, body %q; want a bare 413", r.StatusCode, body)
	}
	if n := w.metric("tangent_bidder_no_bids_total", "reason", "too_large"); n != 1 {
		t.Errorf("counted %v times; want once", n)
	}
}

// Each connection has a buffer as long as headers may be. Those of browsers and
// exchanges fit; longer ones are refused.
func TestTooLongHeadersAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	for long, refused := range map[int]bool{7 << 10: false, 9 << 10: true} {
		c, err := net.Dial("tcp", strings.TrimPrefix(w.app.URL(), "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "GET /nothing HTTP/1.1\r\nHost: bid\r\nCookie: a=%s\r\n\r\n", strings.Repeat("x", long))
		status := 0 // it may be cut off: what is too long was not read
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err == nil {
			r.Body.Close()
			status = r.StatusCode
		}
		if (status != http.StatusNotFound) != refused {
			t.Errorf("a header of %d bytes: status %d", long, status)
		}
	}
}
