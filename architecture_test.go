// Package tangent_test holds the repository to its own architecture: the
// rooms of docs/architecture.md, their one-way arrows, and what may be where.
package tangent_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/tangent-dsp/tangent"

// rooms is the table of docs/architecture.md, top to bottom: a room may know
// the rooms above it, never one below. A package is in the room with the
// longest matching path; later entries with a slash are below their parent.
var rooms = []string{
	"money", "clock", "loopback", "event/pb", "event", "event/eventtest", "event/natslog",
	"openrtb", "geo", "supply", "campaign", "campaign/store", "campaign/catalog", "campaign/ratefile",
	"audience/bitstring", "audience/tcf", "audience/gpp", "audience", "audience/usersync", "audience/embedded", "audience/redistest",
	"predict", "landscape", "pacing", "pacing/ledger", "pacing/scenario",
	"bidder", "tracking", "report", "api/v1", "api", "api/client", "loadtest", "cmd",
}

type pkg struct {
	ImportPath                string
	Dir, Doc                  string
	Imports                   []string
	TestImports, XTestImports []string
	GoFiles                   []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports,TestImports,XTestImports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatalf("cannot list packages: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// room returns the room's rank and name, or -1.
func room(importPath string) (int, string) {
	path, ours := strings.CutPrefix(importPath, module+"/")
	if !ours {
		return -1, ""
	}
	for {
		if i := slices.Index(rooms, path); i >= 0 {
			return i, path
		}
		cut := strings.LastIndexByte(path, '/')
		if cut < 0 {
			return -1, path
		}
		path = path[:cut]
	}
}

func TestRoomsKnowOnlyRoomsAbove(t *testing.T) {
	for _, p := range packages(t) {
		if p.ImportPath == module {
			continue
		}
		rank, name := room(p.ImportPath)
		if rank < 0 {
			t.Errorf("%s is in no room: add the room to docs/architecture.md and to this test, or move it", p.ImportPath)
			continue
		}
		for _, imp := range p.Imports {
			if r, other := room(imp); r > rank {
				t.Errorf("%s (room %s) imports %s (room %s), which is below it", p.ImportPath, name, imp, other)
			}
		}
	}
}

func TestEveryPackageSaysWhatItAnswers(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

// The bid path never touches SQL, and opens no file (invariant 4).
func TestBidPathTouchesNoDatabaseAndNoFile(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./bidder").Output()
	if err != nil {
		t.Fatal(err)
	}
	forbidden := []string{"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx", "github.com/pressly/goose", "github.com/nats-io/nats-server", "github.com/alicebob/miniredis"}
	for s := bufio.NewScanner(bytes.NewReader(out)); s.Scan(); {
		for _, f := range forbidden {
			if strings.HasPrefix(s.Text(), f) {
				t.Errorf("the bid path depends on %s", s.Text())
			}
		}
		if path, ours := strings.CutPrefix(s.Text(), module+"/"); ours {
			walkGo(t, path, func(file string, f *ast.File) {
				eachSelector(f, func(pkg, name string) {
					if pkg == "os" && slices.Contains([]string{"Open", "OpenFile", "Create", "ReadFile", "WriteFile", "ReadDir"}, name) {
						t.Errorf("%s calls os.%s, and the bid path depends on it", file, name)
					}
				})
			})
		}
	}
}

// Raw user ids and what a request says about the person leave it in one place
// only, and the client's address in few (invariant 6).
func TestOnlyAudienceSeesTheUser(t *testing.T) {
	callers := map[string][]string{
		"EachUserID":     {"audience"},
		"EachEID":        {"audience"},
		"UserAttributes": {"audience"},
		"ClientIP":       {"geo"},              // places by network
		"ClientIPs":      {"supply", "bidder"}, // data centres and targeting by network
	}
	for _, p := range packages(t) {
		_, in := room(p.ImportPath)
		if in == "openrtb" {
			continue
		}
		walkGo(t, p.Dir, func(file string, f *ast.File) {
			eachSelector(f, func(_, name string) {
				if allowed, personal := callers[name]; personal && !slices.Contains(allowed, in) {
					t.Errorf("%s calls %s: only %v may", file, name, allowed)
				}
			})
		})
	}
}

func TestFilesStayShortAndTestsDoNotSkip(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".pb.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if n := bytes.Count(src, []byte("\n")); n > 800 {
			t.Errorf("%s has %d lines; none may have over 800", path, n)
		}
		if strings.HasSuffix(path, "_test.go") {
			f, err := parser.ParseFile(token.NewFileSet(), path, src, 0)
			if err != nil {
				return err
			}
			eachSelector(f, func(_, name string) {
				if name == "Skip" || name == "Skipf" || name == "SkipNow" {
					t.Errorf("%s skips a test: a skipped test proves nothing", path)
				}
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// walkGo parses the package's own files, tests apart.
func walkGo(t *testing.T, dir string, visit func(file string, f *ast.File)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		visit(file, f)
	}
}

// eachSelector calls visit with every x.Name that is written in the file; pkg
// is x when that is a plain name.
func eachSelector(f *ast.File, visit func(pkg, name string)) {
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			x, _ := s.X.(*ast.Ident)
			if x == nil {
				x = ast.NewIdent("")
			}
			visit(x.Name, s.Sel.Name)
		}
		return true
	})
}
