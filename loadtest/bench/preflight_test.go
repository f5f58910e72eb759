package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What cannot be tried is said before anything is started.
func TestPreflight(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	program := func(name, script string) {
		t.Helper()
		if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	program("good", `echo "$@" >> `+filepath.Join(dir, "asked")+"; echo the configuration is fine")
	program("other", "true")
	program("bad", "echo 'unknown flag' >&2; exit 2")
	if err := os.Mkdir("folder", 0o755); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"cannot start another build":                                   func(c *Config) { c.Beside = "./nothing" },
		"cannot start another build: exec: \"./folder\"":               func(c *Config) { c.Beside = "./folder" },
		"cannot measure other build, 1: exit status 2: unknown flag":   func(c *Config) { c.Beside = "./bad" },
		"other is no tangent":                                          func(c *Config) { c.Beside = "./other" },
		"cannot measure --tick=2s GOGC=9: exit status 2: unknown flag": func(c *Config) { c.Try, c.Executable = []string{"--tick=2s GOGC=9"}, filepath.Join(dir, "bad") },
	} {
		c := Config{Executable: filepath.Join(dir, "good"), Sizes: []int{1}, Rounds: 1, Each: time.Second, MaxRate: 1000, Users: 1}
		told := false
		c.Progress = func(Progress) { told = true }
		change(&c)
		if _, err := Run(t.Context(), c); err == nil || !strings.Contains(err.Error(), want) || told {
			t.Errorf("%s: %v", want, err)
		}
	}
	b := &bench{dir: t.TempDir(), cfg: Config{Executable: "x", Sizes: []int{1}, Beside: "./good", Try: []string{}}}
	if err := b.preflight(t.Context()); err != nil || b.cfg.Beside != filepath.Join(dir, "good") {
		t.Errorf("%v, %s", err, b.cfg.Beside)
	}
	if asked, err := os.ReadFile("asked"); err != nil || !strings.HasSuffix(string(asked), "--check-config\n") {
		t.Errorf("%v %s", err, asked)
	}
	c := Config{Sizes: []int{1000, 1 << 20}, Try: []string{"GOGC=1"}}
	if need := int64(4<<20+1000)*bytesPerLineItem + bytesOfLogs; c.room("/x/y", need) != nil || c.room("/x/y", need-1) == nil {
		t.Error("room is not as it is")
	}
}
