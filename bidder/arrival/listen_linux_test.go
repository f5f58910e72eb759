package arrival

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pair returns both ends of a connection; the server's is of Listen. The kernel
// notes when what it gets now comes: it begins with that some time after the
// first connection asks for it, which on a busy machine is after the first bytes.
func pair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(plain)
	defer l.Close()
	if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	var b [1]byte
	for server.(*conn).Arrived().IsZero() {
		if _, err := client.Write(b[:]); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Read(b[:]); err != nil {
			t.Fatal(err)
		}
	}
	return client, server
}

// lies returns when data lies in a connection's socket, without reading it.
func lies(t *testing.T, c net.Conn) {
	t.Helper()
	raw, err := c.(*conn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	if err := raw.Read(func(fd uintptr) bool {
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK)
		return n > 0 || err != unix.EAGAIN
	}); err != nil {
		t.Fatal(err)
	}
}

// Who is not accepted soon must try again: others would wait for nothing behind
// connections that were given up.
func TestFewWaitToBeAccepted(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(plain)
	defer l.Close()
	made, refused := 0, 0
	dial := func(n int) {
		t.Helper()
		for range n {
			c, err := net.DialTimeout("tcp", l.Addr().String(), 100*time.Millisecond)
			var timeout net.Error
			switch {
			case err == nil:
				made++
				t.Cleanup(func() { c.Close() })
			case errors.As(err, &timeout) && timeout.Timeout():
				refused++
			default:
				t.Fatal(err)
			}
		}
	}
	dial(unaccepted + 4)
	if made > unaccepted+1 || made < unaccepted/2 { // the kernel takes one more
		t.Fatalf("%d connections wait and %d do not; want %d to wait", made, refused, unaccepted+1)
	}
	for range made {
		c, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	was := made
	for made == was { // the machine may be slow
		dial(1)
	}
}

// What lay in the socket arrived when it came, and not when it was read.
func TestWaitedCountsTheSocket(t *testing.T) {
	client, server := pair(t)
	for range 3 {
		sent := time.Now()
		if _, err := client.Write([]byte("a request")); err != nil {
			t.Fatal(err)
		}
		lies(t, server)
		there := time.Now()
		<-time.After(20 * time.Millisecond)
		b := make([]byte, 64)
		n, err := server.Read(b)
		now := time.Now()
		if err != nil || string(b[:n]) != "a request" {
			t.Fatalf("read %q, %v", b[:n], err)
		}
		if w := Waited(server, now); w < now.Sub(there) || w > now.Sub(sent) {
			t.Errorf("it waited %v; want between %v and %v", w, now.Sub(there), now.Sub(sent))
		}
	}
	if w := Waited(server, time.Now().Add(-time.Hour)); w != 0 {
		t.Errorf("by a clock that was set back it waited %v", w)
	}
	if w := Waited(client, time.Now()); w != 0 {
		t.Errorf("a connection that knows nothing waited %v", w)
	}
	if w := Waited(&conn{}, time.Now()); w != 0 {
		t.Errorf("nothing was read, and it waited %v", w)
	}
}

func TestConnReadsAsOthersDo(t *testing.T) {
	client, server := pair(t)

	// a deadline
	if err := server.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	var b [4]byte
	_, err := server.Read(b[:])
	var timeout net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("after the deadline: %v", err)
	}
	if err := server.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}

	// parts, and the end
	if _, err := client.Write([]byte("123456")); err != nil {
		t.Fatal(err)
	}
	client.(*net.TCPConn).CloseWrite()
	all, err := io.ReadAll(server)
	if err != nil || string(all) != "123456" {
		t.Errorf("read %q, %v", all, err)
	}
	if n, err := server.Read(nil); n != 0 || err != nil {
		t.Errorf("a read of nothing: %d, %v", n, err)
	}

	// a reset, and our own end
	client, server = pair(t)
	client.(*net.TCPConn).SetLinger(0)
	client.Close()
	if _, err := server.Read(b[:]); !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("after a reset: %v", err)
	}
	_, server = pair(t)
	read := make(chan error)
	go func() {
		_, err := server.Read(b[:])
		read <- err
	}()
	server.Close()
	if err := <-read; !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestConnWritesAsOthersDo(t *testing.T) {
	client, server := pair(t)

	// more than sockets have room for, in order, to somebody who reads late
	all := make([]byte, 8<<20)
	for i := range all {
		all[i] = byte(i * 7 >> 3)
	}
	wrote := make(chan error)
	go func() {
		n, err := server.Write(all)
		if err == nil && n != len(all) {
			err = fmt.Errorf("wrote %d", n)
		}
		wrote <- err
	}()
	<-time.After(10 * time.Millisecond)
	got := make([]byte, len(all))
	if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, all) {
		t.Errorf("what was read is not what was written, %v", err)
	}
	if err := <-wrote; err != nil {
		t.Errorf("a large write: %v", err)
	}
	if n, err := server.Write(nil); n != 0 || err != nil {
		t.Errorf("a write of nothing: %d, %v", n, err)
	}

	// a deadline, when a part is written; buffers of a size that is set do not
	// grow, and those that grow may take all
	client, server = pair(t)
	if err := errors.Join(client.(*net.TCPConn).SetReadBuffer(64<<10), server.(*conn).SetWriteBuffer(64<<10)); err != nil {
		t.Fatal(err)
	}
	n := 0
	go func() {
		var err error
		n, err = server.Write(all)
		wrote <- err
	}()
	if _, err := io.ReadFull(client, got[:1]); err != nil {
		t.Fatal(err)
	}
	if err := server.SetWriteDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	err := <-wrote
	var timeout net.Error
	if n == 0 || n == len(all) || !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Fatalf("after the deadline: %d written, %v", n, err)
	}
	if _, err := io.ReadFull(client, got[1:n]); err != nil || !bytes.Equal(got[:n], all[:n]) {
		t.Errorf("of the part of %d that was written others were read, %v", n, err)
	}

	// nobody reads any more, and our own end
	client, server = pair(t)
	client.(*net.TCPConn).SetLinger(0)
	client.Close()
	if n, err := server.Write(all); n == len(all) || !errors.Is(err, unix.ECONNRESET) && !errors.Is(err, unix.EPIPE) {
		t.Errorf("after a reset: %d written, %v", n, err)
	}
	_, server = pair(t)
	go func() {
		_, err := server.Write(all)
		wrote <- err
	}()
	server.Close()
	if err := <-wrote; !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestReadsAndWritesAllocateNothing(t *testing.T) {
	client, server := pair(t)
	b := make([]byte, 64)
	n := testing.AllocsPerRun(2*tellEvery, func() {
		_, _ = client.Write(b[:8])
		if _, err := server.Read(b); err != nil {
			t.Fatal(err)
		}
		if Waited(server, time.Now()) == 0 {
			t.Error("it does not know when this came")
		}
		if _, err := server.Write(b[:8]); err != nil {
			t.Fatal(err)
		}
		_, _ = client.Read(b)
	})
	if n != 0 {
		t.Errorf("%v allocations per read and write; want none", n)
	}
}

func BenchmarkRead(b *testing.B) {
	for name, wrap := range map[string]func(net.Listener) net.Listener{"plain": func(l net.Listener) net.Listener { return l }, "noting": Listen} {
		b.Run(name, func(b *testing.B) {
			plain, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			l := wrap(plain)
			defer l.Close()
			client, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			defer client.Close()
			server, err := l.Accept()
			if err != nil {
				b.Fatal(err)
			}
			defer server.Close()
			buf := make([]byte, 2048)
			for b.Loop() {
				_, _ = client.Write(buf)
				if _, err := server.Read(buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
