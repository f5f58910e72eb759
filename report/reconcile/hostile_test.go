package reconcile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// state is everything that a report could change.
func state(w *world) string {
	w.t.Helper()
	var b strings.Builder
	for _, table := range []string{"balances", "corrections", "correction_nodes", "ledger_totals", "bookings", "ledger_counters"} {
		rows, err := w.store.DB().Query("SELECT * FROM " + table)
		if err != nil {
			w.t.Fatal(err)
		}
		columns, _ := rows.Columns()
		cells, refs := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			refs[i] = &cells[i]
		}
		for rows.Next() {
			if err := rows.Scan(refs...); err != nil {
				w.t.Fatal(err)
			}
			fmt.Fprintln(&b, table, cells)
		}
		rows.Close()
	}
	return b.String()
}

func TestComparingChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.book(w.notice(0, monday, "1"), w.notice(2, monday, "12"))
	before := state(w)
	const head = "date,line_item_id,amount,currency\n"
	for _, report := range []string{
		head + "2026-03-09,$0,500,EUR",
		head + "2026-03-09,$0,500,EUR\n2026-03-09,$0,oops,EUR",
		head + "2026-03-09,$0,500,USD",
		head + "2026-03-09,$0,900000000,EUR\n2026-03-10,$0,900000000,EUR\n2026-03-11,$0,900000000,EUR",
		head + "2000-01-01,$0,1,EUR\n2099-01-01,$0,1,EUR",
		head + "2026-03-09,$0'; DROP TABLE bookings; --,1,EUR",
		head + "2026-03-09,-1,-500,EUR",
		head,
		head + strings.Repeat("\"", 100_000),
		strings.Repeat("date,", 50_000),
		"\x00\x01\x02",
	} {
		_, _ = Compare(context.Background(), w.config(), strings.NewReader(w.ids(report)))
		if after := state(w); after != before {
			t.Fatalf("%.100q changed\n%s\nto\n%s", report, before, after)
		}
	}
}

func TestReportsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	const head = "date,line_item_id,amount,currency\n"
	other := w.config()
	other.Exchange = "nobody"
	days := w.config()
	days.From, days.To = tuesday, tuesday
	few := w.config()
	few.MaxLines = 2
	var unknown strings.Builder
	unknown.WriteString(head)
	for i := range maxUnknown + 1 {
		fmt.Fprintf(&unknown, "2026-03-09,%d,1,EUR\n", 1000+i)
	}
	for name, c := range map[string]struct {
		config       Config
		report, want string
	}{
		"another currency":   {w.config(), head + "2026-03-09,$0,5,USD", "line 2: it is in USD, the report is compared in EUR"},
		"another exchange":   {other, head, `no exchange "nobody"; there are: example-exchange`},
		"another day":        {days, head + "2026-03-09,$0,5,EUR", "line 2: 2026-03-09 is not within 2026-03-10 and 2026-03-10"},
		"no lines":           {w.config(), head, "it has no lines"},
		"too many lines":     {few, head + "2026-03-09,$0,5,EUR\n2026-03-09,$0,6,EUR\n2026-03-09,$0,7,EUR", "more than 2 lines"},
		"too many days":      {w.config(), head + "2000-01-01,$0,1,EUR\n2099-01-01,$0,1,EUR", "more than 400 days"},
		"too much":           {w.config(), head + "2026-03-09,$0,999999999,EUR\n2026-03-09,$0,-999999999,EUR\n2026-03-09,$0,999999998,EUR", "up to line 4 it adds up to more than"},
		"too many strangers": {w.config(), unknown.String(), "more than 2000 ids that we do not know"},
		"several problems":   {w.config(), head + "2026-03-09,$0,x,EUR\n2026-03-09,$0,1,EUR\n2026-03-09,$0,5,USD", "\n  line 2: "},
		"endless problems":   {w.config(), head + strings.Repeat("x,\n", 100), "the rest was not read"},
	} {
		_, err := Compare(context.Background(), c.config, strings.NewReader(w.ids(c.report)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %s", name, err, c.want)
		}
	}
	var p *Problems
	if _, err := Compare(context.Background(), w.config(), strings.NewReader(head+"x\ny\n")); !errors.As(err, &p) || len(p.Lines) != 2 || p.Lines[1].Line != 3 {
		t.Errorf("problems %+v", p)
	}
}

// An exchange can claim any day for a bid. What it moved far away is not
// missing where it was booked.
func TestBilledFarAway(t *testing.T) {
	w := newWorld(t)
	e, f := w.notice(0, monday, "3"), w.notice(0, monday, "1")
	w.book(e, f)
	far := add(monday, 90).Date()
	w.correct(w.compare(w.config(), bidReport(far+",0,3", []event.Event{e, f})))
	if r := w.compare(w.config(), bidReport("2026-03-09,1,1", []event.Event{e, f})); r.Differs() || w.booked(0) != 4*money.Unit {
		t.Errorf("booked %v, found %s", w.booked(0), w.found(r))
	}
}

// generator is a report of many lines that is never in memory as a whole.
type generator struct {
	head  string
	line  func(b *bytes.Buffer, i int)
	lines int

	at   int
	b    bytes.Buffer
	base uint64 // in use at the start
	heap uint64 // the most that was in use
}

func (g *generator) Read(p []byte) (int, error) {
	for g.b.Len() == 0 {
		if g.at > g.lines {
			return 0, io.EOF
		}
		if g.at == 0 {
			g.b.WriteString(g.head)
		} else {
			g.line(&g.b, g.at)
		}
		if g.at%100_000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			if g.at == 0 {
				g.base = m.HeapAlloc
			}
			g.heap = max(g.heap, m.HeapAlloc)
		}
		g.at++
	}
	return g.b.Read(p)
}

// A report of a million lines is added up exactly, and little of it stays in
// memory: its line items and days, and a fingerprint per line.
func TestMillionLines(t *testing.T) {
	w := newWorld(t)
	var ids [3]string
	for i := range ids {
		ids[i] = fmt.Sprint(int64(w.items[i].ID))
	}
	for _, c := range []struct {
		repeats bool
		lines   int
		most    uint64
	}{{true, 1_000_000, 4 << 20}, {false, 100_000, 8 << 20}} {
		g := &generator{head: "date,line_item_id,country,amount\n", lines: c.lines, line: func(b *bytes.Buffer, i int) {
			b.WriteString("2026-03-")
			b.WriteString(strconv.Itoa(10 + i%20))
			b.WriteByte(',')
			b.WriteString(ids[i%3])
			b.WriteByte(',')
			b.WriteString(strconv.Itoa(i))
			b.WriteString(",0.000000")
			b.WriteString(strconv.Itoa(100 + i%900))
			b.WriteByte('\n')
		}}
		var want money.Nanos
		for i := range c.lines {
			want += money.Nanos(100 + (i+1)%900)
		}
		config := w.config()
		config.Repeats = c.repeats
		r, err := Compare(context.Background(), config, g)
		if err != nil {
			t.Fatal(err)
		}
		if r.Billed != want || r.Lines != c.lines || len(r.Differences) != 60 || r.Reasons[Unnotified].Amount != want {
			t.Errorf("billed %v in %d lines, want %v; %d differences", r.Billed, r.Lines, want, len(r.Differences))
		}
		if g.heap-g.base > c.most {
			t.Errorf("repeats %v: %d kB in memory, want at most %d", c.repeats, (g.heap-g.base)>>10, c.most>>10)
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	w := newWorld(b)
	var events []event.Event
	for range 5000 {
		events = append(events, w.notice(0, monday, "1"))
	}
	w.book(events...)
	for level, g := range map[Level]generator{
		PerLineItem: {head: "date,line_item_id,country,amount\n", line: func(b *bytes.Buffer, i int) {
			fmt.Fprintf(b, "2026-03-%02d,%d,%07d,0.000000%03d\n", 1+i%31, w.items[i%3].ID, i, i%1000)
		}},
		PerBid: {head: "date,bid_id,line_item_id,amount\n", line: func(b *bytes.Buffer, i int) {
			fmt.Fprintf(b, "2026-03-09,%v,%d,1\n", event.NewBidID(1, uint64(i)), w.items[0].ID)
		}},
	} {
		b.Run(string(level), func(b *testing.B) {
			for b.Loop() {
				g := g
				g.lines = 20_000
				if _, err := Compare(context.Background(), w.config(), &g); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*20_000/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
