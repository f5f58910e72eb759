package reporttest

import (
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Noon is when worlds begin.
var Noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// postgres is the server of this test binary.
var postgres *postgrestest.Server

// Main runs the tests of a package beside a PostgreSQL server.
func Main(m *testing.M) {
	goleak.VerifyTestMain(postgrestest.Around(m, func(s *postgrestest.Server) { postgres = s }))
}

// World is a store with its ledger, empty, and a catalog.
type World struct {
	T       *testing.T
	Clock   *clock.Manual
	Store   *store.Store
	Ledger  *ledger.Ledger
	Catalog *catalog.Catalog
}

// OnEach plays a test on SQLite and on PostgreSQL.
func OnEach(t *testing.T, test func(*World)) {
	t.Run("sqlite", func(t *testing.T) { test(newWorld(t, "file:"+filepath.Join(t.TempDir(), "tangent.db"))) })
	t.Run("postgres", func(t *testing.T) { test(newWorld(t, Must[string](t)(postgres.Schema(t.Context())))) })
}

func newWorld(t *testing.T, dsn string) *World {
	w := &World{T: t, Clock: clock.NewManual(Noon)}
	w.Store = Must[*store.Store](t)(store.Open(t.Context(), store.Config{DSN: dsn, Clock: w.Clock, StartLifetime: ledger.StartLifetime}))
	t.Cleanup(func() { w.Store.Close() })
	w.Ledger = Must[*ledger.Ledger](t)(ledger.New(t.Context(), w.Store.DB(), ledger.Config{Clock: w.Clock}))
	w.Catalog = Must[*catalog.Catalog](t)(catalog.New(catalog.Config{Clock: w.Clock}))
	return w
}

// Campaign makes a campaign of an advertiser of its own, ten days around noon.
func (w *World) Campaign(budget campaign.Budget) campaign.Campaign {
	w.T.Helper()
	a := Must[campaign.Advertiser](w.T)(w.Store.CreateAdvertiser(w.T.Context(), campaign.Advertiser{Name: "Example", Status: campaign.Active, TimeZone: "UTC", Currency: "USD"}))
	return Must[campaign.Campaign](w.T)(w.Store.CreateCampaign(w.T.Context(), campaign.Campaign{AdvertiserID: a.ID, Name: "Shoes", Status: campaign.Active, Budget: budget,
		Flight: campaign.Flight{Start: campaign.LocalTimeOf(Noon.AddDate(0, 0, -5)), End: campaign.LocalTimeOf(Noon.AddDate(0, 0, 5))}}))
}

// Refresh has the catalog know what the store does.
func (w *World) Refresh() {
	w.T.Helper()
	if err := w.Catalog.Apply(Must[campaign.Changes](w.T)(w.Store.Changes(w.T.Context(), 0))); err != nil {
		w.T.Fatal(err)
	}
}

// Must ends a test at an error.
func Must[X any](t *testing.T) func(X, error) X {
	return func(x X, err error) X {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
}
