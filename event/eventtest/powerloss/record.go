package powerloss

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// traced are the system calls that change files, or say which file a number
// stands for. Those that are not modelled are there to be noticed.
var traced = []string{
	"open", "openat", "creat", "close", "read", "lseek",
	"write", "pwrite64", "writev", "pwritev", "ftruncate", "fallocate",
	"rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat",
	"fsync", "fdatasync", "sync", "syncfs", "sync_file_range",
	"dup", "dup2", "dup3", "fcntl", "mmap",
	"pwritev2", "truncate", "link", "linkat", "symlink", "symlinkat",
	"copy_file_range", "sendfile", "splice", "openat2", "io_uring_setup",
}

// longest is the most bytes of one write that are recorded; more is an error.
const longest = 4 << 20

// Record runs a program to its end, whatever its exit status, and returns what
// it did to the files below dir, which must exist and be empty. Lines on its
// standard error are in the error if it could not be traced.
func Record(ctx context.Context, dir string, env []string, name string, args ...string) (*Trace, error) {
	t, err := record(ctx, dir, env, name, args)
	if err != nil {
		return nil, fmt.Errorf("cannot record %s: %w", filepath.Base(name), err)
	}
	return t, nil
}

func record(ctx context.Context, dir string, env []string, name string, args []string) (*Trace, error) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		return nil, errors.New("strace is missing: apt-get install -y strace")
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	out, err := os.CreateTemp("", "powerloss-*.strace")
	if err != nil {
		return nil, err
	}
	defer os.Remove(out.Name())
	defer out.Close()
	cmd := exec.CommandContext(ctx, strace, append([]string{
		"-f", "-qq", "-xx", "-s", fmt.Sprint(longest), "-o", out.Name(), "-e", "signal=none",
		"-e", "trace=" + "?" + strings.Join(traced, ",?"), "-e", "raw=read", name}, args...)...)
	cmd.Env = env
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return nil, err
	}
	t, err := parse(out, dir)
	if err == nil && len(t.calls) == 0 {
		err = errors.New("it made no system calls")
	}
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, stderr.String())
	}
	return t, nil
}
