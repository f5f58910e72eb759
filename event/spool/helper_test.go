package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

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
	case "starved": // of room for files: what is written beyond fails with EFBIG
		signal.Ignore(syscall.SIGXFSZ)
		c.SegmentBytes, appends = mib, 2000
		limit := syscall.Rlimit{Cur: 40_000, Max: 40_000}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	s, err := New(c)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var last atomic.Uint64
	last.Store(from)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for seq := last.Add(1); seq <= from+appends; seq = last.Add(1) {
				if err := s.Append(context.Background(), numbered(seq)); err != nil {
					os.Stderr.WriteString(strings.ReplaceAll(err.Error(), "\n", " ") + "\n")
					continue
				}
				os.Stdout.WriteString(strconv.FormatUint(seq, 10) + "\n")
			}
		})
	}
	wg.Wait()
	fmt.Fprintln(os.Stderr, "fit:", s.Fit())
	return 0 // without Close: the process just ends
}
