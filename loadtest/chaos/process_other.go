//go:build !linux

package chaos

import "syscall"

// dieWithParent has no equal here: when we are killed, what we started stays.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
