package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
)

// exchange is the exchange's process. It shares nothing with ours but the
// network and the numbers of the market clock.
type exchange struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	done   chan error // receives once, when the process has ended

	mu    sync.Mutex
	books loadtest.Books // the last line; complete when it has ended
}

// startExchange starts `tangent exchange` against a bidder.
func startExchange(o Options, target string, anchor, origin time.Time) (*exchange, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("cannot start the exchange: %w", err)
	}
	x := &exchange{done: make(chan error, 1)}
	x.cmd = exec.Command(self, "exchange", "--lines",
		"--target", target,
		"--duration", o.Duration.String(),
		"--rate", strconv.FormatFloat(o.Rate, 'g', -1, 64),
		"--seed", strconv.FormatUint(o.Seed, 10),
		"--users", strconv.Itoa(users),
		"--speed", strconv.FormatFloat(o.Speed, 'g', -1, 64),
		"--anchor", anchor.Format(time.RFC3339Nano),
		"--origin", origin.Format(time.RFC3339Nano),
	)
	x.cmd.Stderr = &x.stderr
	out, err := x.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("cannot start the exchange: %w", err)
	}
	if err := x.cmd.Start(); err != nil {
		return nil, fmt.Errorf("cannot start the exchange: %w", err)
	}
	go func() {
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var b loadtest.Books
			if json.Unmarshal(lines.Bytes(), &b) == nil {
				x.mu.Lock()
				x.books = b
				x.mu.Unlock()
			}
		}
		err := x.cmd.Wait()
		if err != nil {
			err = fmt.Errorf("the exchange failed: %w: %s", err, bytes.TrimSpace(x.stderr.Bytes()))
		}
		x.done <- err
	}()
	return x, nil
}

// stop asks the exchange to send no more requests. It still tells what it
// owes, then ends.
func (x *exchange) stop() { _ = x.cmd.Process.Signal(syscall.SIGTERM) }

// latest returns the exchange's last word.
func (x *exchange) latest() loadtest.Books {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.books
}

// wait waits until the exchange has ended. When ctx ends first it stops it,
// and waits on.
func (x *exchange) wait(ctx context.Context) error {
	select {
	case err := <-x.done:
		return err
	case <-ctx.Done():
		x.stop()
		return <-x.done
	}
}
