package natslog

import (
	"bufio"
	"context"
	"fmt"
	"os"
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
