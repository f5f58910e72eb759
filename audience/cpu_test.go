package audience

import (
	"syscall"
	"testing"
)

// processCPU returns the nanoseconds of processor time that this process has
// used, user and system.
func processCPU(t testing.TB) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
