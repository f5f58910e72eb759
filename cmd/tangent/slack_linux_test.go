package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
)

// Every thread of a server has the timer slack, those included that the runtime
// makes before main; a slack that its starter chose stands.
func TestServeHasItsTimerSlack(t *testing.T) {
	for name, c := range map[string]struct{ set, want string }{
		"the kernel's own":  {"", fmt.Sprint(timerSlack.Nanoseconds())},
		"one of a launcher": {"70000", "70000"},
	} {
		t.Run(name, func(t *testing.T) {
			var wrapper []string
			if c.set != "" {
				wrapper = []string{"sh", "-c", "echo " + c.set + ` > /proc/self/timerslack_ns; exec "$@"`, "sh"}
			}
			s := serve(t, nil, wrapper, "--data-dir", t.TempDir(), "--audience", "embedded", "--drain-time", "0s")
			threads, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", s.cmd.Process.Pid))
			if err != nil {
				t.Fatal(err)
			}
			for _, thread := range threads {
				text, err := os.ReadFile("/proc/" + thread.Name() + "/timerslack_ns")
				switch {
				case errors.Is(err, syscall.EPERM):
					t.Skip("the slack of other threads may not be read here: that takes CAP_SYS_NICE")
				case errors.Is(err, os.ErrNotExist): // it has ended
				case err != nil:
					t.Fatal(err)
				case strings.TrimSpace(string(text)) != c.want:
					t.Errorf("a thread has a slack of %s ns, want %s", text, c.want)
				}
			}
		})
	}
}
