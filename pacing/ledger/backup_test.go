package ledger

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing"
)

// testBackupHasEveryTable wants no table to be forgotten.
func testBackupHasEveryTable(t *testing.T, w *world) {
	query := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if store.IsPostgres(w.store.DB()) {
		query = `SELECT tablename FROM pg_tables WHERE schemaname = current_schema()`
	}
	rows, err := w.store.DB().Query(query)
	var have []string
	if err := scanAll(rows, err, func(r *sql.Rows) error {
		var name string
		defer func() { have = append(have, name) }()
		return r.Scan(&name)
	}); err != nil {
		t.Fatal(err)
	}
	want := append(keptTables(), "leases", "line_item_opportunities", "line_item_pacing", "line_item_reasons", store.VersionTable, versionTable)
	slices.Sort(want)
	slices.Sort(have)
	if !slices.Equal(have, want) {
		t.Errorf("the database has %v, backups know of %v", have, want)
	}
}

// restored returns a database of the other kind, or the same, that was
// restored from a backup.
func (w *world) restored(t *testing.T, empty func(testing.TB) string, backup []byte) *world {
	t.Helper()
	w = join(t, &world{empty: empty, dsn: empty(t), clock: w.clock})
	if _, _, err := w.Restore(context.Background(), bytes.NewReader(backup)); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) backedUp() ([]byte, Summary) {
	w.t.Helper()
	var b bytes.Buffer
	s, err := w.Backup(context.Background(), &b)
	if err != nil {
		w.t.Fatal(err)
	}
	return b.Bytes(), s
}

// state is everything that can be asked for.
func (w *world) state(t *testing.T) map[string]any {
	t.Helper()
	ctx := context.Background()
	changes, err1 := w.store.Changes(ctx, 0)
	reports, err2 := w.Report(ctx, Filter{})
	totals, err3 := w.Totals(ctx)
	keys, err4 := w.store.ListKeys(ctx, store.Filter{})
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		t.Fatal(err)
	}
	all := map[string]any{"changes": changes, "reports": reports, "totals": totals, "keys": keys}
	for name, query := range map[string]string{
		"slices":         `SELECT COUNT(*) || ' ' || SUM(granted) || ' ' || SUM(booked) || ' ' || SUM(returned) FROM slices`,
		"bookings":       `SELECT COUNT(*) || ' ' || SUM(amount) || ' ' || SUM(cursor) || ' ' || MAX(bid_id) FROM bookings`,
		"covers":         `SELECT COUNT(*) || ' ' || SUM(from_slice) || ' ' || SUM(from_free) || ' ' || SUM(overrun) FROM booking_nodes`,
		"reconciliation": `SELECT COUNT(*) || ' ' || SUM(price) FROM reconciliation`,
		"incarnations":   `SELECT COUNT(*) || ' ' || SUM(opened_at / 1000000000) FROM incarnations`,
	} {
		var sum string
		if err := w.store.DB().QueryRow(query).Scan(&sum); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[name] = sum
	}
	return all
}

// testBackupDrill is what one hopes never to need: traffic, a backup in the
// middle of it, a loss, a restore into a database of either kind, and the
// event log once more.
func testBackupDrill(t *testing.T, w *world) {
	ctx := context.Background()
	key := w.advertise(t)
	var mu sync.Mutex
	var log []event.Event // what the event log has
	stop := make(chan struct{})
	traffic := make(chan struct{})
	middle := make(chan struct{}, 100)
	nodes := []event.NodePeriod{{Node: 1001}, {Node: 1002, Period: today}}
	for _, n := range nodes {
		w.budget(n, 5000)
	}
	go func() {
		defer close(traffic)
		all(w.processes(t, 2), func(i int, p *world) {
			a := p.open(fmt.Sprint("bidder", i))
			for round := uint64(1); ; round++ {
				_, err := p.Grant(ctx, a, []pacing.Want{{NodePeriod: nodes[0], Amount: 40}, {NodePeriod: nodes[1], Amount: 30}})
				if err != nil {
					t.Error(err)
				}
				bill := p.billing(a, round, money.Nanos(10+round%9), 15, nodes...)
				expired := p.billing(a, 1_000_000+round, 5, 5, nodes...)
				expired.Expired = true
				mu.Lock()
				log = append(log, bill, expired)
				mu.Unlock()
				p.book(bill, expired, bill)
				if _, err := p.store.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Another \"☃\" <b>", TimeZone: "UTC", Currency: "EUR"}); err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				case middle <- struct{}{}:
				default:
				}
			}
		})
	}()
	for range 6 {
		<-middle
	}
	during, s := w.backedUp()
	for range 4 {
		<-middle
	}
	close(stop)
	go func() {
		for range middle {
		}
	}()
	<-traffic
	close(middle)
	after, _ := w.backedUp()
	want := w.state(t)
	w.clock.Advance(time.Minute)

	for name, empty := range map[string]func(testing.TB) string{"into SQLite": newFile, "into PostgreSQL": newSchema} {
		t.Run(name, func(t *testing.T) {
			old := w.restored(t, empty, during)
			old.expectBalanced()
			if g, err := old.Guard(ctx); err != nil || !g.Stopped || !strings.Contains(g.Reason, s.TakenAt.Format(time.RFC3339)) {
				t.Errorf("the guard is %+v, %v", g, err)
			}
			old.book(log...) // what came after the backup, and all before it
			oldTotals, err := old.Totals(ctx)
			if err != nil || !reflect.DeepEqual(stripOverrun(oldTotals), stripOverrun(want["totals"].([]Totals))) {
				t.Errorf("after the log, the totals are %+v, %v; want %+v", oldTotals, err, want["totals"])
			}
			old.expectBalanced()

			whole := w.restored(t, empty, after)
			got := whole.state(t)
			for what := range want {
				if !reflect.DeepEqual(got[what], want[what]) {
					t.Errorf("%s:\n got %v\nwant %v", what, got[what], want[what])
				}
			}
			whole.expectBalanced()
			if _, err := whole.store.Authenticate(ctx, key); err != nil {
				t.Errorf("the API key: %v", err)
			}
			// And it goes on: the ids, the bookings, the money.
			if _, err := whole.store.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Next", TimeZone: "UTC", Currency: "EUR"}); err != nil {
				t.Error(err)
			}
			if r := whole.book(append(slices.Clone(log), whole.billing(77, 1, 5, 5, nodes...))...); r.Booked != 1 {
				t.Errorf("after the restore %d were booked, want 1", r.Booked)
			}
			if again, _ := whole.backedUp(); len(again) == 0 {
				t.Error("no backup of what was restored")
			}
		})
	}
}

// stripOverrun leaves out what depends on slices that a backup cannot know.
func stripOverrun(all []Totals) []Totals {
	all = slices.Clone(all)
	for i := range all {
		all[i].Overrun = 0
	}
	return all
}

// advertise writes one thing of each kind, and returns an API key.
func (w *world) advertise(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	x, err := w.store.CreateExchange(ctx, campaign.Exchange{Name: "example", Seat: "1", Currency: "EUR", BillingEvent: campaign.BillOnBilling,
		NoBid: campaign.NoBidNBR, DefaultTMax: 120 * time.Millisecond, NetworkMargin: 20 * time.Millisecond, WinDeadline: time.Minute, Horizon: time.Hour})
	a, err1 := w.store.CreateAdvertiser(ctx, campaign.Advertiser{Name: "Example", TimeZone: "Europe/Berlin", Currency: "EUR"})
	c, err2 := w.store.CreateCampaign(ctx, campaign.Campaign{AdvertiserID: a.ID, Name: "Spring", Budget: campaign.Budget{Lifetime: money.Cap}})
	li, err3 := w.store.CreateLineItem(ctx, campaign.LineItem{CampaignID: c.ID, Name: "Runners", Budget: campaign.Budget{Daily: 7 * money.Unit},
		Goal: campaign.Goal{Kind: campaign.CPC, Amount: money.Unit}, MaxBidCPM: money.Unit + 1000, ClickRate: 0.1,
		Targeting: campaign.Targeting{Exchanges: campaign.Only(x.ID)}})
	_, err4 := w.store.CreateCreative(ctx, campaign.Creative{LineItemID: li.ID, Name: "Banner", Size: campaign.Size{W: 300, H: 250},
		Markup: "<a href=\"${CLICK_URL}\">\t\\'☃\u2028\n</a>", LandingURL: "https://example.com/", Domains: []string{"example.com"}, Secure: true})
	_, revoked, err5 := w.store.CreateKey(ctx, "old", store.RoleAdmin)
	_, err6 := w.store.RevokeKey(ctx, revoked.ID)
	plain, _, err7 := w.store.CreateKey(ctx, "deploy", store.RoleAdmin)
	if err := errors.Join(err, err1, err2, err3, err4, err5, err6, err7); err != nil {
		t.Fatal(err)
	}
	return plain
}

// testIncarnationsDoNotRepeat restores a backup that knows nothing of what
// was opened after it, with the clock as it was, and back in time.
func testIncarnationsDoNotRepeat(t *testing.T, w *world) {
	ctx := context.Background()
	w.budget(life, 100)
	before := w.open("a")
	backup, _ := w.backedUp()
	seen := map[uint64]bool{before: true}
	w.clock.Advance(time.Hour) // a clock that is wrong
	running := w.open("b")
	seen[running] = true
	for range 3 {
		seen[w.open("a")] = true
	}
	w.clock.Advance(-2 * time.Hour) // and is set right
	consumers := map[string]bool{}
	for _, now := range []*world{w, w.restored(t, w.empty, backup), w.restored(t, w.empty, backup)} {
		name, err := now.Consumer(ctx)
		if err != nil || consumers[name] || (name == Consumer) != (now == w) {
			t.Errorf("the log's consumer is %q, %v; before it %v", name, err, consumers)
		}
		consumers[name] = true
	}
	for range 2 {
		r := w.restored(t, w.empty, backup)
		for _, name := range []string{"a", "b", "c"} {
			id := r.open(name)
			if seen[id] {
				t.Errorf("incarnation %d came twice", id)
			}
			seen[id] = true
		}
		// Whoever ran on has to start again.
		for _, old := range []uint64{before, running} {
			if _, err := r.Grant(ctx, old, nil); !errors.Is(err, pacing.ErrFenced) {
				t.Errorf("incarnation %d goes on: %v", old, err)
			}
		}
	}
}

// Given a bid by a table of rates that was added after the backup, when its
// bill comes to the restored database, then no later table is taken for it.
func testRateTablesDoNotRepeat(t *testing.T, w *world) {
	c, _ := w.abroad()
	backup, _ := w.backedUp()
	table := func(w *world, units money.Quote) uint32 {
		added, err := w.store.AddRateTable(context.Background(), campaign.RateTable{Source: "Example Bank", Base: "EUR", Start: noon.Add(2 * time.Hour),
			Quotes: []campaign.Quote{{Currency: "USD", Units: units}}})
		if err != nil {
			t.Fatal(err)
		}
		return added.ID
	}
	lost := table(w, money.QuoteOne)
	r := w.restored(t, w.empty, backup)
	if again := table(r, 5*money.QuoteOne); again == lost {
		t.Errorf("table %d came twice", again)
	}
	if got := r.book(r.dollars(1, 1, c, lost, 100, 100, 100)); got.Booked != 1 || got.Unrated != 1 {
		t.Errorf("the old bill: %+v", got)
	}
	r.expect(event.NodePeriod{Node: c.Budget.LifetimeNode}, 100, 0, 0) // what the bid held
}

func testRestoreRefuses(t *testing.T, w *world) {
	ctx := context.Background()
	w.advertise(t)
	w.budget(event.NodePeriod{Node: 1001}, 100)
	a := w.open("a")
	w.book(w.billing(a, 1, 5, 5, event.NodePeriod{Node: 1001}))
	backup, _ := w.backedUp()
	if _, _, err := w.Restore(ctx, bytes.NewReader(backup)); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a database with something in it: %v", err)
	}
	w.expect(event.NodePeriod{Node: 1001}, 5, 0, 0)

	lines := strings.SplitAfter(unzip(t, backup), "\n")
	edit := func(old, new string) []byte {
		text := strings.Join(lines, "")
		if !strings.Contains(text, old) {
			t.Fatalf("no %s in the backup", old)
		}
		return zipped(strings.Replace(text, old, new, 1))
	}
	flipped := bytes.Clone(backup)
	flipped[len(flipped)/2] ^= 4
	empty := w.fresh(t)
	for name, bad := range map[string][]byte{
		"nothing":            nil,
		"no gzip":            []byte("tangent-backup"),
		"another file":       zipped("hello\n"),
		"a bit is flipped":   flipped,
		"half of it":         backup[:len(backup)/2],
		"no end":             zipped(strings.Join(lines[:len(lines)-2], "")),
		"only a header":      zipped(lines[0]),
		"no sum":             backup[:len(backup)-6],
		"another amount":     edit(`"Runners"`, `"Sprinters"`),
		"another version":    edit(`"version":1`, `"version":2`),
		"another schema":     edit(`"store_migrations":`, `"store_migrations":9`),
		"another table":      edit(`{"table":"guard"`, `{"table":"leases"`),
		"something after it": zipped(strings.Join(lines, "") + "{}\n"),
	} {
		if _, _, err := empty.Restore(ctx, bytes.NewReader(bad)); err == nil {
			t.Errorf("%s: restored", name)
		}
		if c, err := empty.store.Changes(ctx, 0); err != nil || !c.Empty() || c.Revision != 0 {
			t.Fatalf("%s: left %+v, %v", name, c, err)
		}
	}
	if _, _, err := empty.Restore(ctx, bytes.NewReader(backup)); err != nil {
		t.Errorf("after all of it: %v", err)
	}
}

func unzip(t *testing.T, b []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func zipped(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text)) // to memory
	_ = z.Close()
	return b.Bytes()
}

// nowhere is where a fuzzed backup goes.
type nowhere struct{}

func (nowhere) header(backupHeader) error { return nil }
func (nowhere) table(backupTable) error   { return nil }
func (nowhere) row([]any) error           { return nil }

// FuzzReadBackup wants lines that somebody made up to end in an error, and
// never in a panic.
func FuzzReadBackup(f *testing.F) {
	for _, seed := range []string{
		"", "{}\n", `{"format":"tangent-backup","version":1}` + "\n" + `{"rows":0,"sha256":""}` + "\n",
		`{"format":"tangent-backup","version":1}` + "\n" + `{"table":"guard","columns":["id"]}` + "\n[1]\n[]\n",
		`{"format":"tangent-backup","version":1}` + "\n[1e999]\n[[\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := readBackup(bytes.NewReader(zipped(text)), nowhere{})
		if err == nil && !strings.Contains(text, s.SHA256) {
			t.Error("read without its sum")
		}
	})
}

// testRestoreHoldsForAHorizon restores a backup that is older than any horizon,
// of bidders that bid on after it.
func testRestoreHoldsForAHorizon(t *testing.T, w *world) {
	ctx := context.Background()
	w.advertise(t) // an exchange with a horizon of one hour
	w.budget(life, 100)
	a := w.open("a")
	w.grant(a, life, 40)
	backup, _ := w.backedUp()
	later := w.open("b")
	w.grant(later, life, 50) // which the backup does not know
	w.clock.Advance(100 * time.Hour)

	w = join(t, &world{empty: w.empty, dsn: w.empty(t), clock: w.clock})
	_, safe, err := w.Restore(ctx, bytes.NewReader(backup))
	if want := w.clock.Now().Add(w.lease + time.Hour); err != nil || !safe.Equal(want) {
		t.Fatalf("safe at %v, %v; want %v", safe, err, want)
	}
	if g, err := w.Guard(ctx); err != nil || !strings.Contains(g.Reason, safe.Format(time.RFC3339)) {
		t.Errorf("the guard is %+v, %v; want %v in it", g, err, safe)
	}
	// Nobody of before goes on, and nobody gets what they may have bid with.
	for _, old := range []uint64{a, later} {
		if _, err := w.Grant(ctx, old, nil); !errors.Is(err, pacing.ErrFenced) {
			t.Errorf("incarnation %d goes on: %v", old, err)
		}
	}
	if n, err := w.Reclaim(ctx); n != 0 || err != nil {
		t.Errorf("reclaimed %d at once, %v", n, err)
	}
	w.book(w.billing(a, 1, 30, 30, life), w.billing(later, 1, 50, 50, life))
	w.expect(life, 80, 10, 0)
	w.clock.Advance(time.Hour + w.lease + time.Second + w.horizon())
	if n, err := w.Reclaim(ctx); n != 1 || err != nil {
		t.Errorf("reclaimed %d after the horizon, %v; want 1", n, err)
	}
	w.expect(life, 80, 0, 0)
}
