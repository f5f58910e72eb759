package powerloss

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const helperEnv = "POWERLOSS_TEST_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(helperEnv); dir != "" {
		if err := helper(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// helper does what the tests look at, one step after the other, and prints
// each step when it is done.
func helper(dir string) error {
	path := func(name string) string { return filepath.Join(dir, name) }
	var f, log *os.File
	syncDir := func(name string) error {
		d, err := os.Open(path(name))
		if err != nil {
			return err
		}
		defer d.Close()
		return d.Sync()
	}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"created", func() (err error) { f, err = os.Create(path("a")); return err }},
		{"written", func() error { _, err := f.WriteString("one"); return err }},
		{"synced", func() error { return f.Sync() }},
		{"dir-synced", func() error { return syncDir("") }},
		{"more", func() error { _, err := f.WriteString(" two"); return err }},
		{"inside", func() error { _, err := f.WriteAt([]byte("ONE"), 0); return err }},
		{"cut", func() error { return f.Truncate(5) }},
		{"synced-again", func() error { return f.Sync() }},
		{"mkdir", func() error { return os.Mkdir(path("d"), 0o750) }},
		{"log-opened", func() (err error) {
			log, err = os.OpenFile(path("d/log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY|os.O_SYNC, 0o640)
			return err
		}},
		{"log-written", func() error { _, err := log.WriteString("x"); return err }},
		{"renamed", func() error { return os.Rename(path("a"), path("d/b")) }},
		{"renamed-synced", func() error { return f.Sync() }},
		{"removed", func() error { return os.Remove(path("d/log")) }},
		{"removed-synced", func() error { return syncDir("d") }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		os.Stdout.WriteString(step.name + "\n")
	}
	return nil
}

func TestWhatSurvives(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	trace, err := Record(t.Context(), dir, append(os.Environ(), helperEnv+"="+dir), self)
	if err != nil {
		t.Fatal(err)
	}
	type files = map[string]string
	for _, test := range []struct {
		step              string
		strict, journaled files
	}{
		{"written", files{}, files{}},
		{"synced", files{}, files{"a": "one"}},
		{"dir-synced", files{"a": "one"}, files{"a": "one"}},
		{"cut", files{"a": "one"}, files{"a": "one"}},
		{"synced-again", files{"a": "ONE t"}, files{"a": "ONE t"}},
		{"log-opened", files{"a": "ONE t"}, files{"a": "ONE t"}},
		{"log-written", files{"a": "ONE t"}, files{"a": "ONE t", "d/log": "x"}},
		{"renamed", files{"a": "ONE t"}, files{"a": "ONE t", "d/log": "x"}},
		{"renamed-synced", files{"a": "ONE t"}, files{"d/b": "ONE t", "d/log": "x"}},
		{"removed", files{"a": "ONE t"}, files{"d/b": "ONE t", "d/log": "x"}},
		{"removed-synced", files{"a": "ONE t"}, files{"d/b": "ONE t"}},
	} {
		moment := momentOf(t, trace, test.step)
		for model, want := range map[Model]files{Strict: test.strict, Journaled: test.journaled} {
			if got := survivors(t, trace, moment, model); !maps.Equal(got, want) {
				t.Errorf("%s, model %d: %q survives, want %q", test.step, model, got, want)
			}
		}
	}
}

// momentOf returns the first moment at which a step was printed.
func momentOf(t *testing.T, trace *Trace, step string) int {
	t.Helper()
	for moment := range trace.Moments() {
		out, err := trace.Output(moment)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(out, step+"\n") {
			return moment
		}
	}
	t.Fatalf("%s was never printed", step)
	return 0
}

func survivors(t *testing.T, trace *Trace, moment int, model Model) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if err := trace.Survive(moment, dir, model, nil); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		got[name] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What several threads do at once is printed in two parts.
func TestCallsThatOverlap(t *testing.T) {
	const text = `10 openat(AT_FDCWD, "\x2f\x64\x2f\x61", O_RDWR|O_CREAT|O_CLOEXEC, 0640) = 3
10 write(3, "\x31\x32", 2 <unfinished ...>
11 fsync(3 <unfinished ...>
10 <... write resumed>) = 2
11 <... fsync resumed>) = 0
11 read(0x3, 0xc000, 0x10) = 0
10 fsync(3) = 0
12 ???( <detached ...>
`
	trace, err := parse(strings.NewReader(text), "/d")
	if err != nil {
		t.Fatal(err)
	}
	// A write that had not returned when the sync began may be missing.
	if got := survivors(t, trace, 5, Journaled); got["a"] != "" {
		t.Errorf("%q survives the first sync", got)
	}
	if got := survivors(t, trace, trace.Moments(), Journaled); got["a"] != "12" {
		t.Errorf("%q survives the second sync", got)
	}
}

func TestWhatIsNotModelledIsAnError(t *testing.T) {
	const open = `1 openat(AT_FDCWD, "\x2f\x64\x2f\x61", O_RDWR|O_CREAT, 0640) = 3` + "\n"
	for _, line := range []string{
		`1 writev(3, [{iov_base="\x61", iov_len=1}], 1) = 1`,
		`1 mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f00`,
		`1 fallocate(3, 0, 0, 4096) = 0`,
		`1 dup(3) = 4`,
		`1 linkat(AT_FDCWD, "\x2f\x64\x2f\x61", AT_FDCWD, "\x2f\x64\x2f\x62", 0) = 0`,
		`1 write(3, "\x61"..., 2) = 2`,
	} {
		trace, err := parse(strings.NewReader(open+line+"\n"), "/d")
		if err == nil {
			err = trace.Survive(trace.Moments(), t.TempDir(), Strict, nil)
		}
		if err == nil {
			t.Errorf("%s: no error", line)
		}
	}
}
