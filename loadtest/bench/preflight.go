package bench

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// preflight says of what is to be tried that it cannot be, before the long work
// begins: each program starts and takes its settings, and there is room on disk.
func (b *bench) preflight(ctx context.Context) error {
	free, err := freeOf(b.dir)
	if err != nil {
		return err
	}
	if err := b.cfg.room(b.dir, free); err != nil {
		return err
	}
	if b.cfg.Beside != "" {
		program, err := exec.LookPath(b.cfg.Beside)
		if err == nil || errors.Is(err, exec.ErrDot) {
			program, err = filepath.Abs(program) // servers run in a folder of their own
		}
		if err != nil {
			return fmt.Errorf("cannot start another build: %w", err)
		}
		b.cfg.Beside = program
	}
	extra, err := b.cfg.tried()
	if err != nil {
		return err
	}
	for _, spec := range extra {
		if err := b.checkSettings(ctx, spec); err != nil {
			return err
		}
	}
	return nil
}

// checkLimit is the longest that a program may look at its settings.
const checkLimit = 30 * time.Second

// checkSettings has a program look at its settings.
func (b *bench) checkSettings(ctx context.Context, spec bidderSpec) error {
	spec.redis, spec.data = "127.0.0.1:6379", b.dir // nothing is asked or opened
	cmd := b.serve(spec)
	cmd.Args = append(cmd.Args, "--check-config")
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	err := finish(ctx, cmd, nil)
	text, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n\n") // of a crash without the stacks
	switch {
	case err != nil:
		return fmt.Errorf("cannot measure %s: %w: %s", spec.name(), err, text)
	case !strings.Contains(text, "the configuration is fine"):
		return fmt.Errorf("cannot measure %s: %s is no tangent: serve --check-config says %q", spec.name(), cmd.Path, text)
	}
	return nil
}

// ours are the flags of serve that the benchmark sets itself, and those with
// which nothing would be served.
var ours = []string{"name", "data-dir", "secrets-file", "audience", "vendor-id", "listen", "api-listen", "admin-listen", "check-config", "help", "version"}

// setByUs says whether a word of a setting is such a flag.
func setByUs(word string) bool {
	flag, _, _ := strings.Cut(strings.TrimPrefix(word, "--"), "=")
	return slices.Contains(ours, flag)
}

// What the files of a benchmark take: a line item with its creatives in a
// database of SQLite, with what is written before it is there; the logs and the
// users of Redis.
const (
	bytesPerLineItem = 2 << 10
	bytesOfLogs      = 256 << 20
)

// room says that there is too little of it.
func (c *Config) room(dir string, free int64) error {
	lineItems := (2 + len(c.Try)) * c.Sizes[c.home()] // the copies
	for _, n := range c.Sizes {
		lineItems += n
	}
	if c.Beside != "" {
		lineItems += c.Sizes[c.home()]
	}
	if c.Soak > 0 {
		lineItems += c.Sizes[c.home()]
	}
	if c.Cached > 0 {
		lineItems += slices.Max(c.Sizes)
	}
	if need := int64(lineItems)*bytesPerLineItem + bytesOfLogs; free < need {
		return fmt.Errorf("databases and logs take some %.0f MiB, and %s has room for %.0f: make room, or set TMPDIR to a folder that has it", mib(need), filepath.Dir(dir), mib(free))
	}
	return nil
}
