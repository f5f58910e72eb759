package store

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tangent-dsp/tangent/campaign"
)

// What callers decide on. Errors of a write that breaks a rule of validation
// are [campaign.Problems].
var (
	ErrNotFound = errors.New("not found")
	ErrConflict = errors.New("conflict") // a name is taken, or the thing is archived
	ErrKey      = errors.New("API key is not valid")
	ErrRewound  = errors.New("the store is older than the revision asked for") // a backup came back: load everything
)

// SQLSTATE and SQLite's extended result codes.
const (
	sqliteUnique     = 2067
	sqlitePrimaryKey = 1555
	sqliteForeignKey = 787
	pgUnique         = "23505"
	pgForeignKey     = "23503"
	pgSerialization  = "40001"
	pgDeadlock       = "40P01"
	pgShutdown       = "57P01"
	pgCrash          = "57P02"
	pgStarting       = "57P03" // or going down
	pgConnections    = "53300" // more than the server takes
)

// conflict makes an [ErrConflict] of a database's refusal, for the rules that
// only the database can hold against concurrent writers.
func conflict(err error) error {
	var lite interface{ Code() int }
	var pg interface{ SQLState() string }
	switch {
	case errors.As(err, &lite):
		switch lite.Code() {
		case sqliteUnique, sqlitePrimaryKey, sqliteForeignKey:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		}
	case errors.As(err, &pg):
		switch pg.SQLState() {
		case pgUnique, pgForeignKey:
			return fmt.Errorf("%w: %w", ErrConflict, err)
		}
	}
	return err
}

// IsAway says that the database could not be asked or went away meanwhile: in a
// moment it may be back. Whether a write was made is then unknown.
func IsAway(err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &connect), errors.Is(err, driver.ErrBadConn), errors.Is(err, io.ErrUnexpectedEOF):
		return true
	case errors.As(err, &pg):
		switch pg.Code {
		case pgShutdown, pgCrash, pgStarting, pgConnections:
			return true
		}
		return false
	}
	var network *net.OpError
	return errors.As(err, &network) || pgconn.SafeToRetry(err)
}

func problem(field, message string) error {
	return campaign.Problems{{Field: field, Message: message}}
}

var errArchived = fmt.Errorf("it is archived: %w", ErrConflict)
