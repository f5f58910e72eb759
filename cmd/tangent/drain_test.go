package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
)

// On SIGTERM no more bids are made, notices of earlier ones are still
// answered, and what was answered is booked when the process has ended.
func TestSigtermDrains(t *testing.T) {
	for drain := 2 * time.Second; ; drain *= 4 {
		late := drains(t, drain)
		if late == nil {
			return
		}
		if drain >= 32*time.Second {
			t.Fatal(late)
		}
		t.Log(late)
	}
}

// drains plays a drain. Its error is that the drain was over before all was
// asked, which shows nothing: the machine may be too busy for so short a one.
func drains(t *testing.T, drain time.Duration) error {
	t.Helper()
	data := t.TempDir()
	args := []string{"--data-dir", data, "--audience", "embedded", "--drain-time", drain.String(), "--tick", "50ms"}
	s := serve(t, nil, nil, args...)
	api := apiOf(t, s, data)
	campaigns := setUp(t, api, v1.Budget{Lifetime: 100 * money.Unit})
	var bills []string
	for range 20 {
		bid, _ := buy(t, s)
		bills = append(bills, expand(bid.BURL, "1.5"))
	}

	// When it is told to end, with notices under way.
	var notices errgroup.Group
	send := func(urls []string) {
		for _, url := range urls {
			notices.Go(func() error {
				status, body, err := reply(http.Get(url))
				if err == nil && status != http.StatusOK {
					err = fmt.Errorf("a notice is answered %d %s", status, body)
				}
				return err
			})
		}
	}
	send(bills[:10])
	begin := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	wrong := s.noMoreBids(begin.Add(drain))
	send(bills[10:])
	wrong = errors.Join(wrong, notices.Wait())
	inTime := time.Since(begin) < drain
	if status := s.wait(); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if !inTime {
		return fmt.Errorf("the drain time of %v was over before all was asked, which shows nothing: %v", drain, wrong)
	}
	if wrong != nil {
		t.Errorf("while draining: %v", wrong)
	}

	// Then every one of them is booked.
	serve(t, s, nil, args...)
	if all, _ := booked(t, api, campaigns); all != 20*1_500_000 {
		t.Errorf("booked %s, want 20 impressions at 1.5 CPM", all)
	}
	return nil
}

// noMoreBids waits until /readyz says that the server ends, and asks for a bid
// then.
func (s *server) noMoreBids(over time.Time) error {
	for ends := false; !ends; time.Sleep(10 * time.Millisecond) {
		status, why, err := reply(http.Get(s.admin + "/readyz"))
		if err != nil {
			return err
		}
		ends = status == http.StatusServiceUnavailable && strings.Contains(why, "shutting down")
		if !ends && time.Now().After(over) {
			return fmt.Errorf("/readyz says %d %s, not that the server ends", status, why)
		}
	}
	status, body, err := reply(http.Post(s.exchanges+"/openrtb2/alpha", "application/json", strings.NewReader(oneImp)))
	if err == nil && status != http.StatusNoContent {
		err = fmt.Errorf("a bid request is answered %d %s", status, body)
	}
	return err
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
