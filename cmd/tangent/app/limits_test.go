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
)

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
