package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestStrictJSONNamesThePlace(t *testing.T) {
	for name, c := range map[string]struct{ body, location, message string }{
		"empty":              {``, "body", "is not JSON: it ends too early"},
		"cut":                {`{"budget":{"daily":"1"`, "body.budget", "ends too early"},
		"bad literal":        {`{"name":nil}`, "body.name", "is not JSON"},
		"missing comma":      {`{"a":1 "b":2}`, "body", "is not JSON"},
		"trailing comma":     {`[1,]`, "body[1]", "is not JSON"},
		"two values":         {`{} {}`, "body", "more than one JSON value"},
		"duplicate":          {`{"a":{"b":1,"b":1}}`, "body.a.b", "is given twice"},
		"escaped duplicate":  {`{"a":1,"\u0061":2}`, "body.a", "is given twice"},
		"other case":         {`{"a":[{"Name":1}]}`, "body.a[0]", `the unknown field "Name"`},
		"folding":            {`{"\u017fize":1}`, "body", "the unknown field"},
		"invalid UTF-8":      {"{\"a\":\"\xff\"}", "body", "is not valid UTF-8"},
		"lone surrogate":     {`{"a":"\ud800"}`, "body.a", "not Unicode"},
		"NUL":                {`{"a":"x\u0000"}`, "body.a", "NUL"},
		"deep":               {strings.Repeat("[", 1<<16), "body" + strings.Repeat("[0]", maxDepth), "is nested more than 16 deep"},
		"number that is not": {`{"a":01}`, "body", "is not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, wrong := parseStrict([]byte(c.body))
			if wrong == nil {
				t.Fatal("it was accepted")
			}
			if wrong.Location != c.location || !strings.Contains(wrong.Message, c.message) {
				t.Errorf("got %s %s, want %s ...%s...", wrong.Location, wrong.Message, c.location, c.message)
			}
		})
	}
}

func FuzzParseStrict(f *testing.F) {
	for _, seed := range []string{`{"name":"x","budget":{"daily":"1.5"},"list":[1,2.5e3,null,true]}`, `[]`, `"x"`, `{"a":1,"a":2}`, `{`, `[1 2]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, wrong := parseStrict(data)
		if wrong != nil {
			if len(wrong.Location) > maxPath+3 || len(wrong.Message) > 400 {
				t.Fatalf("the error is long: %s %s", wrong.Location, wrong.Message)
			}
			return
		}
		// What is accepted means the same to encoding/json.
		var want any
		dec := json.NewDecoder(strings.NewReader(string(data)))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil || !json.Valid(data) {
			t.Fatalf("accepted %q: %v", data, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
