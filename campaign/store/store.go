package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
)

// Config is what a store needs.
type Config struct {
	DSN   string      // see OpenDB
	Clock clock.Clock // stamps API keys; market time
	// StartLifetime makes the balance of a lifetime budget begin with what its
	// owner, a "campaign" or a "line_item", has spent before it had one. It is the
	// ledger's, which shares the database. Nil: nothing was spent.
	StartLifetime func(ctx context.Context, tx *sql.Tx, node event.NodeID, kind string, owner int64) error
}

// Store is the campaign store. It is safe for concurrent use.
type Store struct {
	db            *sql.DB
	clock         clock.Clock
	startLifetime func(ctx context.Context, tx *sql.Tx, node event.NodeID, kind string, owner int64) error
}

// Open opens the database and brings its tables up to date.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Clock == nil {
		return nil, errors.New("cannot open the campaign store: it needs a clock")
	}
	db, err := OpenDB(ctx, cfg.DSN)
	if err != nil {
		return nil, err
	}
	if err := migrate(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &Store{db: db, clock: cfg.Clock, startLifetime: cfg.StartLifetime}, nil
}

// DB returns the database, for the ledger, which shares it.
func (s *Store) DB() *sql.DB { return s.db }

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.db.PingContext(ctx); err != nil {
		return fmt.Errorf("cannot reach the campaign store: %w", err)
	}
	return nil
}

// Close closes the database, under the ledger too.
func (s *Store) Close() error { return s.db.Close() }
