package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/clock"
)

// Who is told to end does not wait until a large change is taken over.
func TestTheEndClosesTheCatalog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := catalog.New(catalog.Config{Clock: clock.NewManual(time.Now())})
		if err != nil {
			t.Fatal(err)
		}
		a := &App{cfg: Config{CatalogRefresh: time.Hour}, catalog: c}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- a.refreshCatalog(ctx) }()
		synctest.Wait()
		if err := c.Apply(campaign.Changes{}); err != nil {
			t.Errorf("while it runs: %v", err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if err := c.Apply(campaign.Changes{}); !errors.Is(err, catalog.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	})
}
