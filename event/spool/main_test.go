package spool

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// helperEnv makes the test binary a process that the durability tests kill,
// trace and starve; its value is the helper's name.
const helperEnv = "SPOOL_TEST_HELPER"

func TestMain(m *testing.M) {
	if name := os.Getenv(helperEnv); name != "" {
		os.Exit(helper(name))
	}
	goleak.VerifyTestMain(m)
}
