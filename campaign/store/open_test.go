package store

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/tangent-dsp/tangent/clock"
)

// Processes that start together, a server and a command, all find the tables.
func TestOpenTogether(t *testing.T) {
	file := filepath.Join(t.TempDir(), "campaigns.db")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			s, err := Open(context.Background(), Config{DSN: "file:" + file, Clock: clock.Real()})
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
}
