package ledger

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"
)

// A backup is gzip of lines of JSON: a header; for each table a line that
// names it and its columns, then an array per row; and an end with the SHA-256
// of every byte before it. Amounts are whole numbers and stay it.
const (
	backupFormat  = "tangent-backup"
	backupVersion = 1
)

type backupHeader struct {
	Format  string           `json:"format"`
	Version int              `json:"version"`
	TakenAt time.Time        `json:"taken_at"` // market time
	Schemas map[string]int64 `json:"schemas"`  // the last migration of each version table
}

type backupTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

type backupEnd struct {
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Summary says what is in a backup.
type Summary struct {
	TakenAt time.Time // market time
	Rows    int64
	SHA256  string // of the lines before the last, hexadecimal
}

// Backup writes everything in the database, the campaign store's tables too,
// as of one instant, while others go on reading and writing. What it writes
// holds the hashes of API keys, and no other secret; it may be restored into a
// database of either kind. On SQLite what is written meanwhile stays in the
// write-ahead log until the backup ends.
func (l *Ledger) Backup(ctx context.Context, w io.Writer) (Summary, error) {
	s, err := l.backup(ctx, w)
	if err != nil {
		return Summary{}, fmt.Errorf("cannot back the database up: %w", err)
	}
	return s, nil
}

func (l *Ledger) backup(ctx context.Context, w io.Writer) (s Summary, err error) {
	// Not store.Snapshot: what was written to w cannot be taken back.
	tx, err := l.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return s, err
	}
	defer tx.Rollback() // it wrote nothing
	if err := l.patient(ctx, tx); err != nil {
		return s, err
	}
	zip := gzip.NewWriter(w)
	hash := sha256.New()
	b := &backupWriter{buf: bufio.NewWriterSize(io.MultiWriter(zip, hash), 1<<16)}
	s.TakenAt = l.clock.Now().UTC()
	header := backupHeader{Format: backupFormat, Version: backupVersion, TakenAt: s.TakenAt}
	if header.Schemas, err = schemaVersions(ctx, tx); err != nil {
		return s, err
	}
	if err := b.line(header); err != nil {
		return s, err
	}
	for _, table := range keptTables() {
		if err := b.table(ctx, tx, table); err != nil {
			return s, fmt.Errorf("table %s: %w", table, err)
		}
	}
	if err := b.buf.Flush(); err != nil {
		return s, err
	}
	s.Rows, s.SHA256 = b.rows, hex.EncodeToString(hash.Sum(nil))
	end, err := json.Marshal(backupEnd{s.Rows, s.SHA256})
	if err != nil {
		return s, err
	}
	if _, err := zip.Write(append(end, '\n')); err != nil {
		return s, err
	}
	return s, zip.Close()
}

// backupWriter writes lines.
type backupWriter struct {
	buf  *bufio.Writer
	row  []byte
	rows int64
}

func (b *backupWriter) line(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = b.buf.Write(append(text, '\n'))
	return err
}

func (b *backupWriter) table(ctx context.Context, tx *sql.Tx, table string) error {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, kinds, err := kindsOf(table, rows)
	if err != nil {
		return err
	}
	if err := b.line(backupTable{table, names}); err != nil {
		return err
	}
	values, into := make([]any, len(kinds)), make([]any, len(kinds))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		b.row = append(b.row[:0], '[')
		for i, v := range values {
			if i > 0 {
				b.row = append(b.row, ',')
			}
			if b.row, err = appendValue(b.row, kinds[i], v); err != nil {
				return fmt.Errorf("column %s: %w", names[i], err)
			}
		}
		if _, err := b.buf.Write(append(b.row, ']', '\n')); err != nil {
			return err
		}
		b.rows++
	}
	return rows.Err()
}

// appendValue writes what a database holds in a column of that kind.
func appendValue(dst []byte, kind columnKind, v any) ([]byte, error) {
	if raw, ok := v.([]byte); ok {
		v = string(raw)
	}
	switch x := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case int64:
		switch kind {
		case integer:
			return strconv.AppendInt(dst, x, 10), nil
		case boolean: // SQLite has none of its own
			return strconv.AppendBool(dst, x != 0), nil
		case real:
			return strconv.AppendFloat(dst, float64(x), 'g', -1, 64), nil
		}
	case float64:
		if kind == real {
			return strconv.AppendFloat(dst, x, 'g', -1, 64), nil
		}
	case bool:
		if kind == boolean {
			return strconv.AppendBool(dst, x), nil
		}
	case string:
		if kind == text && utf8.ValidString(x) {
			quoted, err := json.Marshal(x)
			return append(dst, quoted...), err
		}
	}
	return dst, errors.New("a value is not of the column's type")
}
