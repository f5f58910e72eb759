package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// away is a primary that never takes anything.
type away struct{}

var errTest = errors.New("nobody answers")

func (away) Append(context.Context, ...event.Event) error { return errTest }

// helper runs as a process of its own, see TestMain. It appends to a spool in
// SPOOL_TEST_DIR, whose primary is away, and writes a line to its output for
// every sequence that was acknowledged, after it was: in one write, so that a
// kill cannot cut it.
func helper(name string) int {
	dir := os.Getenv("SPOOL_TEST_DIR")
	from, _ := strconv.ParseUint(os.Getenv("SPOOL_TEST_FROM"), 10, 64)
	c := Config{Dir: dir, Primary: away{}, SegmentBytes: 16 * kib}
	appends := uint64(1) << 40
	switch name {
	case "forever":
	case "some":
		appends = 300
	case "some-unsynced":
		appends, c.NoSync = 300, true
	case "starved":
		return starve(c)
	}
	s, err := New(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	appendMany(s, from, appends)
	return 0 // without Close: the process just ends
}

// appendMany appends so many events and returns how many were acknowledged.
func appendMany(s *Spool, from, appends uint64) uint64 {
	var last, kept atomic.Uint64
	last.Store(from)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for seq := last.Add(1); seq <= from+appends; seq = last.Add(1) {
				if err := s.Append(context.Background(), numbered(seq)); err != nil {
					os.Stderr.WriteString(strings.ReplaceAll(err.Error(), "\n", " ") + "\n")
					continue
				}
				kept.Add(1)
				os.Stdout.WriteString(strconv.FormatUint(seq, 10) + "\n")
			}
		})
	}
	wg.Wait()
	return kept.Load()
}

// starvedAppends is how many events starve appends in each of its parts.
const starvedAppends = 200

// starve lets the disk fill up: a limit on the size of files makes writes fail
// with EFBIG, the one that reaches it after a part.
func starve(c Config) int {
	signal.Ignore(syscall.SIGXFSZ)
	c.SegmentBytes, c.RetryMax = mib, 50*time.Millisecond
	s, err := New(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	limit := func(bytes uint64) {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: bytes, Max: 1 << 40}); err != nil {
			panic(err)
		}
	}
	appendMany(s, 0, starvedAppends)
	limit(uint64(s.Stats().Bytes) + 1000) // some more, and a part of one
	appendMany(s, 1000, 20)
	limit(100)
	kept := appendMany(s, 2000, starvedAppends)
	fmt.Fprintf(os.Stderr, "full: %d kept, unfit: %v\n", kept, s.Fit())
	limit(1 << 30)
	for deadline := time.Now().Add(10 * time.Second); s.Fit() != nil && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if s.Fit() == nil {
		fmt.Fprintln(os.Stderr, "free: fit")
	}
	appendMany(s, 3000, starvedAppends)
	return 0
}
