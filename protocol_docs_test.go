package tangent_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const protocolPage = "docs/protocol.md"

// parserOf is which functions of package openrtb read the objects of
// docs/protocol.md, by heading. What stands behind = goes before the names of
// the members.
var parserOf = map[string][]string{
	"Bid request":          {"request"},
	"Restrictions":         {"restrictions"},
	"Imp":                  {"imp", "impExt=ext.", "quantity=qty.", "metric=metric."},
	"Banner":               {"bannerInto"},
	"Format":               {"format"},
	"Video and audio":      {"mediaMember", "video", "videoExt=ext.", "audio"},
	"Duration floor":       {"durationFloor"},
	"Native":               {"native"},
	"Native request":       {"nativeObject", "nativeMember"},
	"Event tracker":        {"eventTracker"},
	"Native asset":         {"asset", "assetTyped"},
	"Deals":                {"pmp"},
	"Deal":                 {"deal"},
	"Device":               {"device", "deviceExt=ext."},
	"Geo":                  {"geo"},
	"Client hints":         {"hints", "brand"},
	"Site, app and screen": {"publication"},
	"Publisher":            {"publisher"},
	"Content":              {"content", "channel=channel."},
	"Source":               {"source", "supplyChain=schain.", "supplyNode=nodes."},
	"User":                 {"user", "userExt=ext."},
	"Extended id":          {"eid", "uid=uids."},
	"Data":                 {"data", "segmentTaxonomy=ext.", "segment=segment."},
	"Regs":                 {"regs"},
}

// parserMembers returns the names that each function of the parser switches
// by.
func parserMembers(t *testing.T) map[string][]string {
	members := map[string][]string{}
	walkGo(t, "openrtb", func(file string, f *ast.File) {
		if !strings.HasPrefix(filepath.Base(file), "parser") {
			return
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				s, ok := n.(*ast.SwitchStmt)
				if !ok || !keyed(s.Tag) {
					return true
				}
				for _, c := range s.Body.List {
					for _, e := range c.(*ast.CaseClause).List {
						members[fn.Name.Name] = append(members[fn.Name.Name], literal(e))
					}
				}
				return true
			})
		}
	})
	return members
}

// keyed says whether an expression is string(p.key).
func keyed(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	s, ok := call.Args[0].(*ast.SelectorExpr)
	return ok && s.Sel.Name == "key"
}

// encoderMembers returns the names that the encoder of responses writes.
func encoderMembers(t *testing.T) []string {
	name, names := regexp.MustCompile(`"([a-z_]+)":`), map[string]bool{}
	walkGo(t, "openrtb", func(file string, f *ast.File) {
		if base := filepath.Base(file); base != "response.go" && base != "creative.go" && base != "declaration.go" {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				for _, m := range name.FindAllStringSubmatch(literal(e), -1) {
					names[m[1]] = true
				}
			}
			return true
		})
	})
	return slices.Sorted(maps.Keys(names))
}

// tableUnder returns the first column of the table under a heading.
func tableUnder(t *testing.T, page, heading string) (names []string) {
	t.Helper()
	_, section, ok := strings.Cut(page, "# "+heading+"\n")
	if !ok {
		t.Errorf("%s has no heading %q", protocolPage, heading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		names = append(names, m[1])
	}
	return names
}

func same(t *testing.T, heading string, listed, known []string) {
	t.Helper()
	for _, name := range listed {
		if !slices.Contains(known, name) {
			t.Errorf("%s, %s: %s is listed, and nothing reads or writes it", protocolPage, heading, name)
		}
	}
	for _, name := range known {
		if !slices.Contains(listed, name) {
			t.Errorf("%s, %s: %s is not listed", protocolPage, heading, name)
		}
	}
}

func TestProtocolPageListsTheFields(t *testing.T) {
	b, err := os.ReadFile(protocolPage)
	if err != nil {
		t.Fatal(err)
	}
	members, told := parserMembers(t), map[string]bool{}
	if len(members) < 30 {
		t.Fatalf("found %d objects in the parser only", len(members))
	}
	for heading, functions := range parserOf {
		var known []string
		for _, f := range functions {
			f, prefix, _ := strings.Cut(f, "=")
			told[f] = true
			for _, name := range members[f] {
				known = append(known, prefix+name)
			}
		}
		same(t, heading, tableUnder(t, string(b), heading), known)
	}
	for f := range members {
		if !told[f] {
			t.Errorf("%s: what the parser's %s reads is in no table", protocolPage, f)
		}
	}
	same(t, "Fields of the response", tableUnder(t, string(b), "Fields of the response"), encoderMembers(t))
}

// tests returns the names of all tests in the repository.
func tests(t *testing.T) map[string]bool {
	all := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test") {
				all[fn.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The page names a test for every point and check. Each exists, one at least is
// named after a point, and whatever is named after one is of a row that is there.
func TestProtocolPageIndexesTheChecks(t *testing.T) {
	b, err := os.ReadFile(protocolPage)
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(b), "\n## Checks\n")
	all := tests(t)
	row := regexp.MustCompile(`(?m)^\| (Point|Check) (\d\d) \|[^|]*\|(.*)\|$`)
	shown, rows := map[string]bool{}, 0
	for _, m := range row.FindAllStringSubmatch(section, -1) {
		rows++
		named := regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(m[3], -1)
		for _, name := range named {
			shown[m[1]+" "+m[2]] = true
			if !all[name[1]] {
				t.Errorf("%s %s names %s, which does not exist", m[1], m[2], name[1])
			}
		}
		if len(named) == 0 {
			t.Errorf("%s %s names no test", m[1], m[2])
		}
		if of := map[string]string{"Point": "TestProtocol", "Check": "TestToyCheck"}[m[1]] + m[2]; !strings.Contains(m[3], "`"+of) {
			t.Errorf("%s %s names no test that is called after it, %s...", m[1], m[2], of)
		}
	}
	if rows != 16+15 {
		t.Errorf("found %d points and checks, want 31", rows)
	}
	named := regexp.MustCompile(`^Test(Protocol|ToyCheck)(\d\d)[A-Z]`)
	for name := range all {
		m := named.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		if of := map[string]string{"Protocol": "Point ", "ToyCheck": "Check "}[m[1]] + m[2]; !shown[of] {
			t.Errorf("%s has no row %s, which %s is named after", protocolPage, of, name)
		}
	}
}
