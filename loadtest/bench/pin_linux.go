package bench

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// cpuSet is CPUs that a process may use.
type cpuSet = unix.CPUSet

// parted returns the CPUs that we may use, the first of them, and the others;
// false if there is only one.
func parted() (all, first, rest cpuSet, ok bool) {
	if unix.SchedGetaffinity(0, &all) != nil {
		return all, first, rest, false
	}
	for cpu := range 1024 {
		switch {
		case !all.IsSet(cpu):
		case first.Count() == 0:
			first.Set(cpu)
		default:
			rest.Set(cpu)
		}
	}
	return all, first, rest, rest.Count() > 0
}

// pin keeps a process on CPUs: its threads, and those that they will start.
func pin(pid int, cpus *cpuSet) error {
	for range 2 { // a thread may have started another meanwhile
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
		if err != nil {
			return fmt.Errorf("cannot keep process %d on CPUs: %w", pid, err)
		}
		for _, t := range tasks {
			id, _ := strconv.Atoi(t.Name())
			if err := unix.SchedSetaffinity(id, cpus); err != nil && !errors.Is(err, unix.ESRCH) {
				return fmt.Errorf("cannot keep process %d on CPUs: %w", pid, err)
			}
		}
	}
	return nil
}

// crowd has a thread of ours want all of a CPU, until the function that it
// returns was called: who else is on it gets half of it, if it wants as much.
func crowd(cpu *cpuSet) (leave func(), err error) {
	var over atomic.Bool
	var crowding sync.WaitGroup
	began := make(chan error, 2) // whether it could, or only what was at its end, which nobody takes
	crowding.Go(func() {
		began <- on(cpu, func() error {
			began <- nil
			for !over.Load() {
			}
			return nil
		})
	})
	if err := <-began; err != nil {
		return nil, err
	}
	return func() { over.Store(true); crowding.Wait() }, nil
}

// on does something on CPUs. A process that it starts keeps to them from the
// beginning: it inherits those of the thread that starts it.
func on(cpus *cpuSet, do func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before cpuSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return fmt.Errorf("cannot keep to CPUs: %w", err)
	}
	if err := unix.SchedSetaffinity(0, cpus); err != nil {
		return fmt.Errorf("cannot keep to CPUs: %w", err)
	}
	return errors.Join(do(), unix.SchedSetaffinity(0, &before))
}
