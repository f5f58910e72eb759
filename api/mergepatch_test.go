package api

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// The examples of RFC 7396, appendix A.
func TestMergePatchExamples(t *testing.T) {
	for _, c := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
	} {
		got := mergePatch(parsed(t, c.target), parsed(t, c.patch))
		if want := parsed(t, c.want); !reflect.DeepEqual(got, want) {
			t.Errorf("%s patched with %s is %v, want %v", c.target, c.patch, got, want)
		}
	}
}

func parsed(t *testing.T, text string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func documents(depth int) *rapid.Generator[any] {
	leaf := rapid.SampledFrom([]any{nil, true, "x", "y", 1.0})
	if depth == 0 {
		return leaf
	}
	name := rapid.SampledFrom([]string{"a", "b", "c"})
	return rapid.OneOf(leaf, rapid.Map(rapid.MapOfN(name, documents(depth-1), 0, 3), func(m map[string]any) any { return m }))
}

// Applying a patch twice is applying it once, and no null of the patch stays.
func TestMergePatchIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		target, patch := documents(3).Draw(t, "target"), documents(3).Draw(t, "patch")
		once, err := tree(mergePatch(target, patch))
		if err != nil {
			t.Fatal(err)
		}
		before, err := tree(once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, _ := tree(mergePatch(once, patch)); !reflect.DeepEqual(twice, before) {
			t.Fatalf("once %v, twice %v", before, twice)
		}
	})
}
