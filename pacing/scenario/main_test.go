package scenario

import (
	"context"
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/clock"
)

// postgres is the server of this test binary.
var postgres *postgrestest.Server

func TestMain(m *testing.M) {
	// Every step is a few transactions; -rapid.checks asks for more.
	if err := flag.Set("rapid.checks", "12"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(postgrestest.Around(m, func(s *postgrestest.Server) { postgres = s }))
}

// openStore opens a database that worlds can use one after the other. It is
// PostgreSQL's: the race detector does not slow that down.
func openStore(t testing.TB) *store.Store {
	t.Helper()
	dsn, err := postgres.Schema(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return openDSN(t, dsn)
}

func openDSN(t testing.TB, dsn string) *store.Store {
	t.Helper()
	// Fees are made ahead of all bids, rates at most a week ahead: this is just
	// before the first fees of the scripts, and no rates are a week after it.
	made := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	s, err := store.Open(context.Background(), store.Config{DSN: dsn, Clock: clock.NewManual(made)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
