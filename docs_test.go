package tangent_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/openrtb"
)

// documents returns the Markdown files by name.
func documents(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			all[f] = string(b)
		}
	}
	if len(all) < 5 {
		t.Fatalf("found %d documents only", len(all))
	}
	return all
}

// blocks returns what stands in fenced blocks of a language.
func blocks(text, language string) (all []string) {
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestLinksInDocumentsLead(t *testing.T) {
	docs := documents(t)
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading := regexp.MustCompile(`(?m)^#+ (.+)$`)
	for name, text := range docs {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			target := name
			if path != "" {
				target = filepath.Join(filepath.Dir(name), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
				continue
			}
			if anchor == "" {
				continue
			}
			found := false
			for _, h := range heading.FindAllStringSubmatch(docs[target], -1) {
				found = found || slug(h[1]) == anchor
			}
			if !found {
				t.Errorf("%s links to %s: no such heading", name, m[1])
			}
		}
	}
}

// slug is the anchor that GitHub gives a heading.
func slug(heading string) string {
	kept := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading), "")
	return strings.ReplaceAll(kept, " ", "-")
}

func TestArchitectureListsTheRooms(t *testing.T) {
	text := documents(t)[filepath.Join("docs", "architecture.md")]
	var listed []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9/]+)` \\|").FindAllStringSubmatch(text, -1) {
		listed = append(listed, m[1])
	}
	if !slices.Equal(listed, rooms) {
		t.Errorf("docs/architecture.md lists the rooms\n%v, want\n%v", listed, rooms)
	}
}

func TestDocumentedMetricsExist(t *testing.T) {
	known := metricNames(t)
	if len(known) < 20 {
		t.Fatalf("found %d metrics in the source only", len(known))
	}
	name := regexp.MustCompile(`\btangent_[a-z_]+[a-z]`)
	for file, text := range documents(t) {
		for _, m := range name.FindAllString(text, -1) {
			if m == "tangent_bidder_no_bids" { // the pattern of a grep
				continue
			}
			if !known[m] {
				t.Errorf("%s names the metric %s, which no source has", file, m)
			}
		}
	}
}

// metricNames returns the names that the source can compose: a literal alone,
// behind another literal of its file that ends in an underscore, or behind
// the namespace and a subsystem of its file.
func metricNames(t *testing.T) map[string]bool {
	known := map[string]bool{}
	eachSource(t, func(f *ast.File) {
		prefixes, texts := []string{""}, []string{}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if key, ok := n.Key.(*ast.Ident); ok && (key.Name == "Namespace" || key.Name == "Subsystem") {
					if text := literal(n.Value); text == "tangent" {
						prefixes = append(prefixes, "tangent_")
					} else if text != "" {
						prefixes = append(prefixes, "tangent_"+text+"_")
					}
				}
			case *ast.BasicLit:
				if text := literal(n); strings.HasSuffix(text, "_") {
					prefixes = append(prefixes, text)
				} else if text != "" {
					texts = append(texts, text)
				}
			}
			return true
		})
		for _, p := range prefixes {
			for _, text := range texts {
				if strings.HasPrefix(p+text, "tangent_") {
					known[p+text] = true
				}
			}
		}
	})
	return known
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(l.Value)
	return text
}

// eachSource parses every Go file but tests and generated ones.
func eachSource(t *testing.T, visit func(*ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, ".pb.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		visit(f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// setting is a flag of the command line.
type setting struct{ name, preset string }

// eachField visits the tagged fields, but for hidden ones, of the structs of a
// name in a folder's source; of all structs without a name.
func eachField(t *testing.T, dir, structName string, visit func(*ast.Field, reflect.StructTag)) {
	t.Helper()
	walkGo(t, dir, func(_ string, f *ast.File) {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || structName != "" && spec.Name.Name != structName {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range s.Fields.List {
				if field.Tag == nil || len(field.Names) == 0 {
					continue
				}
				tag := reflect.StructTag(literal(field.Tag))
				if _, hidden := tag.Lookup("hidden"); !hidden {
					visit(field, tag)
				}
			}
			return true
		})
	})
}

// settings returns the flags in the structs of the program's source. Struct
// cli has the commands.
func settings(t *testing.T, dir, structName string) (all []setting) {
	t.Helper()
	eachField(t, dir, structName, func(field *ast.Field, tag reflect.StructTag) {
		name := tag.Get("name")
		if name == "" {
			name = strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(field.Names[0].Name, "$1-$2"))
		}
		all = append(all, setting{name, tag.Get("default")})
	})
	return all
}

func TestDocumentedCommandsExist(t *testing.T) {
	known := map[string]bool{}
	for _, s := range append(settings(t, "cmd/tangent", ""), settings(t, "cmd/tangent/app", "Config")...) {
		known[s.name] = true
	}
	command := regexp.MustCompile(`(?:^|[\s(|])tangent ([a-z]+)(?: ([a-z]+))?([^|\n]*)`)
	flag := regexp.MustCompile(`--([a-z-]+)`)
	seen := 0
	for name, text := range documents(t) {
		for _, block := range blocks(text, "sh") {
			for _, m := range command.FindAllStringSubmatch(block, -1) {
				seen++
				if !known[m[1]] || (m[1] == "key" || m[1] == "audience" || m[1] == "supply") && !known[m[2]] {
					t.Errorf("%s: there is no command %q", name, strings.TrimSpace("tangent "+m[1]+" "+m[2]))
				}
				for _, f := range flag.FindAllStringSubmatch(m[3], -1) {
					if !known[f[1]] {
						t.Errorf("%s: tangent %s has no flag --%s", name, m[1], f[1])
					}
				}
			}
		}
	}
	if seen < 5 {
		t.Errorf("found %d commands only", seen)
	}
}

// The README lists every command that --help does.
func TestTheReadmeListsAllCommands(t *testing.T) {
	_, after, _ := strings.Cut(documents(t)["README.md"], "## All commands")
	table, _, _ := strings.Cut(after, "\n## ")
	var listed []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(table, -1) {
		for _, m := range regexp.MustCompile("`([a-z ]+)`").FindAllStringSubmatch(row[1], -1) {
			listed = append(listed, m[1])
		}
	}
	known := commands(t, "cli", "")
	slices.Sort(listed)
	slices.Sort(known)
	if len(known) < 20 || !slices.Equal(listed, known) {
		t.Errorf("the README lists the commands\n%q, want\n%q", listed, known)
	}
}

// commands returns the commands in a struct of the program, with those below
// them, behind a prefix.
func commands(t *testing.T, structName, prefix string) (all []string) {
	t.Helper()
	eachField(t, "cmd/tangent", structName, func(field *ast.Field, tag reflect.StructTag) {
		if _, command := tag.Lookup("cmd"); !command {
			return
		}
		name := prefix + strings.ToLower(field.Names[0].Name)
		below := []string{name}
		if kind, ok := field.Type.(*ast.Ident); ok {
			if some := commands(t, kind.Name, name+" "); len(some) > 0 {
				below = some
			}
		}
		all = append(all, below...)
	})
	return all
}

func TestConfigurationTableIsComplete(t *testing.T) {
	text := documents(t)["README.md"]
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| `(TANGENT_[A-Z_]+)` \\| (.*?) \\|").FindAllStringSubmatch(text, -1) {
		rows[m[1]] = m[3]
		if want := "TANGENT_" + strings.ToUpper(strings.ReplaceAll(m[1], "-", "_")); m[2] != want {
			t.Errorf("setting %s has the variable %s, want %s", m[1], m[2], want)
		}
	}
	for _, s := range settings(t, "cmd/tangent/app", "Config") {
		row, ok := rows[s.name]
		if !ok {
			t.Errorf("the table has no setting %s", s.name)
		} else if s.preset != "" && row != "`"+s.preset+"`" {
			t.Errorf("the table says that %s is %s by default, want `%s`", s.name, row, s.preset)
		}
		delete(rows, s.name)
	}
	for name := range rows {
		t.Errorf("the table has a setting %s that is none", name)
	}
}

// Every setting of an exchange is in the table that says how to choose it.
func TestExchangeSettingsAreDocumented(t *testing.T) {
	text := documents(t)[filepath.Join("docs", "onboarding.md")]
	var rows []string
	table, _, _ := strings.Cut(text, "What the presets set otherwise")
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z_0-9]+)` \\|").FindAllStringSubmatch(table, -1) {
		rows = append(rows, m[1])
	}
	spec := reflect.TypeFor[v1.ExchangeSpec]()
	var fields []string
	for i := range spec.NumField() {
		name, _, _ := strings.Cut(spec.Field(i).Tag.Get("json"), ",")
		fields = append(fields, name)
	}
	slices.Sort(rows)
	slices.Sort(fields)
	if !slices.Equal(rows, fields) {
		t.Errorf("docs/onboarding.md lists the settings\n%v, want\n%v", rows, fields)
	}
}

func TestDocumentedBodiesAreValid(t *testing.T) {
	specs := map[string]func([]byte) error{
		"exchanges": func(b []byte) error {
			s, err := strict[v1.ExchangeSpec](b)
			x := s.Campaign()
			return first(err, x.Validate)
		},
		"advertisers": func(b []byte) error {
			s, err := strict[v1.AdvertiserSpec](b)
			x := s.Campaign()
			return first(err, x.Validate)
		},
		"campaigns": func(b []byte) error {
			s, err := strict[v1.CampaignSpec](b)
			x := s.Campaign()
			return first(err, x.Validate)
		},
		"line-items": func(b []byte) error {
			s, err := strict[v1.LineItemSpec](b)
			x := s.Campaign()
			return first(err, x.Validate)
		},
		"creatives": func(b []byte) error {
			s, err := strict[v1.CreativeSpec](b)
			x := s.Campaign()
			return first(err, x.Validate)
		},
		"erasures": func(b []byte) error { _, err := strict[v1.ErasureSpec](b); return err },
	}
	post := regexp.MustCompile(`(?s)(?:post |/v1/)([a-z-]+) [^']*(?:'Content-Type: application/json' -d )?'(\{.*?\})'`)
	request := regexp.MustCompile(`(?s)> request.json <<'EOF'\n(.*?)\nEOF`)
	seen := map[string]int{}
	for name, text := range documents(t) {
		for _, block := range blocks(text, "sh") {
			for _, m := range post.FindAllStringSubmatch(block, -1) {
				check := specs[m[1]]
				if check == nil {
					t.Errorf("%s posts to %s, which is not there", name, m[1])
				} else if err := check([]byte(m[2])); err != nil {
					t.Errorf("%s posts %s that are not valid: %v", name, m[1], err)
				}
				seen[m[1]]++
			}
			for _, m := range request.FindAllStringSubmatch(block, -1) {
				r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(m[1]))
				if err != nil {
					t.Errorf("%s: %v", name, err)
					continue
				}
				if r.Unread > 0 || len(r.Imps) != 1 {
					t.Errorf("%s: the bid request has %d unreadable fields and %d imps", name, r.Unread, len(r.Imps))
				}
				r.Release()
				seen["request"]++
			}
		}
	}
	if len(seen) != len(specs)+1 {
		t.Errorf("the documents show %v, want one of each", seen)
	}
}

func strict[T any](body []byte) (spec T, err error) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return spec, d.Decode(&spec)
}

func first(err error, validate func() error) error {
	if err != nil {
		return err
	}
	return validate()
}
