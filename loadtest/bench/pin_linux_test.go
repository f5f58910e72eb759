package bench

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A process that is started on CPUs keeps to them, and so does one that is
// pinned; we have ours back.
func TestProcessesKeepToTheirCPUs(t *testing.T) {
	all, first, _, _ := parted()
	cmd := exec.Command("cat", "/proc/self/status")
	var out strings.Builder
	cmd.Stdout = &out
	if err := on(&first, cmd.Start); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, list, _ := strings.Cut(out.String(), "Cpus_allowed_list:"); strings.ContainsAny(strings.SplitN(list, "\n", 2)[0], ",-") {
		t.Errorf("it may use CPUs %s", list)
	}
	if now, _, _, _ := parted(); now != all {
		t.Errorf("we may use %v, not %v any more", now, all)
	}

	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sleeper.Process.Kill(); _ = sleeper.Wait() }()
	for _, want := range []*cpuSet{&first, &all} {
		if err := pin(sleeper.Process.Pid, want); err != nil {
			t.Fatal(err)
		}
		var got cpuSet
		if err := unix.SchedGetaffinity(sleeper.Process.Pid, &got); err != nil || got != *want {
			t.Errorf("%v: it may use %v, want %v", err, got, *want)
		}
	}
}

// A thread of ours is on a crowded CPU and takes what it gets; none is afterwards.
func TestACrowdedCPUIsShared(t *testing.T) {
	all, first, _, apart := parted()
	there := func() (n int) {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Fatal(err)
		}
		for _, thread := range threads {
			id, _ := strconv.Atoi(thread.Name())
			var may cpuSet
			if unix.SchedGetaffinity(id, &may) == nil && may == first {
				n++
			}
		}
		return n
	}
	if n := there(); n != 0 && apart { // all are on the only one
		t.Fatalf("%d threads keep to %v of %v", n, first, all)
	}
	for range 2 {
		leave, err := crowd(&first)
		if err != nil {
			t.Fatal(err)
		}
		if n := there(); n != 1 && apart {
			t.Errorf("%d threads keep to the CPU, want one", n)
		}
		for begun := cpuTime(t); cpuTime(t) < begun+50*time.Millisecond; { // until it was seen to work
			time.Sleep(time.Millisecond)
		}
		leave()
		if n := there(); n != 0 && apart {
			t.Errorf("%d threads keep to the CPU when it is left", n)
		}
	}
}

// cpuTime is what this process has used.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	took, err := cpuOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	return took
}
