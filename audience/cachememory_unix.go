//go:build linux || darwin

package audience

import (
	"fmt"
	"runtime"
	"syscall"
)

// newMemory returns zeroed pages, which go back to the system when nobody has
// the cache any more: not before, as a read may be under way when it is closed.
func newMemory(c *Cache, bytes int) ([]byte, error) {
	memory, err := syscall.Mmap(-1, 0, bytes, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("cannot take %d bytes: %w", bytes, err)
	}
	runtime.AddCleanup(c, func(memory []byte) { _ = syscall.Munmap(memory) }, memory)
	return memory, nil
}
