package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel kill the process when the test dies, however.
func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

// dieWithWrapper has the kernel kill this process when the one that started it
// dies: strace, when it is killed, only lets go of what it traces.
func dieWithWrapper() {
	if _, _, err := syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGKILL), 0); err != 0 {
		fmt.Fprintln(os.Stderr, "cannot die with the wrapper:", err)
		os.Exit(1)
	}
}
