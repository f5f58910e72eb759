package postgrestest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/tangent-dsp/tangent/loopback"
)

// Server is a PostgreSQL server process with its children.
type Server struct {
	bin  string // directory of the programs
	dir  string
	port int
	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended

	copies   sync.Mutex
	copied   int   // times that Copy was called
	copyable error // what kept the template from being made
}

// access lets everybody in who comes from here, but asks the user guarded for
// a password: see [Server.Guarded].
const access = `host all guarded 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
`

// settings of a server whose machine never fails, and which is small.
var settings = []string{
	"fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=200",
	"unix_socket_directories=", "listen_addresses=127.0.0.1", "deadlock_timeout=100ms", "logging_collector=off",
}

// Start makes a database cluster and starts a server for it on a free port.
func Start() (*Server, error) {
	bin, err := find(false)
	if err != nil {
		return nil, err
	}
	ports, err := loopback.Ports(1)
	if err != nil {
		return nil, err
	}
	// Not under TMPDIR, which may be closed to nobody.
	dir, err := os.MkdirTemp("/tmp", "postgrestest-")
	if err != nil {
		return nil, fmt.Errorf("cannot make the server's directory: %w", err)
	}
	s := &Server{bin: bin, dir: dir, port: ports[0]}
	if err = s.create(); err == nil {
		err = s.run()
	}
	if err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	return s, nil
}

// create makes the cluster's files.
func (s *Server) create() error {
	if err := give(s.dir); err != nil {
		return fmt.Errorf("cannot make the server's directory: %w", err)
	}
	init, err := s.command("initdb", "-D", s.data(), "-U", "tangent", "-E", "UTF8", "--no-locale", "--no-sync", "-A", "trust")
	if err != nil {
		return err
	}
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot make a database cluster: %w: %s", err, strings.TrimSpace(string(out)))
	}
	if err := os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(access), 0o600); err != nil {
		return fmt.Errorf("cannot make a database cluster: %w", err)
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(name string, args ...string) (*exec.Cmd, error) {
	attr, err := attributes()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir, cmd.SysProcAttr = s.dir, attr
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + s.dir, "LC_ALL=C", "TZ=UTC"} // none of the PG variables
	return cmd, nil
}

// run starts the process and waits until it says that it takes connections.
func (s *Server) run() error {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port)}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	cmd, err := s.command("postgres", args...)
	if err != nil {
		return err
	}
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("cannot start PostgreSQL: %w", err)
	}
	ready, done := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(done)
		ready <- awaitReady(log)
		_, _ = io.Copy(io.Discard, log)
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
		return fmt.Errorf("cannot start PostgreSQL: %w", err)
	}
	return nil
}

// awaitReady reads the server's log up to the line that says so.
func awaitReady(log io.Reader) error {
	var last string
	for lines := bufio.NewReader(log); ; {
		line, err := lines.ReadString('\n')
		if strings.Contains(line, "ready to accept connections") {
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

// Kill ends the server as a crash would: no checkpoint, every connection cut.
// It waits until all of it has ended, so that Restart finds its files free.
func (s *Server) Kill() {
	s.signal(syscall.SIGCONT)
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // PostgreSQL's immediate shutdown
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		s.signal(syscall.SIGKILL)
		<-s.done
	}
}

// Restart starts a killed server again at its address, with what was
// committed.
func (s *Server) Restart() error { return s.run() }

// Freeze stops the server without ending it: connections stay and nothing
// answers. Thaw lets it go on.
func (s *Server) Freeze() error { return s.signal(syscall.SIGSTOP) }

// Thaw ends Freeze.
func (s *Server) Thaw() error { return s.signal(syscall.SIGCONT) }

// signal sends to the process, which starts the children, and then to them.
func (s *Server) signal(sig syscall.Signal) error {
	pid := s.cmd.Process.Pid
	if err := s.cmd.Process.Signal(sig); err != nil {
		return err
	}
	for _, child := range children(pid) {
		_ = syscall.Kill(child, sig) // it may just have ended
	}
	return nil
}

// Close kills the server and removes its directory.
func (s *Server) Close() {
	s.Kill()
	_ = os.RemoveAll(s.dir)
}
