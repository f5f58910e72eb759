package main

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// A process begins anew with the timer slack, so that the threads have it that
// the runtime makes before main, and once; a slack that its starter chose
// stands.
func TestProcessBeginsAnewWithItsTimerSlack(t *testing.T) {
	if os.Getenv(asTangent) == "slack" { // each beginning says what it has
		fmt.Println(slack())
		relaxTimers()
		if _, set := os.LookupEnv(begunAnew); set {
			fmt.Println("and hands its mark down")
		}
		os.Exit(0)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for set, want := range map[string]string{"50000": "50µs\n200µs\n", "70000": "70µs\n"} {
		cmd := exec.Command("sh", "-c", `echo $0 > /proc/self/timerslack_ns; exec "$@"`, set, self, "-test.run", t.Name())
		cmd.Env = append(os.Environ(), asTangent+"=slack")
		if out, err := cmd.CombinedOutput(); err != nil || string(out) != want {
			t.Errorf("begun with %s ns: %q, %v; want %q", set, out, err, want)
		}
	}
}
