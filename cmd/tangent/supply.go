package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/supply"
	"github.com/tangent-dsp/tangent/supply/crawl"
)

type supplyCmd struct {
	Refresh supplyRefresh `cmd:"" help:"Fetch ads.txt, app-ads.txt and sellers.json, and make the snapshot that bidders read."`
}

type supplyRefresh struct {
	Domains   string        `placeholder:"FILE" help:"Domains of sites, one per line; each is asked for the ads.txt of its root domain."`
	Apps      string        `placeholder:"FILE" help:"Apps, as CSV of bundle and the developer's domain."`
	Exchanges []string      `env:"TANGENT_SUPPLY_EXCHANGES" placeholder:"DOMAIN,..." help:"Domains of exchanges whose sellers.json is fetched. Only their lines of ads.txt are kept; none: all are."`
	Cache     string        `default:"data/supply" help:"Folder of what was fetched."`
	Out       string        `env:"TANGENT_SUPPLY_OUT" default:"data/supply.gz" help:"The snapshot: bidders' supply-snapshot."`
	Contact   string        `required:"" placeholder:"ADDRESS" help:"Where publishers may complain: a URL or an e-mail address, in the user agent."`
	Workers   int           `env:"TANGENT_SUPPLY_WORKERS" default:"64" help:"Documents fetched at once."`
	Timeout   time.Duration `env:"TANGENT_SUPPLY_TIMEOUT" default:"15s" help:"Most time per document."`
	Every     time.Duration `help:"Go on for ever, and begin again after so long; documents are asked for once a day all the same. Default: once."`
	JSON      bool          `name:"json" help:"Print a JSON object per refresh."`
}

func (c *supplyRefresh) Run(ctx context.Context, s streams) error {
	if c.Contact == "" || strings.ContainsAny(c.Contact, "\r\n()") {
		return errors.New("contact: want a URL or an e-mail address")
	}
	if c.Every < 0 {
		return errors.New("every: want a span of time above 0")
	}
	wants, apps, err := c.wants()
	if err != nil {
		return err
	}
	var bar *progress
	f, err := crawl.New(crawl.Config{
		Dir: c.Cache, Workers: c.Workers, Timeout: c.Timeout,
		Progress: func(p crawl.Progress) {
			bar.show(shareOf(int64(p.Done), int64(p.Total)), fmt.Sprintf("%d of %d documents, %d failed", p.Done, p.Total, p.Failed))
		},
		UserAgent: "tangent/" + version + " (ads.txt crawler; " + c.Contact + ")",
	})
	if err != nil {
		return err
	}
	for {
		bar = newProgress(s.err)
		done, err := f.Refresh(ctx, wants)
		bar.end()
		if err != nil {
			return err
		}
		if err := f.Snapshot(c.Out, wants, apps, c.Exchanges); err != nil {
			return err
		}
		if err := c.say(s.out, done, time.Since(bar.start)); err != nil || c.Every == 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(c.Every):
		}
	}
}

func (c *supplyRefresh) say(out io.Writer, p crawl.Progress, took time.Duration) error {
	if c.JSON {
		return json.NewEncoder(out).Encode(struct {
			crawl.Progress
			Seconds  float64 `json:"seconds"`
			Snapshot string  `json:"snapshot"`
		}{p, took.Seconds(), c.Out})
	}
	_, err := fmt.Fprintf(out, "%d documents in %v: %d fetched, %d unchanged, %d not there, %d failed, %d not due; snapshot in %s\n",
		p.Done, took.Round(time.Millisecond), p.Fetched, p.Unchanged, p.None, p.Failed, p.Waiting, c.Out)
	return err
}

// wants reads what is to be fetched.
func (c *supplyRefresh) wants() (wants []crawl.Want, apps []crawl.AppOf, err error) {
	seen := map[crawl.Want]bool{}
	want := func(k crawl.Kind, domain string) {
		if w := (crawl.Want{Kind: k, Domain: domain}); !seen[w] {
			seen[w] = true
			wants = append(wants, w)
		}
	}
	for i, x := range c.Exchanges {
		domain, ok := supply.Domain(x)
		if !ok {
			return nil, nil, fmt.Errorf("exchanges: %q is no domain", x)
		}
		c.Exchanges[i] = domain
		want(crawl.Sellers, domain)
	}
	err = eachLine(c.Domains, func(line string) error {
		root, err := supply.RootDomain(line)
		if err == nil {
			want(crawl.Site, root)
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("domains: %w", err)
	}
	err = eachLine(c.Apps, func(line string) error {
		row, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil {
			return err
		}
		if len(row) != 2 || row[0] == "" || strings.ContainsAny(row[0], "\t\r\n") {
			return errors.New("want a bundle and a domain")
		}
		root, err := supply.RootDomain(strings.TrimSpace(row[1]))
		if err == nil {
			want(crawl.App, root)
			apps = append(apps, crawl.AppOf{Bundle: row[0], Developer: root})
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("apps: %w", err)
	}
	if len(wants) == 0 {
		return nil, nil, errors.New("nothing is to be fetched: give domains, apps or exchanges")
	}
	return wants, apps, nil
}

// eachLine calls visit with every line of a file that is neither empty nor a
// comment. No file has none.
func eachLine(path string, visit func(string) error) error {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	scan := bufio.NewScanner(f)
	for n := 1; scan.Scan(); n++ {
		if line := strings.TrimSpace(scan.Text()); line != "" && line[0] != '#' {
			if err := visit(line); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
	}
	return scan.Err()
}
