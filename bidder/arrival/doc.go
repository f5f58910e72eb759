// Package arrival answers: when did this request reach the machine?
//
// A server learns of a request when a goroutine has read it. On a busy machine
// it lay in the socket until then, and whoever sent it counts that time. The
// kernel of Linux notes when each segment came; the connections of [Listen]
// ask for it with every read, which costs some 0.3 us. Elsewhere nothing is
// known, and every time is zero. The kernel begins with it a little after the
// first connection asks, so the first requests of a machine may not know either.
//
// On Linux these connections also spare Go's scheduler the news of most of their
// system calls, which costs more than the calls themselves: see conn.
//
// It must never delay or change what is read or written.
package arrival

import (
	"net"
	"time"
)

// Waited returns how long ago the data of the last Read of a connection reached
// this machine: the last byte of it, so not how long a slow sender took. It is
// 0 for connections that do not know it. A wall clock that is set back makes it
// 0, one that is set forward longer, for what is under way at that moment.
func Waited(c net.Conn, now time.Time) time.Duration {
	if s, ok := c.(interface{ Arrived() time.Time }); ok {
		if at := s.Arrived(); !at.IsZero() {
			return max(0, now.Round(0).Sub(at)) // of the wall clock, which is the kernel's
		}
	}
	return 0
}
