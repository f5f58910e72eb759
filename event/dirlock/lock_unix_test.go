//go:build unix

package dirlock

import (
	"syscall"
	"testing"
)

// A process has the files of the one that starts it open, for a moment.
func TestReleasedThoughOthersHaveTheFileOpen(t *testing.T) {
	dir := t.TempDir()
	first, err := Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := syscall.Dup(int(first.f.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(theirs)
	first.Release()
	second, err := Take(dir)
	if err != nil {
		t.Fatalf("after the first left: %v", err)
	}
	second.Release()
}
