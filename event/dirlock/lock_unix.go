//go:build unix

package dirlock

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// Lock keeps other processes, and other openings of this one, out.
type Lock struct{ f *os.File }

// Take locks a directory that exists, by a file named lock in it. It does not
// wait: the error says so if another has it.
func Take(dir string) (*Lock, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = errors.New("it is in use by another process")
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Lock{f}, nil
}

// Release lets the next one in. Closing the file would not do: a process that
// this one is just starting has it open, too, until it is another program.
func (l *Lock) Release() {
	_ = syscall.Flock(int(l.f.Fd()), syscall.LOCK_UN)
	l.f.Close()
}
