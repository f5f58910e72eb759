package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tangent-dsp/tangent/pacing/ledger"
)

type backupCmd struct {
	File string `arg:"" help:"Where to write it, readable by its owner only; '-' is standard output. A file that exists is left alone."`
	databaseAt
}

func (c *backupCmd) Run(ctx context.Context, s streams) error {
	st, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	l, err := openLedger(ctx, st)
	if err != nil {
		return err
	}
	bar := &bytesProgress{progress: newProgress(s.err), verb: "written"}
	said := s.out
	var made ledger.Summary
	if c.File == "-" {
		if isTerminal(s.out) {
			return errors.New("cannot write a backup to a terminal: name a file, or pipe it on")
		}
		said = s.err
		made, err = l.Backup(ctx, io.MultiWriter(s.out, bar))
	} else {
		made, err = backupFile(ctx, l, c.File, bar)
	}
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(said, "%d rows as of %s, sha256 of the content %s\n", made.Rows, made.TakenAt.Format(time.RFC3339), made.SHA256)
	return nil
}

// backupFile has the whole backup on disk when it returns, or no file.
func backupFile(ctx context.Context, l *ledger.Ledger, name string, bar *bytesProgress) (made ledger.Summary, err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return made, fmt.Errorf("cannot back up: %w", err)
	}
	if made, err = l.Backup(ctx, io.MultiWriter(f, bar)); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return made, errors.Join(err, os.Remove(name))
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return made, fmt.Errorf("cannot back up: %w", err)
	}
	return made, errors.Join(dir.Sync(), dir.Close())
}

type restoreCmd struct {
	File string `arg:"" help:"What backup wrote; '-' is standard input."`
	databaseAt
}

func (c *restoreCmd) Run(ctx context.Context, s streams) error {
	in, total, err := openInput(c.File, s.in)
	if err != nil {
		return fmt.Errorf("cannot restore: %w", err)
	}
	defer in.Close()
	if err := c.makeFile(); err != nil {
		return err
	}
	st, err := c.openOrMake(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	l, err := openLedger(ctx, st)
	if err != nil {
		return err
	}
	bar := &bytesProgress{progress: newProgress(s.err), verb: "read", all: total}
	was, safe, err := l.Restore(ctx, io.TeeReader(in, bar))
	bar.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, `%d rows as of %s, sha256 of the content %s
Bidding is stopped. Start Tangent: it books what the event log holds. What was granted after the backup is not in it, so
bids of that time may overrun budgets that are bid with again. They can be billed until %s.
When tangent_log_unbooked_messages is 0, after that time or at that risk, let bidding go on: tangent guard resume "restored"
`, was.Rows, was.TakenAt.Format(time.RFC3339), was.SHA256, safe.Format(time.RFC3339))
	return nil
}
