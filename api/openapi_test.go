package api_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/api"
)

var update = flag.Bool("update", false, "rewrite openapi.json")

const documentFile = "openapi.json"

func TestOpenAPIDocumentIsCurrent(t *testing.T) {
	h := newHarness(t, func(c *api.Config) { c.Version = "v1" })
	got := h.send("GET", "/openapi.json", "", authorization(""))
	if *update {
		if err := os.WriteFile(documentFile, []byte(got.body), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if got.body != string(want) {
		t.Errorf("%s is not what is served: run go test ./api -run OpenAPI -update", documentFile)
	}
}

// Lists in maps are lists: what has none is left out.
func TestOpenAPIHasNoNullInMaps(t *testing.T) {
	data, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ AdditionalProperties json.RawMessage }
			}
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	for name, s := range doc.Components.Schemas {
		for field, p := range s.Properties {
			if strings.Contains(string(p.AdditionalProperties), `"null"`) {
				t.Errorf("%s.%s may have null in it: %s", name, field, p.AdditionalProperties)
			}
		}
	}
}

type operation struct{ method, path string }

// operations lists what the committed document promises.
func operations(t *testing.T) (out []operation) {
	t.Helper()
	data, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(data, &doc); err != nil || !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Fatalf("version %s, %v", doc.OpenAPI, err)
	}
	seen := map[string]bool{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			if op.OperationID == "" || seen[op.OperationID] {
				t.Errorf("%s %s: operation id %q is empty or not unique", method, path, op.OperationID)
			}
			seen[op.OperationID] = true
			out = append(out, operation{strings.ToUpper(method), path})
		}
	}
	if len(out) != 5*7+29 {
		t.Fatalf("%d operations", len(out))
	}
	return out
}

// Every field that is published says what it means.
func TestEveryFieldIsDocumented(t *testing.T) {
	data, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct{ Description string }
			}
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	for name, schema := range doc.Components.Schemas {
		for field, property := range schema.Properties {
			if property.Description == "" {
				t.Errorf("%s.%s has no description", name, field)
			}
		}
	}
}

func TestDocsPageLoadsNothing(t *testing.T) {
	h := newHarness(t)
	page := h.send("GET", "/docs", "", authorization(""))
	if page.status != http.StatusOK || !strings.Contains(page.body, "/v1/line-items/{id}/pause") {
		t.Fatalf("%d\n%s", page.status, page.body)
	}
	if m := regexp.MustCompile(`(?i)<(script|link|img|iframe)|src=|@import|url\(`).FindString(page.body); m != "" {
		t.Errorf("the page loads something: %s", m)
	}
	for _, ref := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page.body, -1) {
		if !strings.Contains(page.body, `id="`+ref[1]+`"`) {
			t.Errorf("the link to %s leads nowhere", ref[1])
		}
	}
}
