package loopback

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

const childEnv = "LOOPBACK_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) == "" {
		os.Exit(m.Run())
	}
	ports, err := Ports(many)
	fmt.Println(strings.Trim(fmt.Sprint(ports), "[]"))
	if err != nil {
		os.Exit(1)
	}
	fmt.Scanln() // the parent has read them
}

const many = 200 // more than a block

// Two processes at once are never given the same, whatever they ask for.
func TestPortsAreGivenOnce(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	given := map[int]string{}
	enter := func(who string, ports []int) {
		for _, p := range ports {
			if other, before := given[p]; before {
				t.Errorf("port %d is given to %s and to %s", p, other, who)
			}
			given[p] = who
		}
	}
	for i := range 3 {
		child := exec.Command(self)
		child.Env = append(os.Environ(), childEnv+"=1")
		in, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { in.Close(); _ = child.Wait() })
		ports := make([]int, many)
		for k := range ports {
			if _, err := fmt.Fscan(out, &ports[k]); err != nil {
				t.Fatal(err)
			}
		}
		enter(fmt.Sprintf("process %d", i), ports)
		mine, err := Ports(many)
		if err != nil {
			t.Fatal(err)
		}
		enter("this one", mine)
	}
	from, below := quiet()
	for p := range given {
		if p < from || p >= below {
			t.Errorf("port %d is not one of %d to %d", p, from, below-1)
		}
	}
	if len(given) != 6*many {
		t.Errorf("%d ports are given, want %d", len(given), 6*many)
	}
}

// A server that ended can start again at its port, though connections to it
// are in their last wait.
func TestAServerStartsAgain(t *testing.T) {
	ports, err := Ports(1)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		l, err := net.Listen("tcp", Addr(ports[0]))
		if err != nil {
			t.Fatal(err)
		}
		client, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		server.Close() // who closes first waits
		client.Close()
		l.Close()
	}
}

func TestConnectionsComeFromOtherPorts(t *testing.T) {
	for text, want := range map[string][2]int{
		"32768\t60999\n": {10000, 32768}, // Linux as it comes
		"49152\t65535\n": {10000, 49152},
		"12000\t40000\n": {40001, 65536},
		"1024\t60999\n":  {61000, 65536},
		"1024\t65535\n":  {10000, 32768}, // none is safe
		"10500\t64900\n": {10000, 32768},
		"":               {10000, 32768},
	} {
		if from, below := outside(text); from != want[0] || below != want[1] {
			t.Errorf("beside %q there are %d to %d, want %v", text, from, below, want)
		}
	}
}

func TestNoPortIsLeft(t *testing.T) {
	var b blocks
	if err := b.claim(lowest, lowest+block-1); err == nil {
		t.Errorf("there is no whole block, and %d to %d are claimed", b.next, b.end)
	}
}
