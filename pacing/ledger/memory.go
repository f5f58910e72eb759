package ledger

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/pacing"
)

var _ pacing.Memory = (*Ledger)(nil)

const (
	memoryPart = 256 << 10 // bytes of text in a row: backups have lines, and databases caches
	maxMemory  = 256 << 20 // bytes unpacked; what says it is more is not ours
)

// Keep replaces what is remembered under a name. No money is in it: losing it
// costs a cold start of pacing.
func (l *Ledger) Keep(ctx context.Context, name string, memory []byte) error {
	if !plainName(name) {
		return errors.New("cannot keep a memory: the name must be 1 to 200 bytes of UTF-8")
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write(memory)
	if err = errors.Join(err, z.Close()); err != nil {
		return fmt.Errorf("cannot keep the memory %s: %w", name, err)
	}
	text := base64.StdEncoding.EncodeToString(packed.Bytes())
	now := l.clock.Now().UnixNano()
	err = l.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM pacing_memory WHERE name = $1`, name); err != nil {
			return err
		}
		for part := 0; part*memoryPart < len(text); part++ {
			piece := text[part*memoryPart : min(len(text), (part+1)*memoryPart)]
			if _, err := tx.ExecContext(ctx, `INSERT INTO pacing_memory (name, part, kept_at, content) VALUES ($1, $2, $3, $4)`, name, part, now, piece); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("cannot keep the memory %s: %w", name, err)
	}
	return nil
}

// Recall returns what Keep was given last under a name, and when; nothing if
// nothing was.
func (l *Ledger) Recall(ctx context.Context, name string) (memory []byte, at time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.timeout)
	defer cancel()
	var text strings.Builder
	var kept int64
	rows, err := l.db.QueryContext(ctx, `SELECT kept_at, content FROM pacing_memory WHERE name = $1 ORDER BY part`, name)
	err = scanAll(rows, err, func(r *sql.Rows) error {
		var piece string
		if err := r.Scan(&kept, &piece); err != nil {
			return err
		}
		text.WriteString(piece)
		return nil
	})
	if err == nil && text.Len() > 0 {
		at = time.Unix(0, kept).UTC()
		memory, err = unpack(text.String())
	}
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("cannot recall the memory %s: %w", name, err)
	}
	return memory, at, nil
}

func unpack(text string) ([]byte, error) {
	z, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		return nil, err
	}
	memory, err := io.ReadAll(io.LimitReader(z, maxMemory+1))
	if err == nil && len(memory) > maxMemory {
		err = fmt.Errorf("it has more than %d bytes", maxMemory)
	}
	return memory, err
}
