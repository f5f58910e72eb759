package catalog

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// drawsFew says that too little is drawn for all that there is to come up.
var drawsFew bool
