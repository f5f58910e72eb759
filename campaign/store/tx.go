package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A transaction that the database gave up in favour of another is run again
// this often, after a pause that doubles from the first one on.
const (
	maxTries   = 8
	firstPause = 2 * time.Millisecond
)

// InTx runs f in one transaction and commits it. On SQLite the transaction
// begins with the write lock. On PostgreSQL it is READ COMMITTED, whatever the
// server's default: every statement sees what was committed before it began,
// so a transaction first locks the rows that it decides on.
//
// f may run several times: what an earlier try set, it must set again. Tried
// again are deadlocks, serialization failures and connections that were lost
// before they were of use: then nothing was done. After another error of the
// commit nobody knows.
func InTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	return inTxOf(ctx, db, sql.TxOptions{Isolation: sql.LevelReadCommitted}, f)
}

// Snapshot runs f in a transaction that reads everything as of one instant,
// without holding up a writer. f may run several times, as in InTx.
func Snapshot(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	return inTxOf(ctx, db, sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, f)
}

func inTxOf(ctx context.Context, db *sql.DB, o sql.TxOptions, f func(*sql.Tx) error) error {
	pause := firstPause
	for try := 1; ; try++ {
		began, err := once(ctx, db, o, f)
		if err == nil || try == maxTries || ctx.Err() != nil || !undone(began, err) {
			return err
		}
		t := time.NewTimer(pause/2 + rand.N(pause)) // apart from whom it met
		select {
		case <-ctx.Done():
			t.Stop()
			return err
		case <-t.C:
		}
		pause *= 2
	}
}

func once(ctx context.Context, db *sql.DB, o sql.TxOptions, f func(*sql.Tx) error) (began bool, err error) {
	tx, err := db.BeginTx(ctx, &o)
	if err != nil {
		return false, fmt.Errorf("cannot begin: %w", err)
	}
	defer tx.Rollback() // after a commit it does nothing
	if err := f(tx); err != nil {
		return true, err
	}
	if err := tx.Commit(); err != nil {
		return true, fmt.Errorf("cannot commit: %w", err)
	}
	return true, nil
}

// undone says that PostgreSQL did nothing of a transaction, and that another
// try may do better.
func undone(began bool, err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &connect):
		return false // the server is away: the caller knows how long to wait
	case errors.As(err, &pg):
		return pg.Code == pgSerialization || pg.Code == pgDeadlock ||
			!began && pg.Code == pgShutdown // the server's last word on an old connection
	}
	var sqlite interface{ Code() int }
	return pgconn.SafeToRetry(err) || !began && !errors.As(err, &sqlite)
}
