package api_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
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
	var begun atomic.Bool
	front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun.Store(true)
		h.handler.ServeHTTP(w, r)
	}))
	front.Config.ReadTimeout, front.Config.WriteTimeout = patience, patience
	front.Start()
	defer front.Close()
	defer http.DefaultClient.CloseIdleConnections()

	upload := func() (status int, text []byte, err error) {
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
			return 0, nil, err
		}
		defer resp.Body.Close()
		text, err = io.ReadAll(resp.Body)
		return resp.StatusCode, text, err
	}
	status, text, err := upload()
	deadline := time.Now().Add(time.Minute)
	for err != nil && !begun.Load() && time.Now().Before(deadline) { // a busy machine did not read the header in time
		time.Sleep(10 * time.Millisecond)
		status, text, err = upload()
	}
	if err != nil || status != 200 || !strings.Contains(string(text), `"entries":2`) {
		t.Errorf("%d: %s, %v", status, text, err)
	}
}

// An upload that breaks off changes nothing.
func TestBrokenUploadsOfEntriesChangeNothing(t *testing.T) {
	h := newHarness(t)
	var list v1.InventoryList
	h.must(http.MethodPost, "/v1/inventory-lists", `{"name":"sites","kind":"sites"}`, &list)
	asText := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	if a := h.send(http.MethodPut, "/v1/inventory-lists/1/entries", "example.org\n", asText); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	server, err := url.Parse(h.url)
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"cut":        "Content-Length: 1000\r\n\r\nexample.com\n",
		"bad chunks": "Transfer-Encoding: chunked\r\n\r\nc\r\nexample.com\n\r\nzz\r\n",
	} {
		c, err := net.Dial("tcp", server.Host)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "PUT /v1/inventory-lists/1/entries HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: text/plain\r\n%s", h.admin, body)
		_ = c.(*net.TCPConn).CloseWrite()
		if answer, _ := io.ReadAll(c); !strings.HasPrefix(string(answer), "HTTP/1.1 400") {
			t.Errorf("%s: %s", name, answer)
		}
		c.Close()
	}
	if h.must(http.MethodGet, "/v1/inventory-lists/1", "", &list); list.Entries != 1 {
		t.Errorf("%+v", list)
	}
}
