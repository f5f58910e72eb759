package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tangent-dsp/tangent/loopback"
)

// Server is a redis-server process.
type Server struct {
	port int
	bus  int // of the Cluster, 0 alone
	wait int // milliseconds until a Cluster's other nodes are taken for dead
	dir  string
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
}

// Start starts a server on a free port. args are further arguments of
// redis-server.
func Start(args ...string) (*Server, error) { return start(false, args) }

// patience is the milliseconds after which nodes of a Cluster take another for
// dead, and give up getting to know it: longer than any machine is busy.
const patience = 600_000

var errMissing = errors.New("cannot find redis-server: install it with: apt-get install -y redis-server (macOS: brew install redis)")

func start(cluster bool, args []string) (*Server, error) {
	ports, err := loopback.Ports(2)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "redistest-")
	if err != nil {
		return nil, fmt.Errorf("cannot make the server's directory: %w", err)
	}
	s := &Server{port: ports[0], dir: dir, args: args}
	if cluster {
		s.bus, s.wait = ports[1], patience
	}
	if err := s.run(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return s, nil
}

// run starts the process and waits until it says that it takes connections.
func (s *Server) run() error {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return errMissing
	}
	args := []string{
		"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir,
		"--save", "", "--appendonly", "no", "--daemonize", "no", "--logfile", "",
	}
	if s.bus != 0 {
		args = append(args, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
			"--cluster-port", strconv.Itoa(s.bus), "--cluster-node-timeout", strconv.Itoa(s.wait), "--repl-diskless-sync-delay", "0")
	}
	cmd := exec.Command(path, append(args, s.args...)...)
	cmd.SysProcAttr = dieWithParent()
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("cannot start redis-server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start redis-server: %w", err)
	}
	ready := make(chan error, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		ready <- awaitReady(out)
		_, _ = io.Copy(io.Discard, out)
		_ = cmd.Wait()
	}()
	s.cmd, s.done = cmd, done
	select {
	case err = <-ready:
	case <-time.After(time.Minute):
		err = errors.New("it is not ready after a minute")
	}
	if err != nil {
		s.Kill()
		return fmt.Errorf("cannot start redis-server: %w", err)
	}
	return nil
}

// awaitReady reads the server's log up to the line that says so.
func awaitReady(log io.Reader) error {
	var last string
	for lines := bufio.NewReader(log); ; {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, "Ready to accept connections") {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it ended: %s", strings.TrimSpace(last))
		}
		last = line
	}
}

// Addr returns host:port.
func (s *Server) Addr() string { return loopback.Addr(s.port) }

// Kill ends the process at once, as a crash would, and waits for its end.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

// Restart starts a killed server again at its address, empty.
func (s *Server) Restart() error { return s.run() }

// Freeze stops the process without ending it: connections stay and nothing
// answers. Thaw lets it go on.
func (s *Server) Freeze() error { return s.cmd.Process.Signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (s *Server) Thaw() error { return s.cmd.Process.Signal(syscall.SIGCONT) }

// Close kills the server and removes its directory.
func (s *Server) Close() {
	s.Kill()
	_ = os.RemoveAll(s.dir)
}
