package store

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/clock"
)

// postgres is the server of this test binary.
var postgres *postgrestest.Server

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(postgrestest.Around(m, func(s *postgrestest.Server) { postgres = s }))
}

// newSchema returns the DSN of an empty schema.
func newSchema(tb testing.TB) string {
	tb.Helper()
	return must(postgres.Schema(context.Background()))(tb)
}

// newDatabase returns the DSN of a database that a store was opened in before,
// which saves the migrations.
func newDatabase(tb testing.TB) string {
	tb.Helper()
	return must(postgres.Copy(context.Background(), func(dsn string) error {
		s, err := Open(context.Background(), Config{DSN: dsn, Clock: clock.Real()})
		if err != nil {
			return err
		}
		return s.Close()
	}))(tb)
}
