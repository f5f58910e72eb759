package chaos

import "syscall"

// dieWithParent has the kernel kill the process when we die, however.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
