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

// dial opens a connection to where exchanges and browsers come.
func (w *world) dial() net.Conn {
	w.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(w.app.URL(), "http://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(45 * time.Second)); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// reply sends a request as it is, and reads the answer's status and body. Status
// 0 means that there was none: the connection was closed.
func reply(c net.Conn, request string) (status int, body string) {
	fmt.Fprint(c, request)
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, ""
	}
	defer r.Body.Close()
	all, _ := io.ReadAll(r.Body)
	return r.StatusCode, string(all)
}

// More connections than are allowed are told so and closed; those that are
// there are served, and when one ends another has its place.
func TestTooManyConnectionsAreRefused(t *testing.T) {
	w := newWorld(t, func(c *app.Config) { c.MaxConnections = 2 })
	ask := func(c net.Conn) int {
		status, _ := reply(c, "POST /openrtb2/alpha HTTP/1.1\r\nHost: bid\r\nContent-Length: 2\r\n\r\n{}")
		return status
	}
	// The one in which the App was set up may be open still.
	w.await("two places", func() bool { return w.metric("tangent_connections") == 0 })
	first, second := w.dial(), w.dial()
	for _, c := range []net.Conn{first, second} {
		if got := ask(c); got == 0 || got == http.StatusServiceUnavailable {
			t.Fatalf("status %d within the limit", got)
		}
	}
	if got := ask(w.dial()); got != http.StatusServiceUnavailable && got != 0 {
		t.Errorf("status %d above the limit; want 503 and the end", got)
	}
	if got := ask(first); got == 0 || got == http.StatusServiceUnavailable {
		t.Errorf("status %d on a connection that was there before", got)
	}
	second.Close()
	w.await("a place", func() bool { got := ask(w.dial()); return got != 0 && got != http.StatusServiceUnavailable })
}

// A body that is larger than any bid request gets a bare 413, and is counted.
// Its length tells: nobody waits for the body, so none is sent here, and none
// is on its way when the connection is closed.
func TestTooLargeABodyIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	status, body := reply(w.dial(), fmt.Sprintf("POST /openrtb2/alpha HTTP/1.1\r\nHost: bid\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", 300<<10))
	if status != http.StatusRequestEntityTooLarge || body != "" {
		t.Errorf("status %d, body %q; want a bare 413", status, body)
	}
	if n := w.metric("tangent_bidder_no_bids_total", "reason", "too_large"); n != 1 {
		t.Errorf("counted %v times; want once", n)
	}
}

// Each connection has a buffer as long as headers may be. Those of browsers and
// exchanges fit; longer ones are refused, and counted.
func TestTooLongHeadersAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	get := func(long int) int {
		status, _ := reply(w.dial(), "GET /nothing HTTP/1.1\r\nHost: bid\r\nCookie: a="+strings.Repeat("x", long)+"\r\n\r\n")
		return status
	}
	if status := get(7 << 10); status != http.StatusNotFound {
		t.Errorf("a header of 7 KiB: status %d", status)
	}
	// The answer may be cut off, as what is too long was not read.
	if status := get(9 << 10); status != http.StatusBadRequest && status != 0 {
		t.Errorf("a header of 9 KiB: status %d", status)
	}
	if n := w.metric("tangent_bidder_no_bids_total", "exchange", "unknown", "reason", "malformed"); n != 1 {
		t.Errorf("counted %v times; want once", n)
	}
}
