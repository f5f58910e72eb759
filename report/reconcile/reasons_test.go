package reconcile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

// Every reason, as the lines of a report per line item and per bid show it.
func TestReasons(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		name   string
		given  func() []event.Event // what we were notified of
		sums   string               // lines per line item: date, line item, amount
		bids   string               // lines per bid: date, number of the bid in given, amount
		want   string
		booked string // what the corrections add to the campaign
	}{
		{
			name:  "the same",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "1.5"), w.notice(0, monday, "0.25")} },
			sums:  "2026-03-09,$0,1.75", bids: "2026-03-09,0,1.5\n2026-03-09,1,0.25", booked: "0",
		}, {
			name:  "billed and never notified",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "1.5")} },
			sums:  "2026-03-09,$0,4.000000001\n2026-03-10,$1,2", bids: "2026-03-09,0,1.5\n2026-03-09,-,2.500000001\n2026-03-10,-1,2",
			want: "2026-03-09 0 unnotified 2.500000001; 2026-03-10 1 unnotified 2", booked: "4.500000001",
		}, {
			name:  "notice above the bid",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "12")} },
			sums:  "2026-03-09,$0,13", bids: "2026-03-09,0,13",
			want: "2026-03-09 0 unnotified 1; 2026-03-09 0 disputed 2", booked: "3",
		}, {
			name: "over midnight",
			given: func() []event.Event {
				e := w.notice(0, monday, "3")
				e.IssuedAt = at(tuesday, 0, w.zone).Add(-time.Minute)
				e.OccurredAt = at(tuesday, 0, w.zone).Add(20 * time.Minute)
				return []event.Event{e, w.notice(0, tuesday, "1")}
			},
			sums: "2026-03-09,$0,3\n2026-03-10,$0,1", bids: "2026-03-09,0,3\n2026-03-10,1,1",
			want: "2026-03-09 0 late 3; 2026-03-10 0 late -3", booked: "0",
		}, {
			name: "weeks late, the day of the notice is not in the report",
			given: func() []event.Event {
				e := w.notice(0, monday, "3")
				e.Late, e.OccurredAt = true, e.IssuedAt.AddDate(0, 0, 20)
				return []event.Event{e}
			},
			sums: "2026-03-09,$0,3", bids: "2026-03-09,0,3",
			want: "2026-03-09 0 late 3; 2026-03-29 0 late -3", booked: "0",
		}, {
			name: "too late to be booked",
			given: func() []event.Event {
				e := w.notice(0, monday, "3")
				e.Late, e.Expired, e.OccurredAt = true, true, e.IssuedAt.AddDate(0, 0, 31)
				return []event.Event{e}
			},
			sums: "2026-03-09,$0,3.5", bids: "2026-03-09,0,3.5",
			want: "2026-03-09 0 unnotified 0.5; 2026-03-09 0 expired 3", booked: "3.5",
		}, {
			name: "notice without a price",
			given: func() []event.Event {
				e := w.notice(0, monday, "0")
				e.PriceState = event.PriceMissing
				return []event.Event{e}
			},
			sums: "2026-03-09,$0,4", bids: "2026-03-09,0,4",
			want: "2026-03-09 0 unpriced -6", booked: "-6",
		}, {
			name:  "booked and not billed",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "3"), w.notice(2, monday, "1")} },
			sums:  "2026-03-09,$0,2", bids: "2026-03-09,0,2",
			want: "2026-03-09 0 unbilled -1; 2026-03-09 2 unbilled -1", booked: "-1",
		}, {
			name:  "rounded to cents",
			given: func() []event.Event { return []event.Event{w.notice(0, monday, "1.2345")} },
			sums:  "2026-03-09,$0,1.23\n2026-03-10,$0,0.00", bids: "2026-03-09,0,1.23",
			want: "2026-03-09 0 rounding -0.0045", booked: "-0.0045",
		},
	} {
		for _, level := range []Level{PerLineItem, PerBid} {
			t.Run(c.name+"/"+string(level), func(t *testing.T) {
				w.newExchange("x" + strings.Map(letters, c.name+string(level)))
				given := c.given()
				w.book(given...)
				report := "date,line_item_id,amount\n" + c.sums
				if level == PerBid {
					report = bidReport(c.bids, given)
				}
				r := w.compare(w.config(), report)
				if got := w.found(r); got != c.want {
					t.Errorf("found %s\n want %s", got, c.want)
				}
				if r.Differs() != (c.want != "") {
					t.Errorf("differs: %v", r.Differs())
				}
				before := w.booked(0)
				w.correct(r)
				if got := w.booked(0) - before; got != w.amount(c.booked) {
					t.Errorf("the corrections booked %v, want %s", got, c.booked)
				}
				if r := w.compare(w.config(), report); r.Differs() {
					t.Errorf("once corrected, it differs: %s", w.found(r))
				}
			})
		}
	}
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// bidReport replaces the second column, the number of an event, by its bid;
// "-" and "-1" stand for a bid without notice, of line item 0 and 1.
func bidReport(lines string, given []event.Event) string {
	var b strings.Builder
	b.WriteString("date,bid_id,amount,line_item_id")
	for i, line := range strings.Split(lines, "\n") {
		f := strings.Split(line, ",")
		bid, item := event.NewBidID(99, uint64(len(given)*1000+i+1)), "$0"
		if f[1] == "-1" {
			item = "$1"
		} else if f[1] != "-" {
			bid, item = given[f[1][0]-'0'].Bid, ""
		}
		b.WriteString("\n" + f[0] + "," + bid.String() + "," + f[2] + "," + item)
	}
	return b.String()
}

func TestToleranceLeavesSmallDifferences(t *testing.T) {
	w := newWorld(t)
	w.book(w.notice(0, monday, "1"), w.notice(2, monday, "1"))
	c := w.config()
	c.Tolerance = w.amount("0.1")
	r := w.compare(c, "date,line_item_id,amount\n2026-03-09,$0,1.1\n2026-03-09,$2,1.100000001")
	if got, want := w.found(r), "2026-03-09 2 unnotified 0.100000001"; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
}

func TestUnknownAndDuplicateLinesAreNeverBooked(t *testing.T) {
	w := newWorld(t)
	w.book(w.notice(0, monday, "1"))
	r := w.compare(w.config(), `Date,Line Item ID,Amount,Country
2026-03-09,$0,1,DE
2026-03-09,$0,1,DE
2026-03-09,777,5,DE
2026-03-09,our best one,6,DE
2026-03-09,-1,1,DE
2026-03-09,99999999999999999999,1,DE`)
	if w.found(r) != "" || !r.Differs() || r.Duplicates.Count != 1 || r.Duplicates.Lines[0].Line != 3 || r.Duplicates.Amount != money.Unit ||
		r.Unknown.Count != 4 || r.Unknown.Amount != 13*money.Unit || r.Unknown.Lines[1].ID != "line item our best one" {
		t.Errorf("got %+v", r)
	}
	if done := w.correct(r); done.Booked != 0 || w.booked(0) != money.Unit {
		t.Errorf("booked %+v", done)
	}
	c := w.config()
	c.Repeats = true
	if r := w.compare(c, "date,line_item_id,amount\n2026-03-09,$0,0.5\n2026-03-09,$0,0.5\n"); r.Differs() {
		t.Errorf("lines that repeat by right: %+v", r)
	}
}

func TestBidsOfOthersAreUnknown(t *testing.T) {
	w := newWorld(t)
	e := w.notice(0, monday, "1")
	w.book(e)
	w.newExchange("another")
	r := w.compare(w.config(), "date,bid_id,line_item_id,amount\n2026-03-09,"+e.Bid.String()+",$0,5\n2026-03-09,"+strings.Repeat("ab", 16)+",,5\n2026-03-09,nonsense,,5\n")
	if w.found(r) != "" || r.Unknown.Count != 3 || r.Booked != 0 {
		t.Errorf("got %+v", r)
	}
}

// Bids of ours that no notice told of are found by their ids alone. Nobody says
// of which line item they are, so no correction is made of them.
func TestUnnotifiedBidsOfNoLineItem(t *testing.T) {
	w := newWorld(t)
	start, err := w.Open(context.Background(), "bidder")
	if err != nil {
		t.Fatal(err)
	}
	e := w.notice(0, monday, "3")
	w.book(e)
	report := fmt.Sprintf("date,bid_id,amount\n2026-03-09,%v,2\n2026-03-09,%v,5", e.Bid, event.NewBidID(start, 7))
	r := w.compare(w.config(), report)
	if got, want := w.found(r), "2026-03-09 campaign 0 unnotified 5; 2026-03-09 0 unbilled -1"; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
	if r.Difference != 4*money.Unit || r.Unknown.Count != 0 || r.Unattributed.Count != 1 || r.Unattributed.Amount != 5*money.Unit {
		t.Errorf("got %+v", r)
	}
	if done := w.correct(r); done.Booked != 1 || w.booked(0) != 2*money.Unit {
		t.Errorf("booked %+v", done)
	}
	if got, want := w.found(w.compare(w.config(), report)), "2026-03-09 campaign 0 unnotified 5"; got != want {
		t.Errorf("then found %s, want %s", got, want)
	}
	withItem := fmt.Sprintf("date,bid_id,amount,line_item_id\n2026-03-09,%v,2,\n2026-03-09,%v,5,$1", e.Bid, event.NewBidID(start, 7))
	if got, want := w.found(w.compare(w.config(), withItem)), "2026-03-09 1 unnotified 5"; got != want {
		t.Errorf("with a line item found %s, want %s", got, want)
	}
}

// A report of ids that are none of ours says nothing of what it does not have.
func TestBidIDsOfOthersTakeNothingAway(t *testing.T) {
	w := newWorld(t)
	e, f := w.notice(0, monday, "3"), w.notice(1, monday, "1")
	w.book(e, f)
	r := w.compare(w.config(), fmt.Sprintf("date,bid_id,amount\n2026-03-09,theirs-1,3\n2026-03-09,%v,4", f.Bid))
	var strangers *StrangersError
	if _, err := Book(context.Background(), w.Ledger, r, "auditor"); !errors.As(err, &strangers) || strangers.Lines != 1 {
		t.Errorf("booked: %v", err)
	}
	if done := w.correct(r, Unnotified); done.Booked != 1 || w.booked(0) != 7*money.Unit {
		t.Errorf("booked %+v", done)
	}
}

// Lines of one bid are one amount, unless they are the same line twice.
func TestLinesOfOneBid(t *testing.T) {
	w := newWorld(t)
	e, f := w.notice(0, monday, "3"), w.notice(1, monday, "12") // 2 of it disputed
	w.book(e, f)
	for _, c := range []struct{ lines, want string }{
		{"9 $e 3; 9 $e -1", "2026-03-09 0 unbilled -1"},
		{"9 $e -1; 9 $e 3", "2026-03-09 0 unbilled -1"},
		{"9 $e 4; 9 $e -1", ""},
		{"9 $e 3; 9 $e 3; 9 $e -1", "2026-03-09 0 unbilled -1"},
		{"9 $e 3; 10 $e -1", "2026-03-10 0 unbilled -1"},
		{"10 $e -1; 9 $e 3", "2026-03-10 0 unbilled -1"},
		{"9 $e 3; 9 $f 13; 9 $f -2", "2026-03-09 1 disputed 1"},
		{"9 $e 2; 9 $e 1; 9 $f 10", ""},
	} {
		config := w.config()
		config.Repeats = true
		report := "date,bid_id,amount"
		for _, line := range strings.Split(c.lines, "; ") {
			f := strings.Fields(line)
			report += fmt.Sprintf("\n2026-03-%02s,%s,%s", f[0], f[1], f[2])
		}
		if !strings.Contains(report, "$f") {
			report += "\n2026-03-09,$f,10"
		}
		r := w.compare(config, strings.NewReplacer("$e", e.Bid.String(), "$f", f.Bid.String()).Replace(report))
		if got := w.found(r); got != c.want {
			t.Errorf("%s: found %s, want %s", c.lines, got, c.want)
		}
	}
}

func TestCampaignsAndCreatives(t *testing.T) {
	w := newWorld(t)
	w.book(w.notice(0, monday, "1"), w.notice(1, monday, "2"), w.notice(2, monday, "4"))
	if r := w.compare(w.config(), "day;cid;spend\n2026-03-09;$x;3\n2026-03-09;$y;4"); r.Differs() || r.Level != PerCampaign {
		t.Errorf("per campaign: %+v", r)
	}
	if r := w.compare(w.config(), "day\tcrid\tcost\n20260309\t$a\t1\n2026/03/09\t$b\t2.00\n2026-03-09 00:00:00\t$c\t4\nTotal\t\t7"); r.Differs() || r.Level != PerLineItem {
		t.Errorf("per creative: %+v", r)
	}
	// A campaign's correction is its own: a later report per line item undoes
	// it and books the line items'.
	r := w.compare(w.config(), "day,campaign_id,spend\n2026-03-09,$x,5\n2026-03-09,$y,4")
	w.correct(r)
	if r := w.compare(w.config(), "day,campaign_id,spend\n2026-03-09,$x,5\n2026-03-09,$y,4"); r.Differs() {
		t.Errorf("corrected per campaign: %+v", r)
	}
	perItem := "day,line_item_id,spend\n2026-03-09,$0,1\n2026-03-09,$1,4\n2026-03-09,$2,4"
	r = w.compare(w.config(), perItem)
	w.correct(r)
	if r.Difference != 0 || len(r.Differences) != 2 || w.booked(0) != 5*money.Unit {
		t.Errorf("per line item: %s", w.found(r))
	}
	if r := w.compare(w.config(), perItem); r.Differs() {
		t.Errorf("corrected per line item: %+v", r)
	}
}

// A notice that comes after its bill was corrected is taken back.
func TestNoticeAfterTheCorrection(t *testing.T) {
	w := newWorld(t)
	report := "date,line_item_id,amount\n2026-03-09,$0,3"
	w.correct(w.compare(w.config(), report))
	e := w.notice(0, monday, "3")
	w.book(e)
	if got := w.booked(0); got != 6*money.Unit {
		t.Fatalf("booked %v", got)
	}
	r := w.compare(w.config(), report)
	if got, want := w.found(r), "2026-03-09 0 unnotified -3"; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
	w.correct(r)
	if r := w.compare(w.config(), report); r.Differs() || w.booked(0) != 3*money.Unit {
		t.Errorf("booked %v, found %s", w.booked(0), w.found(r))
	}
}

// The day of the bill and the day of the notice are in reports of their own.
func TestReportsOfNeighbouringDays(t *testing.T) {
	for _, level := range []Level{PerLineItem, PerBid} {
		for _, order := range [][2]int{{0, 1}, {1, 0}} {
			w := newWorld(t)
			e := w.notice(0, monday, "3")
			e.IssuedAt, e.OccurredAt = at(tuesday, 0, w.zone).Add(-time.Minute), at(tuesday, 0, w.zone).Add(time.Minute)
			f := w.notice(0, tuesday, "1")
			w.book(e, f)
			reports := [2]string{"date,line_item_id,amount\n2026-03-09,$0,3", "date,line_item_id,amount\n2026-03-10,$0,1"}
			if level == PerBid {
				reports = [2]string{bidReport("2026-03-09,0,3", []event.Event{e, f}), bidReport("2026-03-10,1,1", []event.Event{e, f})}
			}
			for _, i := range order {
				w.correct(w.compare(w.config(), reports[i]))
			}
			for i := range reports {
				w.correct(w.compare(w.config(), reports[i]))
			}
			for i := range reports {
				if r := w.compare(w.config(), reports[i]); r.Differs() {
					t.Errorf("%s, order %v: report %d differs: %s", level, order, i, w.found(r))
				}
			}
			if got := w.booked(0); got != 4*money.Unit {
				t.Errorf("%s, order %v: booked %v, want 4", level, order, got)
			}
		}
	}
}

func TestDaysWithoutLines(t *testing.T) {
	w := newWorld(t)
	w.book(w.notice(0, monday, "1"), w.notice(0, tuesday, "2"))
	report := "date,line_item_id,amount\n2026-03-09,$0,1"
	if r := w.compare(w.config(), report); r.Differs() || r.Days != 1 {
		t.Errorf("a day without lines was compared: %s", w.found(r))
	}
	c := w.config()
	c.From, c.To = monday, tuesday
	if got, want := w.found(w.compare(c, report)), "2026-03-10 0 unbilled -2"; got != want {
		t.Errorf("found %s, want %s", got, want)
	}
	if got, want := w.found(w.compare(c, "date,line_item_id,amount\n")), "2026-03-09 0 unbilled -1; 2026-03-10 0 unbilled -2"; got != want {
		t.Errorf("nothing billed: found %s, want %s", got, want)
	}
}

// Two people book what they found in the same report.
func TestOneOfTwoBooks(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	report := "date,line_item_id,amount\n2026-03-09,$0,3"
	one, two := w.compare(w.config(), report), w.compare(w.config(), report+"\n2026-03-09,$1,1")
	w.correct(one)
	if done, err := Book(ctx, w.Ledger, one, "another"); err != nil || done.Booked != 0 || done.Known != 1 {
		t.Errorf("the same once more: %+v, %v", done, err)
	}
	if _, err := Book(ctx, w.Ledger, two, "another"); !errors.Is(err, ledger.ErrCorrected) {
		t.Errorf("compared before: %v", err)
	}
	if got := w.booked(0); got != 3*money.Unit {
		t.Errorf("booked %v, want 3", got)
	}
}

func TestSomeReasonsCanBeBooked(t *testing.T) {
	w := newWorld(t)
	w.book(w.notice(0, monday, "12"))
	report := "date,line_item_id,amount\n2026-03-09,$0,12\n2026-03-09,$1,1"
	w.correct(w.compare(w.config(), report), Unnotified)
	if got, want := w.found(w.compare(w.config(), report)), "2026-03-09 0 disputed 2"; got != want {
		t.Errorf("left is %s, want %s", got, want)
	}
}

func TestCreditsDoNotExplainABill(t *testing.T) {
	w := newWorld(t)
	w.book(w.notice(0, monday, "3"))
	_, err := w.Correct(context.Background(), ledger.Correction{Kind: ledger.Credit, Reason: "make-good", Reference: "note 1", Exchange: w.exchange.ID,
		Account: ledger.Account{LineItem: w.items[0].ID}, Day: monday, Currency: "EUR", Amount: -money.Unit, By: "auditor"})
	if err != nil {
		t.Fatal(err)
	}
	if r := w.compare(w.config(), "date,line_item_id,amount\n2026-03-09,$0,3"); r.Differs() || r.Credits != -money.Unit || w.booked(0) != 2*money.Unit {
		t.Errorf("got %+v", r)
	}
}

func TestResultAsJSONAndTable(t *testing.T) {
	w := newWorld(t)
	e := w.notice(0, monday, "3")
	e.IssuedAt = at(monday, 0, w.zone).Add(-time.Minute)
	w.book(e)
	r := w.compare(w.config(), "date,line_item_id,amount\n2026-03-09,$1,3.5\n2026-03-09,$0,0\n2026-03-09,5555,1")
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"difference":"0.5"`, `"reason":"unnotified","amount":"3.5"`, `"unnotified":{"count":1,"amount":"3.5"}`, `"other_day":"2026-03-08"`,
		`"unknown":{"count":1,"amount":"1","lines":[{"line":4,"day":"2026-03-09","id":"line item 5555"`, `"duplicates":{"count":0,"amount":"0","lines":[]}`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("the JSON has no %s:\n%s", want, b)
		}
	}
	var table strings.Builder
	if err := r.Print(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"unnotified", "+3.5", "late: billed on 2026-03-08", "late: booked on 2026-03-09", "line item 5555"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("the table has no %q:\n%s", want, table.String())
		}
	}
}
