package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
)

// On SIGTERM no more bids are made, notices of earlier ones are still
// answered, and what was answered is booked when the process has ended.
func TestSigtermDrains(t *testing.T) {
	data := t.TempDir()
	args := []string{"--data-dir", data, "--audience", "embedded", "--drain-time", "2s", "--tick", "50ms"}
	s := serve(t, nil, nil, args...)
	api := apiOf(t, s, data)
	campaigns := setUp(t, api, v1.Budget{Lifetime: 100 * money.Unit})
	var bills []string
	for range 20 {
		bid, _ := buy(t, s)
		bills = append(bills, expand(bid.BURL, "1.5"))
	}

	// When it is told to end, with notices under way.
	var notices sync.WaitGroup
	send := func(urls []string) {
		for _, url := range urls {
			notices.Go(func() {
				r, err := http.Get(url)
				if err != nil {
					t.Errorf("a notice while draining: %v", err)
					return
				}
				defer r.Body.Close()
				if r.StatusCode != http.StatusOK {
					t.Errorf("a notice while draining: status %d", r.StatusCode)
				}
			})
		}
	}
	send(bills[:10])
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	await(t, "no more bids", func() bool {
		r, err := http.Post(s.exchanges+"/openrtb2/alpha", "application/json", strings.NewReader(oneImp))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		return r.StatusCode == http.StatusNoContent
	})
	if status, body := fetch(t, s.admin+"/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(body, "shutting down") {
		t.Errorf("while draining /readyz says %d %s", status, body)
	}
	send(bills[10:])
	notices.Wait()
	if status := s.wait(); status != 0 {
		t.Errorf("exit status %d", status)
	}

	// Then every one of them is booked.
	s = serve(t, s, nil, args...)
	if all, _ := booked(t, api, campaigns); all != 20*1_500_000 {
		t.Errorf("booked %s, want 20 impressions at 1.5 CPM", all)
	}
}

// A client may open a connection and never use it: that keeps nobody from ending.
func TestSigtermWithAConnectionThatIsNotUsed(t *testing.T) {
	s := serve(t, nil, nil, "--data-dir", t.TempDir(), "--audience", "embedded", "--drain-time", "0s")
	c, err := net.Dial("tcp", strings.TrimPrefix(s.exchanges, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if status := s.wait(); status != 0 {
		t.Errorf("exit status %d", status)
	}
}

// Two processes must not share a data folder or an address.
func TestSecondServeFails(t *testing.T) {
	data := t.TempDir()
	s := serve(t, nil, nil, "--data-dir", data, "--audience", "embedded", "--drain-time", "0s")
	for name, args := range map[string][]string{
		"address": {"--data-dir", t.TempDir(), "--listen", strings.TrimPrefix(s.exchanges, "http://")},
		"folder":  {"--data-dir", data, "--listen", "127.0.0.1:0"},
	} {
		p := launch(t, nil, append([]string{"serve", "--audience", "embedded", "--api-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)...)
		if status := p.wait(); status != 1 || !strings.Contains(p.errors.String(), "cannot") {
			t.Errorf("the same %s: exit status %d, %s", name, status, p.errors.String())
		}
	}
	if status, body := fetch(t, s.admin+"/readyz"); status != http.StatusOK {
		t.Errorf("the first is not ready any more: %d %s", status, fmt.Sprint(body))
	}
}
