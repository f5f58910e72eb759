package store

import (
	"errors"
	"fmt"

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

func problem(field, message string) error {
	return campaign.Problems{{Field: field, Message: message}}
}

var errArchived = fmt.Errorf("it is archived: %w", ErrConflict)
