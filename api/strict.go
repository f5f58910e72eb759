package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

const (
	maxBody  = 1 << 20 // bytes
	maxDepth = 16      // the deepest valid document has 5 levels
	maxPath  = 200     // bytes of a location in an error
)

// parseStrict reads one JSON document into maps, slices, strings, bools, nil
// and json.Number. What encoding/json lets pass is refused with its place:
// duplicate and differently cased names (one of two would win silently), text
// that is not Unicode or has NULs (SQL cannot keep it), and deep nesting.
func parseStrict(data []byte) (any, *huma.ErrorDetail) {
	if !utf8.Valid(data) {
		return nil, fault("body", "is not valid UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, wrong := parseValue(dec, "body", 0)
	if wrong != nil {
		return nil, wrong
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fault("body", "has more than one JSON value")
	}
	return v, nil
}

func parseValue(dec *json.Decoder, path string, depth int) (any, *huma.ErrorDetail) {
	tok, err := dec.Token()
	if err != nil {
		return nil, badSyntax(dec, path, err)
	}
	switch t := tok.(type) {
	case json.Delim:
		if depth == maxDepth {
			return nil, fault(path, fmt.Sprintf("is nested more than %d deep", maxDepth))
		}
		if t == '{' {
			return parseObject(dec, path, depth+1)
		}
		return parseArray(dec, path, depth+1)
	case string:
		if strings.ContainsAny(t, "\x00\uFFFD") {
			return nil, fault(path, "has characters that are not allowed: NUL, or not Unicode")
		}
	}
	return tok, nil
}

func parseObject(dec *json.Decoder, path string, depth int) (any, *huma.ErrorDetail) {
	object := map[string]any{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, badSyntax(dec, path, err)
		}
		name, _ := tok.(string) // the decoder accepts nothing else here
		if !plainName(name) {
			return nil, fault(path, fmt.Sprintf("has the unknown field %.40q: names are lower-case letters, digits and underscores", name))
		}
		at := path + "." + name
		if _, twice := object[name]; twice {
			return nil, fault(at, "is given twice")
		}
		v, wrong := parseValue(dec, at, depth)
		if wrong != nil {
			return nil, wrong
		}
		object[name] = v
	}
	_, err := dec.Token()
	return object, badSyntax(dec, path, err)
}

func parseArray(dec *json.Decoder, path string, depth int) (any, *huma.ErrorDetail) {
	array := []any{}
	for dec.More() {
		v, wrong := parseValue(dec, path+"["+strconv.Itoa(len(array))+"]", depth)
		if wrong != nil {
			return nil, wrong
		}
		array = append(array, v)
	}
	_, err := dec.Token()
	return array, badSyntax(dec, path, err)
}

func badSyntax(dec *json.Decoder, path string, err error) *huma.ErrorDetail {
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fault(path, fmt.Sprintf("is not JSON: %v at byte %d", syntax, syntax.Offset))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fault(path, "is not JSON: it ends too early")
	}
	return fault(path, fmt.Sprintf("is not JSON: near byte %d", dec.InputOffset()))
}

// plainName says whether a name is spelled as every name of the API is.
func plainName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

func fault(location, message string) *huma.ErrorDetail {
	if len(location) > maxPath {
		location = location[:maxPath] + "..."
	}
	return &huma.ErrorDetail{Location: location, Message: message}
}
