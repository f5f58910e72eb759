package loadtest

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// alarm waits. The runtime's own timers wake up to a millisecond late on an
// idle process, because epoll counts in milliseconds; that would be measured as
// the bidder's latency. A timer of the kernel is as late as some 50 us.
type alarm struct {
	file *os.File
	buf  [8]byte
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("cannot create a timer: %w", err)
	}
	return &alarm{file: os.NewFile(uintptr(fd), "timer")}, nil
}

// wait returns after d, which must be positive.
func (a *alarm) wait(d time.Duration) error {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	conn, err := a.file.SyscallConn()
	if err != nil {
		return fmt.Errorf("cannot set the timer: %w", err)
	}
	var set error
	if err := conn.Control(func(fd uintptr) { set = unix.TimerfdSettime(int(fd), 0, &spec, nil) }); err != nil {
		set = err
	}
	if set == nil {
		_, set = a.file.Read(a.buf[:])
	}
	if set != nil {
		return fmt.Errorf("cannot wait for the timer: %w", set)
	}
	return nil
}

func (a *alarm) close() { a.file.Close() }
