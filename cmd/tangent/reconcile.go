package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
	"github.com/tangent-dsp/tangent/report/reconcile"
)

type reconcileCmd struct {
	File      string            `arg:"" type:"existingfile" help:"The exchange's billing report, CSV with a header."`
	Exchange  string            `required:"" help:"Name of the exchange."`
	Currency  string            `help:"What the report is in, where the exchange bills in several currencies. Default: its first one."`
	Zone      string            `default:"UTC" help:"Time zone of the exchange's billing days."`
	From      time.Time         `format:"2006-01-02" help:"First day that the report covers. Default: only days that it has lines of are compared."`
	To        time.Time         `format:"2006-01-02" help:"Last day that the report covers."`
	Tolerance money.Nanos       `default:"0" help:"How far a day of a line item may be off without being a difference, in currency units."`
	Repeats   bool              `help:"Lines may be there twice by right. Otherwise the second is a duplicate."`
	Column    map[string]string `placeholder:"COLUMN=HEADER" help:"Where a column is, if its header does not say: date, bid_id, line_item_id, creative_id, campaign_id, impressions, amount or currency."`
	JSON      string            `name:"json" env:"TANGENT_JSON_FILE" placeholder:"FILE" help:"Write everything that was found here as JSON."`
	Book      bool              `env:"-" help:"Book corrections, so that the ledger agrees with the report. Asks first."`
	Confirm   bool              `env:"-" help:"With --book: do not ask."`
	Only      []string          `placeholder:"REASON" help:"With --book: only for these reasons."`
	By        string            `help:"With --book: who decides it. Default: the name of the user."`
	databaseAt
}

// errDiffers makes the exit status 1.
var errDiffers = errors.New("the report and the ledger differ")

func (c *reconcileCmd) Run(ctx context.Context, s streams) error {
	only, err := c.reasons()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("cannot use the time zone: %w", err)
	}
	st, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	l, err := openLedger(ctx, st)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("cannot read the report: %w", err)
	}
	defer file.Close()
	found, err := reconcile.Compare(ctx, reconcile.Config{
		Store: st, Ledger: l, Exchange: c.Exchange, Currency: c.Currency, Zone: zone, From: period(c.From), To: period(c.To),
		Tolerance: c.Tolerance, Repeats: c.Repeats, Columns: c.Column,
	}, file)
	if err != nil {
		return err
	}
	if err := found.Print(s.out); err != nil {
		return fmt.Errorf("cannot print: %w", err)
	}
	booked, err := c.book(ctx, s, l, found, only)
	if c.JSON != "" {
		// What was booked is told even when it could not all be.
		err = errors.Join(err, writeJSON(c.JSON, struct {
			*reconcile.Result
			Booked int `json:"corrections_booked"`
		}{found, booked}))
	}
	if err == nil && (booked < len(found.Differences) || found.Duplicates.Count+found.Unknown.Count > 0) {
		err = errDiffers
	}
	return err
}

// book books corrections if it is told to, and returns how many.
func (c *reconcileCmd) book(ctx context.Context, s streams, l *ledger.Ledger, found *reconcile.Result, only []reconcile.Reason) (int, error) {
	entries := found.Corrections("", only...)
	if len(entries) == 0 {
		return 0, nil
	}
	if err := found.Check(only...); err != nil {
		return 0, err
	}
	var sum money.Nanos
	for i := range entries {
		sum += entries[i].Amount
	}
	what := fmt.Sprintf("%s, %v %s in all", reconcile.Count(len(entries), "correction"), sum, found.Currency)
	if !c.Book {
		fmt.Fprintf(s.out, "\n--book would book %s\n", what)
		return 0, nil
	}
	if !c.Confirm {
		fmt.Fprintf(s.out, "\nBook %s? Type yes: ", what)
		answer, _ := bufio.NewReader(s.in).ReadString('\n')
		if strings.TrimSpace(answer) != "yes" {
			fmt.Fprintln(s.out, "nothing was booked")
			return 0, nil
		}
	}
	by := c.By
	if by == "" {
		by = "unknown"
		if u, err := user.Current(); err == nil && u.Username != "" {
			by = u.Username
		}
	}
	done, err := reconcile.Book(ctx, l, found, by, only...)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(s.out, "booked %s, %v %s in all; %v of it beyond budgets\n", reconcile.Count(done.Booked, "correction"), done.Amount, found.Currency, done.Overrun)
	return done.Booked, nil
}

// reasons reads what is only to be booked.
func (c *reconcileCmd) reasons() (only []reconcile.Reason, err error) {
	if !c.Book && (c.Confirm || len(c.Only) > 0 || c.By != "") {
		return nil, errors.New("--confirm, --only and --by go with --book")
	}
	for _, name := range c.Only {
		r, err := reconcile.ParseReason(name)
		if err != nil {
			return nil, err
		}
		only = append(only, r)
	}
	return only, nil
}

func period(t time.Time) event.Period {
	if t.IsZero() {
		return 0
	}
	y, m, d := t.Date()
	return event.Period(y*10000 + int(m)*100 + d)
}
