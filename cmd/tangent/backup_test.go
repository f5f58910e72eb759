package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// The drill: traffic, a backup in the middle of it, more traffic, the database
// lost. From the backup, the event log and the secrets another folder goes on:
// nothing that was answered 200 is missing, nothing is booked twice, old bids
// are billed, and no incarnation comes again.
func TestBackupAndRestore(t *testing.T) {
	old, now := t.TempDir(), t.TempDir()
	file := filepath.Join(t.TempDir(), "tangent.backup")
	args := []string{"--audience", "embedded", "--drain-time", "0s", "--tick", "50ms", "--catalog-refresh", "100ms"}
	s := serve(t, nil, nil, append(args, "--data-dir", old)...)
	key := keyOf(t, old)
	api := clientOf(t, s, key)
	campaigns := setUp(t, api, v1.Budget{Lifetime: 100 * money.Unit, Daily: 50 * money.Unit})

	// Given traffic, while the backup is written.
	var mu sync.Mutex
	told, incarnations := 0, map[uint64]bool{}
	one := func() {
		bid, _ := buy(t, s)
		id, err := event.ParseBidID(bid.ID)
		if err != nil {
			t.Errorf("bid id %q: %v", bid.ID, err)
		}
		notify(t, s, expand(bid.BURL, "1.5"))
		mu.Lock()
		defer mu.Unlock()
		incarnations[id.Incarnation()] = true
		told++
	}
	for range 10 {
		one()
	}
	stop := make(chan struct{})
	var traffic sync.WaitGroup
	traffic.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				one()
			}
		}
	})
	status, out, errs := tangent(t, "", "backup", "--data-dir", old, file)
	close(stop)
	traffic.Wait()
	if status != 0 || !strings.Contains(out, " rows as of ") || !strings.Contains(errs, "MB written") {
		t.Fatalf("backup: exit status %d\n%s%s", status, out, errs)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v; want 0600", info, err)
	}
	for range 10 {
		one()
	}
	open, _ := buy(t, s) // its bill is to come
	s.signal(os.Interrupt)

	// When it is restored elsewhere, and started on what else survived.
	if status, out, errs := tangent(t, "", "restore", "--data-dir", now, file); status != 0 || !strings.Contains(out, "They can be billed until ") || !strings.Contains(errs, "[##") {
		t.Fatalf("restore: exit status %d\n%s%s", status, out, errs)
	}
	for _, name := range []string{"secrets.json", "events"} {
		if err := os.Rename(filepath.Join(old, name), filepath.Join(now, name)); err != nil {
			t.Fatal(err)
		}
	}
	s = serveStopped(t, s, append(args, "--data-dir", now)...)
	api = clientOf(t, s, key) // the key of before works

	// Then the guard says why nobody bids, and all that was told is booked.
	g, err := api.Guard(t.Context())
	if err != nil || !g.Stopped || g.By != "restore" {
		t.Errorf("the guard is %+v, %v", g, err)
	}
	want := money.Nanos(told) * 1_500_000
	await(t, "what the log holds is booked", func() bool {
		all, _ := booked(t, api, campaigns)
		if all > 2*want {
			t.Fatalf("booked %s, told were %s", all, want)
		}
		return all == 2*want // the lifetime's and the day's
	})

	// And when bidding goes on, old bids are billed and new ones are new.
	if status, out, errs := tangent(t, "", "guard", "resume", "--data-dir", now, "the drill is over"); status != 0 || !strings.Contains(out, "bidding may go on") {
		t.Fatalf("guard resume: exit status %d\n%s%s", status, out, errs)
	}
	before := incarnations
	incarnations = map[uint64]bool{}
	one()
	for i := range incarnations {
		if before[i] {
			t.Errorf("incarnation %d came again", i)
		}
	}
	notify(t, s, expand(open.BURL, "1.5")) // an old bid
	want += 2 * 1_500_000
	await(t, "both are booked", func() bool {
		all, _ := booked(t, api, campaigns)
		return all == 2*want
	})
}

// What cannot be restored changes nothing; what is there is not written over.
func TestBackupAndRestoreRefuse(t *testing.T) {
	data, empty, nothing := t.TempDir(), t.TempDir(), t.TempDir()
	keyOf(t, data)
	status, whole, errs := tangent(t, "", "backup", "--data-dir", data, "-")
	if status != 0 || !strings.Contains(errs, " rows as of ") {
		t.Fatalf("backup to standard output: exit status %d, %s", status, errs)
	}
	here := filepath.Join(t.TempDir(), "here")
	if err := os.WriteFile(here, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		stdin string
		args  []string
		says  string
	}{
		"a file that exists": {"", []string{"backup", "--data-dir", data, here}, "exists"},
		"no database":        {"", []string{"backup", "--data-dir", nothing, filepath.Join(empty, "b")}, "no such file"},
		"no folder":          {"", []string{"backup", "--data-dir", data, filepath.Join(nothing, "no", "b")}, "no such file"},
		"no file":            {"", []string{"restore", "--data-dir", empty, filepath.Join(nothing, "b")}, "no such file"},
		"not empty":          {whole, []string{"restore", "--data-dir", data, "-"}, "not empty"},
		"half of it":         {whole[:len(whole)/2], []string{"restore", "--data-dir", empty, "-"}, "damaged"},
		"none":               {"", []string{"restore", "--data-dir", empty, "-"}, "no backup"},
		"something else":     {"precious", []string{"restore", "--data-dir", empty, "-"}, "no backup"},
	} {
		if status, _, errs := tangent(t, c.stdin, c.args...); status != 1 || !strings.Contains(errs, c.says) {
			t.Errorf("%s: exit status %d, %s", name, status, errs)
		}
	}
	if b, err := os.ReadFile(here); err != nil || string(b) != "precious" {
		t.Errorf("a file that was there is %q, %v", b, err)
	}
	if status, _, errs := tangent(t, whole, "restore", "--data-dir", empty, "-"); status != 0 {
		t.Fatalf("after all of it: exit status %d, %s", status, errs)
	}
	if status, list, _ := tangent(t, "", "key", "list", "--data-dir", empty); status != 0 || !strings.Contains(list, "test") {
		t.Errorf("the keys are %s", list)
	}
	if info, err := os.Stat(filepath.Join(empty, "tangent.db")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the database is %v, %v; want 0600", info, err)
	}
}

// keyOf makes a key with the key command.
func keyOf(t *testing.T, data string) string {
	t.Helper()
	status, key, errs := tangent(t, "", "key", "create", "--data-dir", data, "test")
	if status != 0 {
		t.Fatalf("key create: %s", errs)
	}
	return strings.TrimSpace(key)
}

func clientOf(t *testing.T, s *server, key string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{URL: s.api, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serveStopped starts a server that the guard keeps from being ready.
func serveStopped(t *testing.T, at *server, args ...string) *server {
	t.Helper()
	s := &server{process: launch(t, nil, append([]string{"serve", "--log-format", "json",
		"--listen", strings.TrimPrefix(at.exchanges, "http://"), "--api-listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)...)}
	s.await("tangent is up", s.readAddresses)
	await(t, "the guard is what is missing", func() bool {
		status, body := fetch(t, s.admin+"/readyz")
		return status == http.StatusServiceUnavailable && strings.TrimSpace(body) == "the guard stops all bidding"
	})
	return s
}
