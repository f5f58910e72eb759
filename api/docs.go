package api

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsTemplate string

// docsOperation and docsSchema are one row each of the docs page.
type docsOperation struct {
	Method, Path, Summary, Takes, Gives string
	Query                               []docsField
}

type docsSchema struct {
	Name, Description string
	Fields            []docsField
}

type docsField struct {
	Name, Type, Description string
	Required                bool
	Ref                     string // the schema that Type names
}

// docsPage renders the OpenAPI document as one page that loads nothing: no
// script, no style sheet, no font from anywhere.
func docsPage(doc *huma.OpenAPI) (http.HandlerFunc, error) {
	t, err := template.New("docs").Parse(docsTemplate)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = t.Execute(&page, map[string]any{
		"Info": doc.Info, "Operations": docsOperations(doc), "Schemas": docsSchemas(doc),
	})
	if err != nil {
		return nil, err
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
		_, _ = w.Write(page.Bytes())
	}, nil
}

func docsOperations(doc *huma.OpenAPI) (out []docsOperation) {
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			row := docsOperation{Method: op.Method, Path: path, Summary: op.Summary}
			for _, p := range op.Parameters {
				if p.In == "query" {
					row.Query = append(row.Query, docsField{Name: p.Name, Description: p.Description})
				}
			}
			if op.RequestBody != nil {
				if media := op.RequestBody.Content["application/json"]; media != nil && media.Schema.Ref != "" {
					row.Takes = refName(media.Schema)
				}
			}
			for status, r := range op.Responses {
				if media := r.Content["application/json"]; strings.HasPrefix(status, "2") && media != nil {
					row.Gives = refName(media.Schema)
				}
			}
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b docsOperation) int {
		return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
	})
	return out
}

func docsSchemas(doc *huma.OpenAPI) (out []docsSchema) {
	for name, schema := range doc.Components.Schemas.Map() {
		row := docsSchema{Name: name, Description: schema.Description}
		for field, property := range schema.Properties {
			row.Fields = append(row.Fields, docsField{
				Name: field, Type: docsType(property), Ref: refName(property), Description: property.Description,
				Required: slices.Contains(schema.Required, field),
			})
		}
		slices.SortFunc(row.Fields, func(a, b docsField) int { return strings.Compare(a.Name, b.Name) })
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b docsSchema) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func docsType(s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return refName(s)
	case s.Type == huma.TypeArray:
		return "list of " + docsType(s.Items)
	case s.Enum != nil:
		var values []string
		for _, v := range s.Enum {
			if text, ok := v.(string); ok {
				values = append(values, text)
			}
		}
		return strings.Join(values, " | ")
	case s.Format != "" && s.Type == huma.TypeString:
		return s.Format + " in a string"
	}
	return s.Type
}

// refName returns the name of the schema that s, or an item of it, refers to.
func refName(s *huma.Schema) string {
	if s.Items != nil {
		return refName(s.Items)
	}
	return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
}
