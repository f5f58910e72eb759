package store

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
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
