package app

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/tcf"
	"github.com/tangent-dsp/tangent/audience/usersync"
	"github.com/tangent-dsp/tangent/bidder"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/supply"
)

// Config is everything that an operator can set. The tags are those of the
// command line: every field is a flag, an environment variable TANGENT_NAME,
// and a key of the configuration file. What is set nearer to the hand wins:
// flag, then environment, then file, then default.
type Config struct {
	Name    string `default:"bidder" help:"Name of this bidder. A start under a name fences off the earlier one: two bidders must not share it."`
	DataDir string `default:"data" help:"Folder of the database, the event log and the generated secrets."`

	Role     string `default:"all" help:"What this process does: all, or some of bidder (bids and notices), control (the API), worker (booking, exposures), separated by commas."`
	Database string `help:"Campaigns and money: file:PATH for SQLite, or postgres://USER@HOST/DATABASE (the password from PGPASSWORD). Default: tangent.db in the data folder. Processes of one installation share it."`

	Events            string `help:"NATS servers of the event log, as nats://HOST:4222 or tls://, separated by commas. Default: a log in this process, in the data folder."`
	EventsCredentials string `placeholder:"FILE" help:"NATS credentials (.creds)."`
	EventsCA          string `name:"events-ca" placeholder:"FILE" help:"Certificates that may sign the NATS servers'."`
	EventsCert        string `placeholder:"FILE" help:"Our certificate for NATS, with events-key."`
	EventsKey         string `placeholder:"FILE" help:"The key of events-cert."`
	EventsStream      string `default:"tangent" help:"Name of the log's stream; installations that share NATS servers need one each."`
	EventsReplicas    int    `help:"How many NATS servers keep each event. Default: 3 in a cluster, else 1."`
	MaxSpoolBytes     int64  `default:"1073741824" help:"With NATS: most bytes of notices that a bidder keeps on its own disk while the servers are away."`

	Listen      string `default:"127.0.0.1:8080" help:"Address for exchanges and browsers: bid requests, notices, pixels, clicks."`
	APIListen   string `name:"api-listen" default:"127.0.0.1:8081" help:"Address of the API for advertisers."`
	AdminListen string `default:"127.0.0.1:9090" help:"Address of /metrics, /livez, /readyz and /debug/pprof. Keep it private."`
	PublicURL   string `name:"public-url" help:"Base URL of notices, pixels and clicks as exchanges and browsers reach it. Default: http:// and the listen address."`

	Audience      string `help:"Where users' segments and exposures are: host:port of a Redis, or rediss://host:port for TLS, several (comma-separated) of a Redis Cluster, or 'embedded': in memory, for trying out, gone with the process."`
	RedisUsername string `help:"User name at Redis."`
	RedisPassword string `help:"Password at Redis. Prefer the environment: a flag is seen in the list of processes."`
	RedisTLS      bool   `name:"redis-tls" help:"Speak TLS with Redis, as rediss:// does."`
	RedisCA       string `name:"redis-ca" placeholder:"FILE" help:"Certificates that may sign Redis's; with TLS. Default: the system's."`

	UserCacheBytes int           `default:"0" help:"Memory for what Redis said of users a moment ago, so that it is not asked again: see docs/operating.md#the-near-cache. 0: none is kept."`
	UserCacheAge   time.Duration `default:"5s" help:"How old such an answer may be (real time). What other processes write of a user is seen that much later at most."`

	VendorID int `name:"vendor-id" help:"Our id on the IAB's Global Vendor List. 0: nobody under the GDPR can have consented to us."`

	LegitimateInterest []int `help:"Purposes that our entry on that list declares under legitimate interest: of 2 and 7. Default: consent for all."`
	FlexiblePurposes   []int `help:"Purposes for which that entry lets publishers change the legal basis: of 2 and 7."`
	MSPA               bool  `name:"mspa" help:"We have signed the IAB's Multi-State Privacy Agreement. Then opt-outs in transactions that it covers still let us cap frequency and measure."`

	UserSync          string        `placeholder:"FILE" help:"How users' ids are matched with each exchange's: JSON, see docs/identity.md. Without it nobody is matched, and only opt-outs are taken."`
	IDOrder           string        `name:"id-order" default:"buyeruid,ifa,eids,user" help:"Which ids of a bid request are looked up, best first, three at most: buyeruid, ifa, user, eids, or the source of an extended id, and its agent types after slashes (example.com/1/3)."`
	CookieLife        time.Duration `default:"2160h" help:"How long our cookie and matches of ids live from the last sync (90 days); at most 13 months."`
	CookieDomain      string        `help:"Domain of our cookie. Default: the host of public-url only."`
	CookiePartitioned bool          `help:"Keep one cookie per site that embeds us (CHIPS)."`
	AddressHeader     string        `help:"Header in which the proxy in front of us tells a browser's address, such as X-Forwarded-For; the last entry counts. Default: the connection's."`

	AssumeNoGDPR bool   `name:"assume-no-gdpr" help:"When neither the request nor the country says whether the GDPR applies, take it that it does not."`
	SecretsFile  string `help:"Secrets for notice tokens and user keys. Made on the first start. Default: secrets.json in the data folder. Bidders that share notices or an audience share this file."`

	GeoDatabase    string `placeholder:"FILE" help:"Geo database in MaxMind's format (.mmdb) with the fields of GeoIP2 City: places of addresses, where requests do not say them."`
	SupplySnapshot string `placeholder:"FILE" help:"What 'tangent supply refresh' made of ads.txt, app-ads.txt and sellers.json. Sellers that a publisher does not name are refused."`
	AuthorisedOnly bool   `help:"Refuse sellers of publishers whose ads.txt or app-ads.txt is not known, too."`
	RequireChain   bool   `help:"Refuse requests whose supply chain (schain) is absent or does not begin at the publisher."`
	MaxChainNodes  int    `default:"10" help:"Most sellers in a supply chain; 0: as many as are read (32)."`
	Crawlers       string `placeholder:"FILE" help:"User agents of crawlers: the JSON of crawler-user-agents, the IAB/ABC list of spiders and bots, or a text per line."`
	DataCentres    string `placeholder:"FILE" help:"Address ranges of data centres, one per line."`
	Suspicious     string `default:"screen,hints,device,app_browser,site_bundle" help:"By which contradictions a request is refused: all, none, or some of screen, no_user_agent, hints, device, app_browser, site_bundle, country, separated by commas."`

	Tick            time.Duration `default:"1s" help:"How often a bidder asks the ledger for money and prices are adjusted (real time)."`
	CatalogRefresh  time.Duration `default:"1s" help:"How often the catalog looks for changes (real time)."`
	RateMaxAge      time.Duration `default:"144h" help:"How old exchange rates may be to bid by, in market time; 0 is the default. Line items that need older ones do not bid."`
	MaxInFlight     int           `default:"1024" help:"Bid requests looked at at once; more are answered with a no-bid."`
	MaxConnections  int           `default:"10000" help:"Connections of exchanges and browsers at once; more are answered 503 and closed. Each takes some 30 KB."`
	MaxLogBytes     int64         `default:"8589934592" help:"Most bytes of the event log on disk. When what is not booked yet fills it, notices are answered 503 and bidding stops."`
	MaxBookingStall time.Duration `default:"30s" help:"How long nothing may be booked though events wait in the log, before bidding stops (real time)."`
	DrainTime       time.Duration `default:"5s" help:"On SIGTERM: how long notices are still taken after bidding has stopped."`

	LogLevel  string `default:"info" enum:"debug,info,warn,error" help:"Least level that is logged: ${enum}."`
	LogFormat string `default:"text" enum:"text,json" help:"Format of the log on standard error: ${enum}."`

	MarketSpeed  float64   `default:"1" help:"Market seconds per real second; above 1 only to play with."`
	MarketAnchor time.Time `hidden:"" help:"Real time at which the market clock reads market-origin."`
	MarketOrigin time.Time `hidden:"" help:"Market time at market-anchor."`
}

// Embedded is the Audience that needs no server.
const Embedded = "embedded"

// Check says what is wrong with the configuration, every problem in one error
// that names the setting and what is allowed.
func (c *Config) Check() error {
	var bad []error
	say := func(format string, args ...any) { bad = append(bad, fmt.Errorf(format, args...)) }

	role, err := parseRoles(c.Role)
	if err != nil {
		say("%w", err)
		role = roles{true, true, true}
	}
	if !role.all() && role.bidder != role.worker && c.Events == "" {
		say("role %s: bidders and workers in processes of their own need NATS servers between them: set events", c.Role)
	}
	if d := c.Database; d != "" && !strings.HasPrefix(d, "file:") && !strings.HasPrefix(d, "postgres://") && !strings.HasPrefix(d, "postgresql://") {
		say("database: want file:PATH or postgres://USER@HOST/DATABASE")
	}
	if c.Events == "" && c.EventsCredentials+c.EventsCA+c.EventsCert+c.EventsKey != "" {
		say("events-credentials, events-ca, events-cert and events-key are for NATS servers: set events")
	}
	if c.EventsReplicas < 0 || c.EventsReplicas > 5 {
		say("events-replicas %d: allowed is 0 to 5", c.EventsReplicas)
	}
	if c.Events != "" && c.MaxSpoolBytes < 64<<10 {
		say("max-spool-bytes %d: allowed is 65536 (64 KiB) and above", c.MaxSpoolBytes)
	}
	for _, a := range []struct{ name, addr string }{{"listen", c.Listen}, {"api-listen", c.APIListen}, {"admin-listen", c.AdminListen}} {
		if _, _, err := net.SplitHostPort(a.addr); err != nil {
			say("%s %q: want host:port", a.name, a.addr)
		}
	}
	if c.PublicURL != "" {
		if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
			say("public-url: want http:// or https:// and a host, without user and query")
		}
	}
	switch {
	case c.Audience == "" && (role.bidder || role.worker):
		say("audience is not set: give host:port of a Redis, or 'embedded' to try Tangent out (users are forgotten at every restart)")
	case c.Audience == Embedded && !role.all() && (role.bidder || role.worker):
		say("audience 'embedded' lives in one process: with role %s, name a Redis", c.Role)
	case c.Audience != "" && c.Audience != Embedded:
		if err := c.checkRedis(); err != nil {
			say("%w", err)
		}
	}
	if c.Name == "" || len(c.Name) > 64 {
		say("name: want 1 to 64 characters")
	}
	if c.DataDir == "" {
		say("data-dir: want a folder")
	}
	for _, d := range []struct {
		name     string
		d        time.Duration
		min, max time.Duration
	}{
		{"tick", c.Tick, 10 * time.Millisecond, 10 * time.Second},
		{"catalog-refresh", c.CatalogRefresh, 10 * time.Millisecond, time.Minute},
		{"drain-time", c.DrainTime, 0, 5 * time.Minute},
		{"rate-max-age", c.RateMaxAge, 0, 366 * 24 * time.Hour},
		{"cookie-life", c.CookieLife, 0, usersync.MaxCookieLife},
		{"max-booking-stall", c.MaxBookingStall, time.Second, time.Hour},
	} {
		if d.d < d.min || d.d > d.max {
			say("%s %v: allowed is %v to %v", d.name, d.d, d.min, d.max)
		}
	}
	if n := c.UserCacheBytes; n != 0 {
		if n < audience.MinCacheBytes || n > audience.MaxCacheBytes {
			say("user-cache-bytes %d: allowed is 0 (none), or %d (8 MiB) to %d (64 GiB)", n, audience.MinCacheBytes, audience.MaxCacheBytes)
		}
		if d := c.UserCacheAge; d < 10*time.Millisecond || d > time.Minute {
			say("user-cache-age %v: allowed is 10ms to 1m", d)
		}
	}
	if c.MaxInFlight < 1 {
		say("max-in-flight %d: allowed is 1 and above", c.MaxInFlight)
	}
	if c.MaxConnections < 1 {
		say("max-connections %d: allowed is 1 and above", c.MaxConnections)
	}
	if c.MaxLogBytes < 16<<20 {
		say("max-log-bytes %d: allowed is 16777216 (16 MiB) and above", c.MaxLogBytes)
	}
	if err := audience.CheckIDOrder(c.IDOrder); err != nil {
		say("id-order: %w", err)
	}
	if strings.ContainsAny(c.CookieDomain, "; \r\n\t/") || strings.ContainsAny(c.AddressHeader, ": \r\n\t") {
		say("cookie-domain wants a domain and address-header the name of a header")
	}
	if _, err := supply.ParseChecks(c.Suspicious); err != nil {
		say("suspicious: %w", err)
	}
	if c.MaxChainNodes < 0 || c.MaxChainNodes > openrtb.MaxSupplyNodes {
		say("max-chain-nodes %d: allowed is 0 to %d", c.MaxChainNodes, openrtb.MaxSupplyNodes)
	}
	if c.AuthorisedOnly && c.SupplySnapshot == "" {
		say("authorised-only refuses everything without a supply-snapshot")
	}
	if c.VendorID < 0 || c.VendorID > 65535 {
		say("vendor-id %d: allowed is 0 to 65535", c.VendorID)
	}
	for name, list := range map[string][]int{"legitimate-interest": c.LegitimateInterest, "flexible-purposes": c.FlexiblePurposes} {
		for _, p := range list {
			if p != tcf.BasicAds && p != tcf.MeasureAds {
				say("%s %d: allowed are %d and %d", name, p, tcf.BasicAds, tcf.MeasureAds)
			}
		}
	}
	if !(c.MarketSpeed > 0 && c.MarketSpeed <= 100_000) {
		say("market-speed %v: allowed is above 0, at most 100000", c.MarketSpeed)
	}
	if c.MarketAnchor.IsZero() != c.MarketOrigin.IsZero() {
		say("market-anchor and market-origin go together")
	}
	return errors.Join(bad...)
}

func (c *Config) database() string {
	if c.Database != "" {
		return c.Database
	}
	return "file:" + filepath.Join(c.DataDir, "tangent.db")
}

func (c *Config) secretsFile() string {
	if c.SecretsFile != "" {
		return c.SecretsFile
	}
	return filepath.Join(c.DataDir, "secrets.json")
}

// Warnings says what can be used and is most likely not meant.
func (c *Config) Warnings() (all []string) {
	if c.PublicURL != "" && !bidder.Secure(c.PublicURL) {
		all = append(all, "public-url is http://: imps that want HTTPS (secure), which are nearly all of the web, get no bid")
	}
	return all
}

func (c *Config) publicURL(listen string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	return "http://" + listen
}
