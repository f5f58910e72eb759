package ledger

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/campaign/store/postgrestest"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// postgres is the server of this test binary.
var postgres *postgrestest.Server

func TestMain(m *testing.M) {
	// Every step of the model is a few synced transactions; -rapid.checks asks
	// for more.
	if err := flag.Set("rapid.checks", "12"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(postgrestest.Around(m, func(s *postgrestest.Server) { postgres = s }))
}

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

const (
	lease   = 30 * time.Second
	horizon = time.Hour
	today   = event.Period(20260310)
)

// world is a ledger in a database of its own, and the clock it goes by.
type world struct {
	*Ledger
	t     testing.TB
	empty func(testing.TB) string // makes another database of this kind
	dsn   string
	clock *clock.Manual
	store *store.Store
}

func newWorld(t testing.TB, empty func(testing.TB) string) *world {
	t.Helper()
	return join(t, &world{empty: empty, dsn: empty(t), clock: clock.NewManual(noon)})
}

// fresh returns a ledger in another database of the same kind.
func (w *world) fresh(t testing.TB) *world {
	t.Helper()
	return newWorld(t, w.empty)
}

// join returns the ledger of another process: the same database and clock,
// and connections of its own.
func join(t testing.TB, w *world) *world {
	t.Helper()
	w = &world{t: t, empty: w.empty, dsn: w.dsn, clock: w.clock}
	w.start()
	t.Cleanup(func() { w.store.Close() })
	return w
}

func (w *world) start() {
	w.t.Helper()
	var err error
	if w.store, err = store.Open(context.Background(), store.Config{DSN: w.dsn, Clock: w.clock, StartLifetime: StartLifetime}); err != nil {
		w.t.Fatal(err)
	}
	if w.Ledger, err = New(context.Background(), w.store.DB(), Config{Clock: w.clock, Lease: lease, Horizon: func() time.Duration { return horizon }}); err != nil {
		w.t.Fatal(err)
	}
}

// restart opens the same database again, as a new process would.
func (w *world) restart() {
	w.t.Helper()
	if err := w.store.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.start()
}

// budget sets the limit of a node. Node n belongs to campaign n.
func (w *world) budget(n event.NodePeriod, amount money.Nanos) {
	w.t.Helper()
	window := "lifetime"
	if n.Period != event.Lifetime {
		window = "daily"
	}
	_, err := w.store.DB().Exec(`INSERT INTO budget_nodes (id, owner_kind, owner_id, "window", amount_nanos, currency, time_zone)
		VALUES ($1, 'campaign', $1, $2, $3, 'EUR', 'UTC') ON CONFLICT (id) DO UPDATE SET amount_nanos = excluded.amount_nanos`,
		int64(n.Node), window, int64(amount))
	if err != nil {
		w.t.Fatal(err)
	}
}

// funding sets the credit line of an advertiser, whose id is its node's.
func (w *world) funding(n event.NodePeriod, line money.Nanos) {
	w.t.Helper()
	_, err := w.store.DB().Exec(`INSERT INTO budget_nodes (id, owner_kind, owner_id, "window", amount_nanos, currency, time_zone)
		VALUES ($1, 'advertiser', $1, 'lifetime', $2, 'EUR', 'UTC') ON CONFLICT (id) DO UPDATE SET amount_nanos = excluded.amount_nanos`,
		int64(n.Node), int64(line))
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(name string) uint64 {
	w.t.Helper()
	id, err := w.Open(context.Background(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) grant(incarnation uint64, n event.NodePeriod, amount money.Nanos) money.Nanos {
	w.t.Helper()
	g, err := w.Grant(context.Background(), incarnation, []pacing.Want{{NodePeriod: n, Amount: amount}})
	if err != nil {
		w.t.Fatal(err)
	}
	return g[0].Amount
}

func (w *world) book(events ...event.Event) Result {
	w.t.Helper()
	r, err := w.Book(context.Background(), events)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

func (w *world) reclaim() int {
	w.t.Helper()
	n, err := w.Reclaim(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// reports returns how budgets stand, by one query.
func (w *world) reports(nodes []event.NodePeriod) map[event.NodePeriod]NodeReport {
	w.t.Helper()
	var f Filter
	for _, n := range nodes {
		f.Campaigns = append(f.Campaigns, event.CampaignID(n.Node))
		f.Advertisers = append(f.Advertisers, event.AdvertiserID(n.Node))
	}
	all, err := w.Report(context.Background(), f)
	if err != nil {
		w.t.Fatal(err)
	}
	by := make(map[event.NodePeriod]NodeReport)
	for _, r := range all {
		by[event.NodePeriod{Node: r.Node, Period: r.Period}] = r
	}
	return by
}

// report returns how a budget stands, or a zero report.
func (w *world) report(n event.NodePeriod) NodeReport {
	w.t.Helper()
	return w.reports([]event.NodePeriod{n})[n]
}

func (w *world) expect(n event.NodePeriod, booked, outstanding, overrun money.Nanos) {
	w.t.Helper()
	r := w.report(n)
	got := fmt.Sprint(int64(r.Booked), int64(r.Outstanding), int64(r.Overrun))
	if want := fmt.Sprint(int64(booked), int64(outstanding), int64(overrun)); got != want {
		w.t.Errorf("node %v: booked, outstanding, overrun = %s, want %s", n, got, want)
	}
}

// billing is the notice that bills a bid at a price.
func (w *world) billing(incarnation, seq uint64, price, bid money.Nanos, nodes ...event.NodePeriod) event.Event {
	now := w.clock.Now()
	return event.Event{
		Kind: event.KindBilling, Bid: event.NewBidID(incarnation, seq), Billable: true,
		IssuedAt: now, OccurredAt: now, ReceivedAt: now,
		Exchange: 1, Advertiser: 1, Campaign: 1, LineItem: 1, Creative: 1,
		Nodes: nodes, Currency: "EUR", BidPrice: bid, Price: price, PriceState: event.PriceOK,
	}
}
