package chaos

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// process is one tangent that we started. When it ends by itself it is
// started again, as whatever runs services does.
type process struct {
	name, program string
	args          []string
	log           *os.File

	mu      sync.Mutex
	cmd     *exec.Cmd
	done    chan struct{} // closed when cmd has ended
	wanted  bool
	stopped bool // for good
	count   int  // of starts
	exits   int  // ends that nobody asked for
	watch   sync.WaitGroup
}

// restartAfter is the real time until a process that ended is started again.
const restartAfter = 300 * time.Millisecond

func newProcess(dir, name, program string, args ...string) (*process, error) {
	log, err := os.OpenFile(filepath.Join(dir, name+".log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot start %s: %w", name, err)
	}
	return &process{name: name, program: program, args: args, log: log}, nil
}

// start starts the process, and sees to it that it runs until kill or stop.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.startLocked()
}

func (p *process) startLocked() error {
	if p.stopped {
		return nil
	}
	cmd := exec.Command(p.program, p.args...)
	cmd.Dir = filepath.Dir(p.log.Name())
	cmd.Stdout, cmd.Stderr = p.log, p.log
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "TANGENT_") { // they would be settings of ours
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("cannot start %s: %w", p.name, err)
	}
	done := make(chan struct{})
	p.cmd, p.done, p.wanted = cmd, done, true
	p.count++
	p.watch.Go(func() {
		_ = cmd.Wait() // how it ended is in its log
		close(done)
		p.ended(cmd)
	})
	return nil
}

// ended starts the process again if nobody wanted it to end.
func (p *process) ended(cmd *exec.Cmd) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.wanted || p.cmd != cmd {
		return
	}
	p.exits++
	fmt.Fprintf(p.log, "chaos: it ended by itself: %v\n", cmd.ProcessState)
	p.watch.Go(func() {
		time.Sleep(restartAfter)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.wanted && p.cmd == cmd {
			_ = p.startLocked() // a program that started once starts again
		}
	})
}

// kill is kill -9. It returns when the process has ended.
func (p *process) kill() {
	p.mu.Lock()
	p.wanted = false
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd == nil {
		return
	}
	_ = cmd.Process.Kill() // it may have ended
	<-done
}

// signal sends a signal to the process that runs now.
func (p *process) signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return os.ErrProcessDone
	}
	return p.cmd.Process.Signal(s) // never reaches another process: exec knows when ours has ended
}

// stop asks the process to end, and kills it if it does not within a while.
func (p *process) stop(within time.Duration) {
	p.mu.Lock()
	p.wanted, p.stopped = false, true
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-done:
		case <-time.After(within):
			p.kill()
		}
	}
	p.watch.Wait()
	_ = p.log.Close()
}

// starts returns how often the process was started.
func (p *process) starts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count
}

// unexpected returns how often the process ended though nobody wanted it.
func (p *process) unexpected() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.exits
}
