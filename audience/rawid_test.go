package audience

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// No other room takes raw user ids out of a request: then nothing but a keyed
// hash, made with a Permit, can come into a log, an event, a token or a URL.
func TestOnlyThisPackageReadsRawUserIDs(t *testing.T) {
	root := ".."
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("cannot find the module: %v", err)
	}
	users := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(text), ".EachUserID(") {
			users[filepath.ToSlash(filepath.Dir(path))] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir := range users {
		if dir != "." && dir != "../audience" && dir != "../openrtb" {
			t.Errorf("%s calls Request.EachUserID: only package audience may", strings.TrimPrefix(dir, "../"))
		}
	}
	if !users["../audience"] {
		t.Error("the search finds nothing: it looks in the wrong place")
	}
}
