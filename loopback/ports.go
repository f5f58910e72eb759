package loopback

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
)

// Addr returns host:port of a port here.
func Addr(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// Ports returns n ports of 127.0.0.1 that nothing listens on. They are this
// process's until it ends: no other call, here or in another process, returns
// them, and the kernel gives them to no outgoing connection.
func Ports(n int) ([]int, error) {
	ours.Lock()
	defer ours.Unlock()
	found := make([]int, 0, n)
	for len(found) < n {
		if ours.next == ours.end {
			if err := ours.claim(quiet()); err != nil {
				return nil, err
			}
		}
		port := ours.next
		ours.next++
		if l, err := net.Listen("tcp", Addr(port)); err == nil {
			l.Close()
			found = append(found, port)
		}
	}
	return found, nil
}

// Need is Ports for a test, which fails where there are none.
func Need(t interface {
	Helper()
	Fatal(args ...any)
}, n int) []int {
	t.Helper()
	ports, err := Ports(n)
	if err != nil {
		t.Fatal(err)
	}
	return ports
}

const (
	lowest = 10_000 // below are the ports that well-known services listen on
	usual  = 32_768 // connections begin here on Linux, unless it is told otherwise, and higher on macOS and Windows
	enough = 1_000
	block  = 64 // ports that a process claims at once
)

// ours is what this process has claimed. The kernel keeps the books of a
// machine's ports by process, so they are the process's here, too.
var ours blocks

type blocks struct {
	sync.Mutex
	next, end int            // ports that are left of the last block
	held      []net.Listener // on the first port of each: nobody else claims it, until the process ends however it does
}

var errNone = errors.New("cannot find a free port: every one that no connection takes is claimed")

// claim takes a block of from and up, below the port below, that nobody has.
func (b *blocks) claim(from, below int) error {
	for _, i := range rand.Perm((below - from) / block) { // who starts at the same time does not try the same
		first := from + i*block
		if l, err := net.Listen("tcp", Addr(first)); err == nil {
			b.held = append(b.held, l)
			b.next, b.end = first+1, first+block
			return nil
		}
	}
	return errNone
}

// quiet returns the ports that the kernel gives to no connection by itself:
// from and up, below the other.
func quiet() (from, below int) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return lowest, usual
	}
	return outside(string(text))
}

// outside returns the larger range of ports beside the one of the text, which
// is as Linux writes it. Where neither is large enough none is safe, and the
// usual one is as good as any.
func outside(text string) (from, below int) {
	var low, high int
	if _, err := fmt.Sscan(text, &low, &high); err != nil {
		return lowest, usual
	}
	from, below = lowest, low
	if 65536-(high+1) > below-from {
		from, below = high+1, 65536
	}
	if below-from < enough {
		return lowest, usual
	}
	return from, below
}
