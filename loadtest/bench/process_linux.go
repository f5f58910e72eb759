package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dieWithParent has the kernel kill the process when we die, however.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// cpuOf returns what a process has used of the CPU, to the nanosecond: its
// clock in clock_getcpuclockid(3).
func cpuOf(pid int) (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|2), &t); err != nil {
		return 0, fmt.Errorf("cannot read the CPU time of process %d: %w", pid, err)
	}
	return time.Duration(t.Nano()), nil
}

// residentOf returns the bytes of memory that a process has resident.
func residentOf(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		return 0, fmt.Errorf("cannot read the memory of process %d: %w", pid, err)
	}
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		return 0, fmt.Errorf("cannot read the memory of process %d", pid)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}

// machine describes the CPU, the kernel and how busy it is.
func machine() (model, kernel, load string) {
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, ok := bytes.Cut(b, []byte("model name\t: ")); ok {
			line, _, _ := bytes.Cut(after, []byte{'\n'})
			model = string(line)
		}
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		kernel = unix.ByteSliceToString(name.Release[:])
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		if f := bytes.Fields(b); len(f) > 0 {
			load = string(f[0])
		}
	}
	return model, kernel, load
}

// busyOf returns how long the CPUs of the machine have worked so far, or had
// to wait for others on the same host. Interrupts are left out: loopback's are
// the benchmark's own.
func busyOf() time.Duration {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	fields := bytes.Fields(line) // cpu user nice system idle iowait irq softirq steal, in hundredths of a second
	ticks := 0
	for _, i := range []int{1, 2, 3, 8} {
		if i < len(fields) {
			n, _ := strconv.Atoi(string(fields[i]))
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// freeOf returns the bytes that may still be written into a folder.
func freeOf(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("cannot see how much room there is in %s: %w", dir, err)
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}
