package ledger

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/pacing"
)

// Config is what a Ledger works with. Durations are market time.
type Config struct {
	Clock clock.Clock
	// Lease is how long an incarnation may spend after its last Grant.
	// Bidders must use one that is not longer. Default 30 s.
	Lease time.Duration
	// Horizon returns the longest that any exchange's hold lasts: only after it
	// is a dead incarnation's slice given back. Default 24 h.
	Horizon func() time.Duration
	// Timeout is how long one call may take, in real time; backups apart.
	// Default 15 s.
	Timeout time.Duration
}

// Ledger is the money state. It is safe for concurrent use by any number of
// processes on one database.
type Ledger struct {
	db      *sql.DB
	clock   clock.Clock
	lease   time.Duration
	horizon func() time.Duration
	timeout time.Duration
	page    int // rows that Settled reads at once

	pruning sync.Mutex
	pruned  pruneFrom
	look    int // slices that Prune looks at
}

var _ pacing.Ledger = (*Ledger)(nil)

// New returns the ledger in db, whose tables it makes or brings up to date.
// db is the database of a [store.Store], whose budgets it reads.
func New(ctx context.Context, db *sql.DB, c Config) (*Ledger, error) {
	if db == nil || c.Clock == nil {
		return nil, errors.New("cannot make a ledger: database and clock are needed")
	}
	if c.Lease < 0 || c.Timeout < 0 {
		return nil, errors.New("cannot make a ledger: the lease and the timeout must not be negative")
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Lease == 0 {
		c.Lease = 30 * time.Second
	}
	if c.Horizon == nil {
		c.Horizon = func() time.Duration { return 24 * time.Hour }
	}
	if err := migrate(ctx, db); err != nil {
		return nil, err
	}
	return &Ledger{db: db, clock: c.Clock, lease: c.Lease, horizon: c.Horizon, timeout: c.Timeout, page: settledRows, look: prunedAtOnce}, nil
}
