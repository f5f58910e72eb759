package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

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
	in, total, err := openInput(c.File, s.in)
	if err != nil {
		return fmt.Errorf("cannot import: %w", err)
	}
	defer in.Close()
	writer, keyer, err := c.open()
	if err != nil {
		return err
	}
	defer writer.Close()
	if err := writer.Ping(ctx); err != nil {
		return err
	}
	bar := progressBar{out: s.err, live: isTerminal(s.err)}
	report, err := audience.Import(ctx, in, writer, audience.ImportOptions{
		Keyer: keyer, Permit: audience.AssertConsent(), TotalBytes: total, Progress: bar.show, MaxBadLines: c.Bad,
	})
	for _, b := range report.BadLines {
		fmt.Fprintf(s.err, "line %d: %s\n", b.Line, b.Why)
	}
	if more := report.Bad - int64(len(report.BadLines)); more > 0 {
		fmt.Fprintf(s.err, "and %d more bad lines\n", more)
	}
	fmt.Fprintf(s.out, "%d rows for %d users imported in %v, %d bad lines left out\n",
		report.Rows, report.Users, report.Elapsed.Round(time.Millisecond), report.Bad)
	if err == nil && report.TooMany > 0 {
		err = fmt.Errorf("%d users have too many segments and were not changed", report.TooMany)
	}
	return err
}

func openInput(name string, stdin io.Reader) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(stdin), 0, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, err
	}
	return f, info.Size(), nil
}

// progressBar draws an import's progress on a terminal, one line that is
// written over; elsewhere it writes the last line only.
type progressBar struct {
	out  io.Writer
	live bool
}

func (p *progressBar) show(at audience.ImportProgress) {
	if !p.live && !at.Done {
		return
	}
	const width = 30
	bar, left := strings.Repeat("?", width), ""
	if at.TotalBytes > 0 {
		share := min(float64(at.Bytes)/float64(at.TotalBytes), 1)
		full := int(share * width)
		bar = strings.Repeat("#", full) + strings.Repeat(".", width-full)
		if share > 0 && !at.Done {
			left = fmt.Sprintf(", %v left", time.Duration(float64(at.Elapsed)*(1-share)/share).Round(time.Second))
		}
	}
	line := fmt.Sprintf("[%s] %d rows, %d bad, %.0f rows/s%s", bar, at.Rows, at.Bad, at.RowsPerSecond, left)
	if p.live {
		line = "\r\x1b[K" + line
	}
	if at.Done {
		line += "\n"
	}
	io.WriteString(p.out, line)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
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
