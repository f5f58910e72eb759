package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/usersync"
	"github.com/tangent-dsp/tangent/event"
)

type identityCmd struct {
	Import identityImport `cmd:"" help:"Stream matches of an exchange's user ids with ours into the audience."`
}

type identityImport struct {
	File string `arg:"" help:"A match per line, uid,id or {\"uid\":\"...\",\"id\":\"...\"}: the exchange's id, then ours (the buyeruid); '-' is standard input."`
	audienceAt
	ExchangeID int64         `required:"" help:"Whose ids they are: the exchange's id in the API."`
	Life       time.Duration `default:"2160h" help:"How long the matches are believed (90 days); at most 13 months."`
	Consent    bool          `required:"" env:"-" help:"Confirm that every user in the file consented to being known here. Without it nothing is imported."`
	Bad        int           `default:"20" help:"Bad lines to list one by one."`
	JSON       bool          `name:"json" help:"Print what was done as a JSON object."`
}

func (c *identityImport) Run(ctx context.Context, s streams) error {
	if c.Life < time.Hour || c.Life > usersync.MaxCookieLife || c.ExchangeID < 1 {
		return fmt.Errorf("cannot import: want an exchange-id from 1, and a life from 1h to %v", usersync.MaxCookieLife)
	}
	im, err := c.importing(ctx, c.File, s)
	if err != nil {
		return err
	}
	defer im.Close()
	report, err := usersync.Import(ctx, im.in, usersync.ImportOptions{
		Writer: im.writer, Keyer: im.keyer, Permit: audience.AssertConsent(), Exchange: event.ExchangeID(c.ExchangeID), Life: c.Life,
		TotalBytes: im.bytes, MaxBadLines: c.Bad,
		Progress: func(at usersync.ImportProgress) {
			im.bar.show(shareOf(at.Bytes, at.TotalBytes),
				fmt.Sprintf("%d lines, %d bad, %.0f lines/s", at.Lines, at.Bad, float64(at.Lines)/max(at.Elapsed.Seconds(), 1e-3)))
		},
	})
	im.end(report.BadLines, report.Bad)
	if c.JSON {
		return errors.Join(err, json.NewEncoder(s.out).Encode(report))
	}
	fmt.Fprintf(s.out, "%d matches kept in %v, %d of users who opted out and %d bad lines left out\n",
		report.Matched, report.Elapsed.Round(time.Millisecond), report.OptedOut, report.Bad)
	return err
}
