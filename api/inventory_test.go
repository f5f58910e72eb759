package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
)

// An upload that takes longer than the server's time for a request is read to
// its end, and answered.
func TestSlowUploadsOfEntriesAreAnswered(t *testing.T) {
	const patience = 200 * time.Millisecond
	h := newHarness(t)
	var list v1.InventoryList
	h.must(http.MethodPost, "/v1/inventory-lists", `{"name":"sites","kind":"sites"}`, &list)
	front := httptest.NewUnstartedServer(h.handler)
	front.Config.ReadTimeout, front.Config.WriteTimeout = patience, patience
	front.Start()
	defer front.Close()

	body, feed := io.Pipe()
	go func() {
		for range 4 {
			_, _ = io.WriteString(feed, strings.Repeat("example.org\nexample.com\n", 1000))
			<-time.After(patience / 2) // a slow line
		}
		feed.Close()
	}()
	req, err := http.NewRequest(http.MethodPut, front.URL+"/v1/inventory-lists/1/entries", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+h.admin)
	req.Header.Set("Content-Type", "text/plain")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != 200 || !strings.Contains(string(text), `"entries":2`) {
		t.Errorf("%d: %s", resp.StatusCode, text)
	}
}
