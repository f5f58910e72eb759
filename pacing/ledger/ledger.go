package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/pacing"
)

// Config is what a Ledger works with. Durations are market time.
type Config struct {
	Clock clock.Clock
	// Lease is how long an incarnation may spend after its last Grant.
	// Bidders must use one that is not longer. Default 30 s.
	Lease time.Duration
	// Horizon is the longest that any exchange's hold lasts: only after it is
	// a dead incarnation's slice given back. Default 24 h.
	Horizon time.Duration
}

// Ledger is the money state. It is safe for concurrent use by any number of
// processes on one database.
type Ledger struct {
	db  *sql.DB
	cfg Config
}

// New returns the ledger in db, whose tables it makes or brings up to date.
func New(ctx context.Context, db *sql.DB, c Config) (*Ledger, error) {
	return &Ledger{db: db, cfg: c}, nil
}

var errTodo = errors.New("not there yet")

var _ pacing.Ledger = (*Ledger)(nil)

func (l *Ledger) Open(ctx context.Context, name string) (uint64, error) { return 0, errTodo }
func (l *Ledger) Grant(ctx context.Context, incarnation uint64, wants []pacing.Want) ([]pacing.Grant, error) {
	return nil, errTodo
}
func (l *Ledger) Return(ctx context.Context, incarnation uint64, back []pacing.Want) error {
	return errTodo
}
func (l *Ledger) Settled(ctx context.Context, incarnation uint64, after int64) ([]pacing.Booked, error) {
	return nil, errTodo
}
func (l *Ledger) Slices(ctx context.Context, incarnation uint64) ([]pacing.Slice, error) {
	return nil, errTodo
}
func (l *Ledger) Close(ctx context.Context, incarnation uint64) error { return errTodo }

// Book books what bills in events, in one transaction.
func (l *Ledger) Book(ctx context.Context, events []event.Event) error { return errTodo }

// Reclaim gives back the slices of dead incarnations whose horizon is over.
func (l *Ledger) Reclaim(ctx context.Context) error { return errTodo }
