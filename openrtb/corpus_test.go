package openrtb

import (
	"os"
	"path/filepath"
	"testing"
)

// corpusVariable names a folder of real requests to test with, in place of ours.
const corpusVariable = "TANGENT_OPENRTB_CORPUS"

// TestDecodeCorpus decodes real requests, when a folder of them is named.
func TestDecodeCorpus(t *testing.T) {
	d := NewDecoder(Limits{})
	for name, body := range corpus(t) {
		r, err := d.Decode(body)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(r.Imps) == 0 {
			t.Errorf("%s: no imps", name)
		}
		if r.Unread > 0 {
			t.Logf("%s: %d unread", name, r.Unread)
		}
		r.Release()
	}
}

func corpus(t testing.TB) map[string][]byte {
	dir := os.Getenv(corpusVariable)
	if dir == "" {
		dir = "testdata/requests"
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no requests in %s: %v", dir, err)
	}
	bodies := make(map[string][]byte)
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		bodies[filepath.Base(name)] = body
	}
	return bodies
}
