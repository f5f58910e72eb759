package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// databaseAt is where campaigns and money are: the same settings as serve's.
type databaseAt struct {
	DataDir  string `default:"data" help:"Folder of the database, if that is not named."`
	Database string `help:"Campaigns and money, as serve has it: file:PATH, or postgres://USER@HOST/DATABASE (the password from PGPASSWORD). Default: tangent.db in the data folder."`
}

func (d *databaseAt) dsn() string {
	if d.Database != "" {
		return d.Database
	}
	return "file:" + filepath.Join(d.DataDir, "tangent.db")
}

// open opens a database that is there, beside a running server, or without
// one. Without a file SQLite would make one, and a wrong path would look like
// an installation that has nothing.
func (d *databaseAt) open(ctx context.Context) (*store.Store, error) {
	if path := d.file(); path != "" {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("cannot open the database: %w", err)
		}
	}
	return d.openOrMake(ctx)
}

// file returns the path of a SQLite database, and "" for another.
func (d *databaseAt) file() string {
	escaped, ok := strings.CutPrefix(d.dsn(), "file:")
	path, err := url.PathUnescape(escaped)
	if !ok || err != nil {
		return ""
	}
	return path
}

// makeFile makes the file of a SQLite database that is not there, readable by
// its owner only; SQLite's files beside it become the same.
func (d *databaseAt) makeFile() error {
	path := d.file()
	if path == "" {
		return nil
	}
	if d.Database == "" {
		if err := os.MkdirAll(d.DataDir, 0o750); err != nil {
			return fmt.Errorf("cannot make the data folder: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("cannot make the database: %w", err)
	}
	return f.Close()
}

func (d *databaseAt) openOrMake(ctx context.Context) (*store.Store, error) {
	return store.Open(ctx, store.Config{DSN: d.dsn(), Clock: clock.Real()})
}

// openLedger returns the ledger of a store.
func openLedger(ctx context.Context, st *store.Store) (*ledger.Ledger, error) {
	return ledger.New(ctx, st.DB(), ledger.Config{Clock: clock.Real()})
}
