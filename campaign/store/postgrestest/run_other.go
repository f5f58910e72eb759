//go:build !linux

package postgrestest

import "syscall"

// attributes has no equal here: a test that is killed leaves its server, and
// root has to run the tests as somebody else.
func attributes() (*syscall.SysProcAttr, error) { return nil, nil }

func give(string) error { return nil }

func children(int) []int { return nil }
