//go:build !linux

package main

import "os/exec"

// dieWithParent has no equal here: a test that is killed leaves its processes.
func dieWithParent(*exec.Cmd) {}

func dieWithWrapper() {}
