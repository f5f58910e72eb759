package bench

import (
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A process that is started on CPUs keeps to them, and so does one that is
// pinned; we have ours back.
func TestProcessesKeepToTheirCPUs(t *testing.T) {
	all, first, _, _ := parted()
	cmd := exec.Command("cat", "/proc/self/status")
	var out strings.Builder
	cmd.Stdout = &out
	if err := startOn(&first, cmd.Start); err != nil {
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
