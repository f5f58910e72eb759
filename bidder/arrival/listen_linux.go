package arrival

import (
	"io"
	"net"
	"os"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Listen makes the connections of a TCP listener note when what they read
// arrived. Where the kernel does not do that, it returns the listener as it is.
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
		refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
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
	c.receive = c.recvmsg
	return c, nil
}

// conn is a connection that is read by one goroutine at a time.
type conn struct {
	*net.TCPConn
	raw     syscall.RawConn
	receive func(fd uintptr) bool // recvmsg, bound once: per read it would be garbage
	at      int64                 // when what was read last came, in ns since 1970; 0: not known

	// Of the read under way. It is a system call of our own, since that of the
	// library makes garbage.
	message unix.Msghdr
	to      unix.Iovec
	control [stampLen]byte
	n       int
	errno   syscall.Errno
}

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
		n, _, errno := unix.Syscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&c.message)), 0)
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
