package ledger

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxBackupLine bounds one row, in bytes: several times the longest creative.
const maxBackupLine = 16 << 20

// backupSink takes what readBackup reads.
type backupSink interface {
	header(h backupHeader) error
	table(t backupTable) error
	row(values []any) error // json.Number, string, bool or nil
}

var errNoBackup = errors.New("this is no backup of Tangent, or it is damaged")

// readBackup reads a backup to its end and checks it. The sink has seen all of
// it before that is known: on an error it has to forget it.
func readBackup(r io.Reader, sink backupSink) (s Summary, err error) {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return s, fmt.Errorf("%w: %w", errNoBackup, err)
	}
	lines := bufio.NewScanner(zip)
	lines.Buffer(make([]byte, 0, 1<<16), maxBackupLine)
	hash := sha256.New()
	var h backupHeader
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &h) != nil || h.Format != backupFormat {
		return s, errNoBackup
	}
	if h.Version != backupVersion {
		return s, fmt.Errorf("the backup has version %d of its format, and this program knows %d", h.Version, backupVersion)
	}
	if err := sink.header(h); err != nil {
		return s, err
	}
	s.TakenAt = h.TakenAt
	columns := -1
	for last := bytes.Clone(lines.Bytes()); lines.Scan(); last = append(last[:0], lines.Bytes()...) {
		hash.Write(append(last, '\n'))
		line := lines.Bytes()
		switch {
		case bytes.HasPrefix(line, []byte(`{"rows":`)):
			var end backupEnd
			if err := json.Unmarshal(line, &end); err != nil {
				return s, fmt.Errorf("%w: %w", errNoBackup, err)
			}
			s.SHA256 = hex.EncodeToString(hash.Sum(nil))
			if end.Rows != s.Rows || end.SHA256 != s.SHA256 || lines.Scan() {
				return s, errNoBackup
			}
			return s, lines.Err() // gzip has checked its own sum by now
		case bytes.HasPrefix(line, []byte(`{`)):
			var t backupTable
			if err := json.Unmarshal(line, &t); err != nil {
				return s, fmt.Errorf("%w: %w", errNoBackup, err)
			}
			if err := sink.table(t); err != nil {
				return s, err
			}
			columns = len(t.Columns)
		default:
			values, err := readRow(line)
			if err != nil || len(values) != columns {
				return s, errNoBackup
			}
			if err := sink.row(values); err != nil {
				return s, err
			}
			s.Rows++
		}
	}
	if err := lines.Err(); err != nil {
		return s, fmt.Errorf("%w: %w", errNoBackup, err)
	}
	return s, fmt.Errorf("%w: it has no end", errNoBackup)
}

func readRow(line []byte) (values []any, err error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(&values); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errNoBackup
	}
	return values, nil
}

// columnValue returns what to write to a column of that kind.
func columnValue(kind columnKind, v any) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case json.Number:
		switch kind {
		case integer:
			return v.Int64()
		case real:
			return v.Float64()
		}
	case string:
		if kind == text {
			return v, nil
		}
	case bool:
		if kind == boolean {
			return v, nil
		}
	}
	return nil, errNoBackup
}
