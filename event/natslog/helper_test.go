package natslog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

// helper runs as a process of its own, see TestMain. Its directory is the
// environment's NATSLOG_TEST_DIR.
func helper(name string) int {
	var err error
	dir := os.Getenv("NATSLOG_TEST_DIR")
	switch name {
	case "append-synced":
		err = helperAppend(Config{Dir: dir})
	case "append-unsynced":
		err = helperAppend(Config{Dir: dir, NoSync: true})
	case "append-forever":
		err = helperForever(Config{Dir: dir, MinGap: -1})
	case "append-some":
		err = helperSome(Config{Dir: dir, MinGap: -1})
	case "append-some-unsynced":
		err = helperSome(Config{Dir: dir, MinGap: -1, NoSync: true})
	case "append-blocks":
		err = helperBlocks(Config{Dir: dir, MaxBytes: minBytes})
	case "node":
		err = helperNode(dir)
	default:
		err = fmt.Errorf("no helper %q", name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// helperAppend prints how many milliseconds one Append took.
func helperAppend(c Config) error {
	l, err := New(c)
	if err != nil {
		return err
	}
	start := time.Now()
	if err := l.Append(context.Background(), numbered(1)); err != nil {
		return err
	}
	fmt.Println(time.Since(start).Milliseconds())
	return nil // without Close: the process just ends
}

// helperAppends is how many events helperSome appends.
const helperAppends = 200

// helperSome appends from several goroutines and writes every sequence that
// was acknowledged, after it was.
func helperSome(c Config) error {
	l, err := New(c)
	if err != nil {
		return err
	}
	errs := make(chan error)
	const writers = 4
	for w := range writers {
		go func() {
			for n := range helperAppends / writers {
				seq := uint64(1000*w + n + 1)
				if err := l.Append(context.Background(), numbered(seq)); err != nil {
					errs <- err
					return
				}
				os.Stdout.WriteString(strconv.FormatUint(seq, 10) + "\n")
			}
			errs <- nil
		}()
	}
	for range writers {
		err = errors.Join(err, <-errs)
	}
	return err // without Close: the power fails
}

// helperBlocks appends half of what a small log may hold: more than one of the
// server's files.
func helperBlocks(c Config) error {
	l, err := New(c)
	if err != nil {
		return err
	}
	for seq := uint64(1); seq <= minBytes/mib; seq++ {
		if err := l.Append(context.Background(), big(seq)); err != nil {
			return err
		}
		os.Stdout.WriteString(strconv.FormatUint(seq, 10) + "\n")
	}
	return nil
}

// helperForever appends until it is killed and prints every sequence that was
// acknowledged, after it was.
func helperForever(c Config) error {
	l, err := New(c)
	if err != nil {
		return err
	}
	var from uint64
	fmt.Sscan(os.Getenv("NATSLOG_TEST_FROM"), &from)
	var mu sync.Mutex
	out := bufio.NewWriterSize(os.Stdout, 0)
	errs := make(chan error)
	for range 16 {
		go func() {
			for {
				mu.Lock()
				from++
				seq := from
				mu.Unlock()
				if err := l.Append(context.Background(), numbered(seq)); err != nil {
					errs <- err
					return
				}
				mu.Lock()
				fmt.Fprintln(out, seq)
				out.Flush()
				mu.Unlock()
			}
		}()
	}
	return <-errs
}
