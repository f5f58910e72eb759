package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/money"
)

// A billing notice is answered 200 when it is on disk, and not before: with
// every fsync made to take 300 ms, no answer comes sooner. An answer that
// needs no disk shows that the delay is the sync's. Were the log opened
// without syncing, or the notice answered before the log has it, this fails.
// (event/natslog shows the same of one append, and that it notices.)
func TestNoticeIsAnsweredAfterTheSync(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Fatal("strace is missing, it shows that a notice is synced: apt-get install -y strace")
	}
	const slowSync = 300 * time.Millisecond
	data := t.TempDir()
	args := []string{"--data-dir", data, "--audience", "embedded", "--drain-time", "0s", "--tick", "2s"}

	// Given a data folder that is set up, so that little is synced but notices.
	s := serve(t, nil, nil, args...)
	setUp(t, apiOf(t, s, data), v1.Budget{Lifetime: 100 * money.Unit})
	if status := s.signal(syscall.SIGTERM); status != 0 {
		t.Fatalf("exit status %d", status)
	}
	delay := fmt.Sprintf("inject=fsync,fdatasync:delay_enter=%d", slowSync.Microseconds())
	s = serve(t, s, []string{strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync", "-e", delay}, args...)

	for range 2 {
		bid, pixel := buy(t, s)
		for what, url := range map[string]string{"billing": expand(bid.BURL, "1.5"), "win": expand(bid.NURL, "1.5"), "impression": expand(pixel, "1.5")} {
			if took := answer(t, url, http.StatusOK); took < slowSync {
				t.Errorf("a %s notice was answered after %v while a sync takes %v: it was not on disk", what, took, slowSync)
			}
		}
		forged := strings.Replace(bid.BURL, "/n/bill/", "/n/bill/A", 1)
		await(t, "what needs no disk is answered sooner than a sync takes", func() bool { // one is, however busy the machine
			return answer(t, forged, http.StatusBadRequest) < slowSync
		})
	}
}

// answer returns how long an answer with the status took.
func answer(t *testing.T, url string, want int) time.Duration {
	t.Helper()
	start := time.Now()
	if status, body := fetch(t, url); status != want {
		t.Errorf("status %d %q, want %d", status, body, want)
	}
	return time.Since(start)
}
