package main

import (
	"os"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Go's runtime has a thread that looks after the others: while there is work it
// sleeps 20 us at a time, to which Linux adds its timer slack of 50 us. In a
// bidder, which is busy for some 50 us per request, waking that thread takes a
// tenth of the CPU. With a slack of 200 us it wakes a third as often. Other
// timers may be as much late, which deadlines of milliseconds do not notice.
const (
	timerSlack   = 200 * time.Microsecond
	defaultSlack = 50 * time.Microsecond // of Linux: prctl(2)

	begunAnew = "_TANGENT_BEGUN_ANEW" // in the environment, from one beginning to the next
)

// relaxTimers gives this process the timer slack, unless whoever started it
// chose one. Threads have that of the thread that made them, and the one that
// it is for was made before main: so the process sets its own and begins anew,
// with the same id, arguments and environment. Where that is refused, it goes on
// as it is; where it has no effect, it does not try again.
func relaxTimers() {
	if os.Getenv(begunAnew) != "" {
		os.Unsetenv(begunAnew)
		return
	}
	runtime.LockOSThread() // slack is a thread's, and exec keeps that of its caller
	defer runtime.UnlockOSThread()
	if slack() != defaultSlack {
		return
	}
	if unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(timerSlack), 0, 0, 0) != nil || slack() != timerSlack {
		return
	}
	if self, err := os.Executable(); err == nil { // by its path: /proc/self/exe would name the process "exe"
		_ = syscall.Exec(self, os.Args, append(os.Environ(), begunAnew+"=1"))
	}
}

// slack returns the thread's, or 0 where it cannot be known.
func slack() time.Duration {
	ns, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return 0
	}
	return time.Duration(ns)
}
