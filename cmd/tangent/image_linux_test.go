package main

import (
	"debug/elf"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/tangent-dsp/tangent/loopback"
)

// stage is one FROM of the Dockerfile with what follows it.
type stage struct {
	base  string
	lines [][2]string // instruction, rest
}

// all returns the rests of an instruction.
func (s *stage) all(instruction string) (rests []string) {
	for _, l := range s.lines {
		if l[0] == instruction {
			rests = append(rests, l[1])
		}
	}
	return rests
}

// one returns the rest of an instruction that must be there once.
func (s *stage) one(t *testing.T, instruction string) string {
	t.Helper()
	all := s.all(instruction)
	if len(all) != 1 {
		t.Fatalf("%d %s in the stage, want 1", len(all), instruction)
	}
	return all[0]
}

func readDockerfile(t *testing.T, path string) (stages []stage) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(string(b), "")
	text = regexp.MustCompile(`\\\n\s*`).ReplaceAllString(text, " ")
	for line := range strings.Lines(text) {
		instruction, rest, ok := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case !ok:
		case instruction == "FROM":
			stages = append(stages, stage{base: rest})
		default:
			last := &stages[len(stages)-1]
			last.lines = append(last.lines, [2]string{instruction, strings.TrimSpace(rest)})
		}
	}
	return stages
}

// The Dockerfile's commands are run here, one by one, in place of an image:
// its build in the context that .dockerignore leaves, its server as a user who
// is not root, in the image's files and nothing else where we may chroot.
func TestImage(t *testing.T) {
	const repository = "../.."
	stages := readDockerfile(t, filepath.Join(repository, "Dockerfile"))
	if len(stages) != 2 {
		t.Fatalf("%d stages, want a build and an image", len(stages))
	}
	build, image := &stages[0], &stages[1]
	if !regexp.MustCompile(`^golang:1\.\d+(\.\d+)?-bookworm AS build$`).MatchString(build.base) || image.base != "scratch" {
		t.Errorf("the bases are %q and %q: want a pinned golang, and scratch", build.base, image.base)
	}
	root := readable(t)
	built := filepath.Join(root, "out")
	runBuild(t, build, contextOf(t, repository), built)
	expectStatic(t, filepath.Join(built, "tangent"))

	// The image's files.
	files := filepath.Join(root, "image")
	user := 0
	if _, err := fmt.Sscanf(image.one(t, "USER"), "%d:", &user); err != nil || user == 0 {
		t.Fatalf("USER %s: want numbers, and not root", image.one(t, "USER"))
	}
	for _, c := range image.all("COPY") {
		copyInto(t, files, built, c, user)
	}
	if volume := image.one(t, "VOLUME"); !slices.Contains(strings.Fields(strings.Join(image.all("ENV"), " ")), "TANGENT_DATA_DIR="+volume) {
		t.Errorf("the data folder is not the volume %s", volume)
	}

	// Its server, on addresses that are free here.
	box := container{files: files, user: user, root: os.Getuid() == 0, env: []string{"TANGENT_AUDIENCE=embedded", "TANGENT_LOG_FORMAT=json", "TANGENT_DRAIN_TIME=0s"}}
	var ports []string
	for _, e := range strings.Fields(strings.Join(image.all("ENV"), " ")) {
		if name, port, ok := strings.Cut(e, "=0.0.0.0:"); ok {
			ports = append(ports, port)
			e = name + "=" + loopback.Addr(loopback.Need(t, 1)[0])
		}
		if !box.root {
			e = strings.Replace(e, "=/", "="+files+"/", 1)
		}
		box.env = append(box.env, e)
	}
	if exposed := strings.Fields(image.one(t, "EXPOSE")); !slices.Equal(exposed, ports) {
		t.Errorf("EXPOSE %v, but the server listens on %v", exposed, ports)
	}
	entry := append(argv(t, image.one(t, "ENTRYPOINT")), argv(t, image.one(t, "CMD"))...)
	s := &server{process: launchCommand(t, box.command(entry))}
	s.awaitReady()

	// Its health check, which asks port 9090 when nothing else is said.
	_, check, ok := strings.Cut(image.one(t, "HEALTHCHECK"), " CMD ")
	if _, help, _ := tangent(t, "", "healthcheck", "--help"); !ok || !strings.Contains(help, "http://127.0.0.1:9090") || !slices.Contains(ports, "9090") {
		t.Errorf("the health check does not ask the image's admin port")
	}
	box.env = append(box.env, "TANGENT_URL="+s.admin, "TANGENT_TIMEOUT=1m") // this machine may be busy
	if out, err := box.command(argv(t, check)).CombinedOutput(); err != nil {
		t.Errorf("the health check fails: %v: %s", err, out)
	}
	if status := s.signal(syscall.SIGTERM); status != 0 {
		t.Errorf("exit status %d", status)
	}
	if out, err := box.command(argv(t, check)).CombinedOutput(); err == nil {
		t.Errorf("the health check passes when nothing runs: %s", out)
	}

	// What it wrote is the user's, and secrets are nobody else's.
	info, err := os.Stat(filepath.Join(files, "data", "secrets.json"))
	if err != nil {
		t.Fatal(err)
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; box.root && int(owner) != user || info.Mode().Perm() != 0o600 {
		t.Errorf("the secrets belong to %d, mode %v", owner, info.Mode())
	}
}

// readable returns a temporary folder that other users may read.
func readable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "tangent-image-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// contextOf copies what .dockerignore leaves of the repository.
func contextOf(t *testing.T, repository string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	var ignore []string
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			ignore = append(ignore, line)
		}
	}
	ignored := func(path string) bool {
		for _, pattern := range ignore {
			name := path
			if any, deep := strings.CutPrefix(pattern, "**/"); deep {
				pattern, name = any, filepath.Base(path)
			}
			if match, _ := filepath.Match(pattern, name); match {
				return true
			}
		}
		return false
	}
	to := t.TempDir()
	err = filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(repository, path)
		switch {
		case err != nil || rel == ".":
			return err
		case ignored(rel) && d.IsDir():
			return filepath.SkipDir
		case ignored(rel):
			return nil
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), content, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// runBuild runs the build's commands, with built in the place of /out.
func runBuild(t *testing.T, s *stage, context, built string) {
	t.Helper()
	env := append(os.Environ(), s.all("ARG")...)
	for _, command := range s.all("RUN") {
		cmd := exec.CommandContext(t.Context(), "/bin/sh", "-c", strings.ReplaceAll(command, "/out", built))
		cmd.Dir, cmd.Env = context, env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("RUN %s: %v\n%s", command, err, out)
		}
	}
}

// expectStatic wants a binary that needs no loader and no library.
func expectStatic(t *testing.T, binary string) {
	t.Helper()
	f, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is not static: it has %v", p.Type)
		}
	}
}

// copyInto carries out a COPY --from=build. Files of the build's own image
// are taken from this machine, if it has them.
func copyInto(t *testing.T, files, built, rest string, user int) {
	t.Helper()
	fields := strings.Fields(rest)
	from, to := fields[len(fields)-2], filepath.Join(files, fields[len(fields)-1])
	chown := slices.Contains(fields, fmt.Sprintf("--chown=%d:%d", user, user))
	if fields[0] != "--from=build" || len(fields) != 3 && !chown {
		t.Fatalf("COPY %s: want files of the build, owned by root or the image's user", rest)
	}
	path, ours := strings.CutPrefix(from, "/out")
	if ours {
		from = built + path
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(from)
	switch {
	case err != nil && ours:
		t.Fatalf("COPY %s: %v", rest, err)
	case err != nil:
		return
	case info.IsDir():
		err = os.Mkdir(to, 0o755)
	default:
		var content []byte
		if content, err = os.ReadFile(from); err == nil {
			err = os.WriteFile(to, content, info.Mode())
		}
	}
	if err == nil && chown && os.Getuid() == 0 {
		err = os.Chown(to, user, user)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// container runs commands as the image would: its user, its environment, and
// its files alone. Who is not root runs them as himself, beside other files.
type container struct {
	files string
	user  int
	root  bool
	env   []string
}

func (c *container) command(args []string) *exec.Cmd {
	cmd := &exec.Cmd{Path: args[0], Args: args, Env: c.env, Dir: "/"}
	if c.root {
		id := uint32(c.user)
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: c.files, Credential: &syscall.Credential{Uid: id, Gid: id}}
	} else {
		cmd.Path = filepath.Join(c.files, args[0])
	}
	// Where the image has no /dev, nothing may be opened there.
	cmd.Stdin = strings.NewReader("")
	return cmd
}

// argv reads the exec form: no shell is in the image.
func argv(t *testing.T, form string) (args []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(form), &args); err != nil || len(args) == 0 {
		t.Fatalf("%s: want the exec form: %v", form, err)
	}
	return args
}
