package api

import (
	"encoding"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// shape is the published schema of a request body, by which it is checked.
type shape struct {
	registry huma.Registry
	schema   *huma.Schema
}

func shapeOf[T any](registry huma.Registry) shape {
	return shape{registry, registry.Schema(reflect.TypeFor[T](), true, "")}
}

// decode checks a parsed document against the shape and stores it in out.
// The error is a problem that names every field that is wrong.
func (s shape) decode(document, out any) error {
	var result huma.ValidateResult
	huma.Validate(s.registry, s.schema, huma.NewPathBuffer([]byte("body"), len("body")), huma.ModeWriteToServer, document, &result)
	var wrong []*huma.ErrorDetail
	for _, err := range result.Errors {
		if detail, ok := errors.AsType[*huma.ErrorDetail](err); ok {
			wrong = append(wrong, plain(detail))
		}
	}
	if wrong == nil {
		s.checkTexts(s.schema, "body", document, &wrong)
	}
	if wrong != nil {
		return invalid(wrong)
	}
	data, err := json.Marshal(document)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			return invalid([]*huma.ErrorDetail{fault("body."+mistyped.Field, "is out of range")})
		}
		return invalid([]*huma.ErrorDetail{fault("body", "has a value that cannot be read")})
	}
	return nil
}

// checkTexts finds what JSON Schema cannot express: amounts, wall-clock times
// and whole numbers that do not fit. They would fail later too, but without
// naming their field.
func (s shape) checkTexts(schema *huma.Schema, path string, v any, wrong *[]*huma.ErrorDetail) {
	for schema != nil && schema.Ref != "" {
		schema = s.registry.SchemaFromRef(schema.Ref)
	}
	if schema == nil {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			s.checkTexts(schema.Properties[name], path+"."+name, member, wrong)
		}
	case []any:
		for i, item := range v {
			s.checkTexts(schema.Items, path+"["+strconv.Itoa(i)+"]", item, wrong)
		}
	case string:
		var text encoding.TextUnmarshaler
		switch schema.Format {
		case "decimal":
			text = new(money.Nanos)
		case "exchange-rate":
			text = new(money.Quote)
		case "local-date-time":
			text = new(campaign.LocalTime)
		default:
			return
		}
		if err := text.UnmarshalText([]byte(v)); err != nil {
			*wrong = append(*wrong, fault(path, err.Error()))
		}
	case json.Number:
		if schema.Type != huma.TypeInteger {
			return
		}
		if _, err := strconv.ParseInt(v.String(), 10, 64); err != nil {
			*wrong = append(*wrong, fault(path, "must be a whole number, without exponent, that fits 64 bits"))
		}
	}
}

// plain turns a schema error into one that names the field itself and does
// not repeat what the caller sent.
func plain(detail *huma.ErrorDetail) *huma.ErrorDetail {
	location, message := detail.Location, detail.Message
	if name, ok := strings.CutPrefix(message, "expected required property "); ok {
		location, message = location+"."+strings.TrimSuffix(name, " to be present"), "is required"
	} else if message == "unexpected property" {
		message = "is an unknown field"
	}
	return fault(location, message)
}

// maxErrors bounds the answer to a body made of mistakes.
const maxErrors = 50

// invalid is the problem of a well-formed request that says something wrong.
func invalid(wrong []*huma.ErrorDetail) error {
	slices.SortStableFunc(wrong, func(a, b *huma.ErrorDetail) int { return strings.Compare(a.Location, b.Location) })
	var list []error
	for _, w := range wrong[:min(len(wrong), maxErrors)] {
		list = append(list, w)
	}
	return huma.NewError(http.StatusUnprocessableEntity, "the request says something that is not allowed", list...)
}
