package chaos

import (
	"bufio"
	"io"
	"net"
	"testing"
	"time"
)

// Given a server behind the proxy, then what is said arrives both ways, late
// when it is told to be, and closing the proxy cuts the connection.
func TestProxy(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); _, _ = io.Copy(c, c) }() // an echo
		}
	}()
	p, err := newProxy(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", p.addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	lines := bufio.NewReader(c)
	ask := func() time.Duration {
		t.Helper()
		begun := time.Now()
		if _, err := io.WriteString(c, "hello\n"); err != nil {
			t.Fatal(err)
		}
		if got, err := lines.ReadString('\n'); got != "hello\n" || err != nil {
			t.Fatalf("got %q, %v", got, err)
		}
		return time.Since(begun)
	}
	ask()
	p.slow(50 * time.Millisecond)
	if took := ask(); took < 50*time.Millisecond {
		t.Errorf("a slow answer took %v", took)
	}
	p.slow(0)
	ask()
	p.close()
	if _, err := lines.ReadString('\n'); err == nil {
		t.Error("the connection outlives the proxy")
	}
}
