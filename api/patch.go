package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// patchShape is what a merge patch of a shape may name. Whether its values
// are right is decided on the merged document.
type patchShape struct {
	ref    *huma.Schema // to schema, by its published name
	schema *huma.Schema
	fixed  []string
}

// patch returns the shape of merge patches: nothing is required, null removes
// what is optional, and fixed fields are absent.
func (s shape) patch(fixed []string) patchShape {
	full := s.schema
	for full.Ref != "" {
		full = s.registry.SchemaFromRef(full.Ref)
	}
	properties := maps.Clone(full.Properties)
	maps.DeleteFunc(properties, func(name string, _ *huma.Schema) bool {
		return name == "status" || slices.Contains(fixed, name)
	})
	for name, property := range properties {
		if property.Ref == "" && !slices.Contains(full.Required, name) {
			nullable := *property
			nullable.Nullable = true
			properties[name] = &nullable
		}
	}
	patch := &huma.Schema{
		Type: huma.TypeObject, Properties: properties, AdditionalProperties: false,
		Description: "The fields to change; null takes away what is optional.",
	}
	ref := strings.TrimSuffix(s.schema.Ref, "Spec") + "Patch"
	s.registry.Map()[ref[strings.LastIndexByte(ref, '/')+1:]] = patch
	return patchShape{ref: &huma.Schema{Ref: ref}, schema: patch, fixed: fixed}
}

// check refuses what no patch may name.
func (p patchShape) check(document any) error {
	object, ok := document.(map[string]any)
	if !ok {
		return invalid([]*huma.ErrorDetail{fault("body", "must be an object")})
	}
	var wrong []*huma.ErrorDetail
	for name := range object {
		switch {
		case name == "status":
			wrong = append(wrong, fault("body.status", "is changed by pause, resume and archive"))
		case slices.Contains(p.fixed, name):
			wrong = append(wrong, fault("body."+name, "cannot be changed"))
		case p.schema.Properties[name] == nil:
			wrong = append(wrong, fault("body."+name, "is an unknown field"))
		}
	}
	if wrong != nil {
		return invalid(wrong)
	}
	return nil
}

// tree returns a value as parseStrict would read its JSON.
func tree(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var out any
	err = dec.Decode(&out)
	return out, err
}
