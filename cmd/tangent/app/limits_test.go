package app_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// A body that is larger than any bid request gets a bare 413, and is counted.
func TestTooLargeABodyIsRefused(t *testing.T) {
	w := newWorld(t, nil)
	r, err := w.http.Post(w.app.URL()+"/openrtb2/alpha", "application/json", strings.NewReader(strings.Repeat(" ", 300<<10)))
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
