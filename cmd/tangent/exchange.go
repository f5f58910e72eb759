package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/loadtest"
)

type exchangeCmd struct {
	Target   string        `default:"http://127.0.0.1:8080" help:"Base URL of the bidder, on this machine: loopback only."`
	Duration time.Duration `default:"60s" help:"How long bid requests are sent (real time)."`
	Rate     float64       `default:"500" help:"Bid requests per second of real time, on average over a market day."`
	Seed     uint64        `default:"1" help:"Every draw follows from it."`
	Users    int           `default:"100000" help:"Size of the made-up population."`
	VendorID int           `name:"vendor-id" default:"${demo_vendor}" help:"The vendor that the made-up consent strings consent to."`
	Grace    time.Duration `default:"30s" help:"How long the last notices are tried once requests are over (real time)."`
	Speed    float64       `default:"1" help:"Market seconds per real second, as the bidder has it."`
	Anchor   time.Time     `hidden:"" help:"Real time at which market time is origin."`
	Origin   time.Time     `hidden:"" help:"Market time at the anchor."`
	JSON     string        `name:"json" env:"TANGENT_JSON_FILE" placeholder:"FILE" help:"Write the books here as JSON."`
	Lines    bool          `help:"Print progress as a line of JSON each half second, the books last."`
}

func (c *exchangeCmd) Run(ctx context.Context, s streams) error {
	if c.Anchor.IsZero() {
		c.Anchor = time.Now()
		c.Origin = c.Anchor
	}
	market, err := clock.NewMarket(c.Anchor, c.Origin, c.Speed)
	if err != nil {
		return err
	}
	// The first signal ends the requests, what is owed is still told; the
	// second ends that too.
	stop := make(chan struct{})
	owed, giveUp := context.WithCancel(context.WithoutCancel(ctx))
	defer giveUp()
	defer context.AfterFunc(ctx, func() { close(stop) })()

	lines := json.NewEncoder(s.out)
	books, err := loadtest.RunExchange(owed, loadtest.ExchangeConfig{
		Target: c.Target, Clock: market, Start: c.Anchor, Rate: c.Rate, Duration: c.Duration, Seed: c.Seed, Users: c.Users,
		VendorID: c.VendorID, Grace: c.Grace, Stop: stop,
		Progress: func(st loadtest.Stats) {
			if c.Lines {
				_ = lines.Encode(st) // nobody reads on: the books are still kept
				return
			}
			fmt.Fprintf(s.err, "%s  %d requests, %d bids, %d wins, billed %s\n", st.MarketTime.Format("Mon 15:04"), st.Requests, st.Bids, st.Wins, nanos(st.BilledNotifiedNanos))
		},
	})
	if books == nil {
		return err
	}
	if c.Lines {
		if e := lines.Encode(books); e != nil {
			return fmt.Errorf("cannot write the books: %w", e)
		}
	} else {
		printBooks(s.out, books)
	}
	if c.JSON != "" {
		if e := writeJSON(c.JSON, books); e != nil {
			return e
		}
	}
	return err
}

func printBooks(w io.Writer, b *loadtest.Books) {
	fmt.Fprintf(w, "requests     %d (%d more were due than could be under way)\n", b.Requests, b.Unsent)
	fmt.Fprintf(w, "bids         %d\nwins         %d\nimpressions  %d\nclicks       %d\n", b.Bids, b.Wins, b.Impressions, b.Clicks)
	fmt.Fprintf(w, "latency      p50 %d us, p99 %d us, p99.9 %d us\n", b.LatencyUS.P50, b.LatencyUS.P99, b.LatencyUS.P999)
	fmt.Fprintf(w, "billed       %s notified, %s never notified\n", nanos(b.BilledNotifiedNanos), nanos(b.BilledUnnotifiedNanos))
	fmt.Fprintf(w, "violations   %v\nHTTP errors  %v\n", b.Violations, b.HTTPErrors)
}

// writable says why a file could not be written, before there is anything to
// write. It leaves what is there; an empty name is fine.
func writable(name string) error {
	if name == "" {
		return nil
	}
	_, err := os.Stat(name)
	made := errors.Is(err, os.ErrNotExist)
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("cannot write: %w", err)
	}
	if err = f.Close(); err == nil && made {
		err = os.Remove(name)
	}
	return err
}

func writeJSON(name string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", name, err)
	}
	if err := os.WriteFile(name, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("cannot write JSON: %w", err)
	}
	return nil
}

// writableDir is writable for a folder. It makes none: of one that is not there
// yet it tries the one in which it would be made.
func writableDir(name string) error {
	if name == "" {
		return nil
	}
	dir := filepath.Clean(name)
	for _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) && dir != filepath.Dir(dir); _, err = os.Stat(dir) {
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return fmt.Errorf("cannot write into %s: %w", name, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
