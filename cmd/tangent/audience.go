package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/cmd/tangent/app"
)

type audienceCmd struct {
	Import audienceImport `cmd:"" help:"Stream a CSV of user, segment, expiry into the audience."`
	Delete audienceDelete `cmd:"" help:"Erase what is stored of one user."`
}

// audienceAt is where the audience is: the same settings as serve's.
type audienceAt struct {
	Audience      string `required:"" placeholder:"HOST:PORT" help:"The Redis that serve uses; several nodes of a Redis Cluster separated by commas."`
	RedisUsername string `help:"User name at Redis."`
	RedisPassword string `help:"Password at Redis. Prefer the environment."`
	RedisTLS      bool   `name:"redis-tls" help:"Speak TLS with Redis, as rediss:// does."`
	RedisCA       string `name:"redis-ca" placeholder:"FILE" help:"Certificates that may sign Redis's. Default: the system's."`
	DataDir       string `default:"data" help:"Folder of the secrets, if they are not named."`
	SecretsFile   string `help:"Secrets that serve uses: they key the hashes of user ids."`
}

func (a *audienceAt) open() (*audience.Writer, *audience.Keyer, error) {
	if a.Audience == app.Embedded {
		return nil, nil, fmt.Errorf("an embedded audience lives in its own process: name the Redis that serve uses")
	}
	audience.LogRedisTo(slog.New(slog.DiscardHandler)) // errors say what failed
	return app.OpenAudience(app.Config{
		Audience: a.Audience, RedisUsername: a.RedisUsername, RedisPassword: a.RedisPassword, RedisTLS: a.RedisTLS, RedisCA: a.RedisCA,
		DataDir: a.DataDir, SecretsFile: a.SecretsFile,
	})
}

type audienceImport struct {
	File string `arg:"" help:"CSV of user, segment, expiry; '-' is standard input. user is namespace:id (namespaces: buyeruid, ifa, user/EXCHANGE-ID, or an eid source); without one it is a buyeruid. expiry is an RFC 3339 time, Unix seconds, or a span such as 30d."`
	audienceAt
	Consent bool `required:"" env:"-" help:"Confirm that every user in the file consented to being known here. Without it nothing is imported."`
	Bad     int  `default:"20" help:"Bad lines to list one by one."`
}

func (c *audienceImport) Run(ctx context.Context, s streams) error {
	im, err := c.importing(ctx, c.File, s)
	if err != nil {
		return err
	}
	defer im.Close()
	report, err := audience.Import(ctx, im.in, im.writer, audience.ImportOptions{
		Keyer: im.keyer, Permit: audience.AssertConsent(), TotalBytes: im.bytes, MaxBadLines: c.Bad,
		Progress: func(at audience.ImportProgress) {
			im.bar.show(shareOf(at.Bytes, at.TotalBytes), fmt.Sprintf("%d rows, %d bad, %.0f rows/s", at.Rows, at.Bad, at.RowsPerSecond))
		},
	})
	im.end(report.BadLines, report.Bad)
	fmt.Fprintf(s.out, "%d rows for %d users imported in %v, %d bad lines left out\n",
		report.Rows, report.Users, report.Elapsed.Round(time.Millisecond), report.Bad)
	if err == nil && report.TooMany > 0 {
		err = fmt.Errorf("%d users have too many segments and were not changed", report.TooMany)
	}
	return err
}

type audienceDelete struct {
	User string `arg:"" help:"namespace:id as in an import, or '-' to read it from standard input, where no list of processes shows it."`
	audienceAt
	OptOut bool `help:"Keep anything from being stored of the user again, too."`
}

func (c *audienceDelete) Run(ctx context.Context, s streams) error {
	user := c.User
	if user == "-" {
		b, err := io.ReadAll(io.LimitReader(s.in, 4096))
		if err != nil {
			return fmt.Errorf("cannot read the user: %w", err)
		}
		user = strings.TrimSpace(string(b))
	}
	writer, keyer, err := c.open()
	if err != nil {
		return err
	}
	defer writer.Close()
	key, ok := keyer.KeyOfText(audience.AssertConsent(), user)
	if !ok {
		return fmt.Errorf("cannot read the user: want namespace:id")
	}
	done, err := writer.Erase(ctx, c.OptOut, key)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "erased: %d ids, segments of %d, exposures of %d, matches of %d; %d are opted out\n",
		done.IDs, done.Segments, done.Exposures, done.Matches, done.OptedOut)
	return nil
}
