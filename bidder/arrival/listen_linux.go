package arrival

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// unaccepted is how many connections may wait to be accepted; more are not
// answered by the kernel, and their clients try again, after a second at first.
//
// Exchanges close the connection of a request that was answered too late, and
// open another. With the kernel's usual 4,096 places, a bidder that was late once
// with all of them never got out of it: to accept and close one takes some 40 us
// of one CPU, so that each lay there for longer than its tmax, was closed by then,
// and was made anew. Of 256 the last one waits for some 10 ms.
const unaccepted = 256

// Listen makes the connections of a TCP listener note when what they read
// arrived, and lets few of them wait to be accepted. Where the kernel does not do
// that, it returns the listener as it is.
func Listen(l net.Listener) net.Listener {
	tcp, ok := l.(*net.TCPListener)
	if !ok {
		return l
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return l
	}
	refused := error(nil)
	err = raw.Control(func(fd uintptr) { // connections have the option from their listener
		refused = errors.Join(
			unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
			unix.Listen(int(fd), unaccepted), // of a socket that listens, this changes the number alone
		)
	})
	if err != nil || refused != nil {
		return l
	}
	return &listener{tcp}
}

type listener struct{ *net.TCPListener }

func (l *listener) Accept() (net.Conn, error) {
	tcp, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	raw, err := tcp.SyscallConn()
	if err != nil { // it cannot be for a connection that was just made
		return tcp, nil
	}
	c := &conn{TCPConn: tcp, raw: raw}
	c.receive, c.send = c.recvmsg, c.sendto
	return c, nil
}

// conn is a connection that is read by one goroutine at a time, and written by
// one.
//
// Its system calls never wait, so Go's scheduler is not told of them. A call that
// it is told of wakes its monitor whenever that sleeps, as it does once nothing
// runs: with requests that come one by one this was each time, for 5 to 9 us of
// the process's CPU per request. The monitor is there for calls that wait, for
// what runs for 10 ms and for sockets that nobody asks meanwhile; so one read of
// many still tells the scheduler, and a process that becomes busy has its monitor
// within some milliseconds. Timers wake it in any case.
type conn struct {
	*net.TCPConn
	raw     syscall.RawConn
	receive func(fd uintptr) bool // recvmsg, bound once: per read it would be garbage
	send    func(fd uintptr) bool // sendto, likewise
	at      int64                 // when what was read last came, in ns since 1970; 0: not known
	reads   uint8                 // since the scheduler was told of one

	// Of the read under way. It is a system call of our own, since that of the
	// library makes garbage.
	message unix.Msghdr
	to      unix.Iovec
	control [stampLen]byte
	n       int
	errno   syscall.Errno

	// Of the write under way.
	out    []byte // what is left of it
	broken syscall.Errno
}

// tellEvery is of how many reads of a connection the scheduler is told of one.
const tellEvery = 64

// stampLen is the length of a control message with one time.
const stampLen = unix.SizeofCmsghdr + int(unsafe.Sizeof(unix.Timespec{}))

// Arrived returns when what was read last came, by the wall clock; zero is not
// known.
func (c *conn) Arrived() time.Time {
	if c.at == 0 {
		return time.Time{}
	}
	return time.Unix(0, c.at)
}

// Read reads as a TCPConn does.
func (c *conn) Read(to []byte) (int, error) {
	if len(to) == 0 {
		return 0, nil
	}
	c.to.Base = &to[0]
	c.to.SetLen(len(to))
	err := c.raw.Read(c.receive)
	c.to.Base = nil
	switch {
	case err != nil: // closed, or the deadline passed
		return 0, err
	case c.errno != 0:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("recvmsg", c.errno)}
	case c.n == 0:
		return 0, io.EOF
	}
	return c.n, nil
}

// recvmsg reads once, and says whether there was something to read.
func (c *conn) recvmsg(fd uintptr) bool {
	for {
		c.message = unix.Msghdr{Iov: &c.to, Control: &c.control[0]}
		c.message.SetIovlen(1)
		c.message.SetControllen(len(c.control))
		n, errno := c.call(fd)
		switch errno {
		case unix.EINTR:
			continue
		case unix.EAGAIN:
			return false
		}
		c.n, c.errno, c.at = int(n), errno, 0
		if errno == 0 {
			c.at = stamp(c.control[:c.message.Controllen])
		}
		return true
	}
}

// call is the system call of a read.
func (c *conn) call(fd uintptr) (n uintptr, errno syscall.Errno) {
	if c.reads++; c.reads < tellEvery {
		n, _, errno = unix.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&c.message)), unix.MSG_DONTWAIT)
		return n, errno
	}
	c.reads = 0
	n, _, errno = unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&c.message)), unix.MSG_DONTWAIT)
	return n, errno
}

// Write writes as a TCPConn does.
func (c *conn) Write(b []byte) (int, error) {
	c.out, c.broken = b, 0
	err := c.raw.Write(c.send)
	n := len(b) - len(c.out)
	c.out = nil
	if err == nil && c.broken != 0 {
		err = &net.OpError{Op: "write", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("sendto", c.broken)}
	}
	return n, err
}

// sendto writes what the socket has room for, and says whether that was all, or
// there will never be more.
func (c *conn) sendto(fd uintptr) bool {
	for len(c.out) > 0 {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&c.out[0])), uintptr(len(c.out)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			c.out = c.out[n:]
		case unix.EINTR:
		case unix.EAGAIN:
			return false
		default:
			c.broken = errno
			return true
		}
	}
	return true
}

// stamp returns the time in a control message.
func stamp(control []byte) int64 {
	if len(control) < stampLen {
		return 0
	}
	h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
	if h.Level != unix.SOL_SOCKET || h.Type != unix.SCM_TIMESTAMPNS {
		return 0
	}
	return (*unix.Timespec)(unsafe.Pointer(&control[unix.SizeofCmsghdr])).Nano()
}
