package crawl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Kind is a kind of document.
type Kind string

// The kinds, by the folders that they are kept in.
const (
	Site    Kind = "ads.txt"
	App     Kind = "app-ads.txt"
	Sellers Kind = "sellers.json"
)

// entry is what is kept of a document: a line of JSON, then the document. A
// sellers.json is kept as its ids, one per line.
type entry struct {
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"`
	Fetched      time.Time `json:"fetched,omitzero"`   // when it was last known to be as it is here
	Next         time.Time `json:"next"`               // not to be fetched before
	Failures     int       `json:"failures,omitempty"` // in a row
	None         bool      `json:"none,omitempty"`     // the publisher has none

	body []byte
}

// cache is a folder of documents.
type cache struct{ dir string }

func (c cache) path(k Kind, domain string) string { return filepath.Join(c.dir, string(k), domain) }

// read returns the zero entry for what is not there or damaged: it will be
// fetched again.
func (c cache) read(k Kind, domain string) (e entry, err error) {
	b, err := os.ReadFile(c.path(k, domain))
	if errors.Is(err, fs.ErrNotExist) {
		return entry{}, nil
	}
	if err != nil {
		return entry{}, fmt.Errorf("cannot read what was fetched: %w", err)
	}
	head, body, _ := bytes.Cut(b, []byte("\n"))
	if json.Unmarshal(head, &e) != nil {
		return entry{}, nil
	}
	e.body = body
	return e, nil
}

// write replaces a document as a whole.
func (c cache) write(k Kind, domain string, e *entry) error {
	head, err := json.Marshal(e)
	if err == nil {
		err = writeFile(c.path(k, domain), append(append(head, '\n'), e.body...))
	}
	if err != nil {
		return fmt.Errorf("cannot keep what was fetched: %w", err)
	}
	return nil
}

// writeFile replaces a file by one that is whole, or leaves it.
func writeFile(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err != nil {
		f.Close()
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
