package scenario

import (
	"flag"
	"testing"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
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
