package bench

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

func (b *bench) seed() string      { return strconv.FormatUint(b.cfg.Seed, 10) }
func (b *bench) secrets() string   { return filepath.Join(b.dir, "secrets.json") }
func (b *bench) data(n int) string { return filepath.Join(b.dir, strconv.Itoa(n)) }
func (b *bench) homeData() string  { return b.data(b.cfg.Sizes[b.cfg.home()]) }
func (b *bench) soakData() string  { return filepath.Join(b.dir, "copy-soak") }
func (b *bench) cacheData() string { return filepath.Join(b.dir, "copy-cached") }
func sizeOfDir(dir string) (n int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if i, err := d.Info(); err == nil {
				n += i.Size()
			}
		}
		return nil // what ended meanwhile has no size
	})
	return n
}

// populate fills a database for each size, and Redis with the users.
func (b *bench) populate(ctx context.Context) error {
	for _, n := range b.cfg.Sizes {
		b.say("filling a database with %s line items", thousands(n))
		if err := b.tool(ctx, "loadtest", "populate", "--yes", "--data-dir", b.data(n), "--seed", b.seed(), "--line-items", strconv.Itoa(n)); err != nil {
			return err
		}
		b.did()
	}
	return nil
}

// importUsers fills Redis, once a bidder has made the secrets.
func (b *bench) importUsers(ctx context.Context) error {
	b.say("filling Redis with %s users", thousands(b.cfg.Users))
	empty, err := b.redis.memory()
	if err != nil {
		return err
	}
	if err := b.fillUsers(ctx, b.redis.addr, b.cfg.Users); err != nil {
		return err
	}
	used, err := b.redis.memory()
	if err != nil {
		return err
	}
	b.result.RedisPerUser = float64(used-empty) / float64(b.cfg.Users)
	return nil
}

// fillUsers imports the segments of the population.
func (b *bench) fillUsers(ctx context.Context, redis string, users int) error {
	return b.tool(ctx, "loadtest", "populate", "--yes", "--data-dir", b.homeData(), "--seed", b.seed(), "--line-items", "0",
		"--users", strconv.Itoa(users), "--audience", redis, "--secrets-file", b.secrets())
}

// startAll starts who is measured: side by side, so that each is played to in
// turns. Who is not played to does little.
func (b *bench) startAll(ctx context.Context) error {
	// Databases are copied before anybody writes to them.
	home := b.cfg.Sizes[b.cfg.home()]
	extra := []bidderSpec{
		{kind: ofNotices, load: []string{"--auctions"}, pace: .5},
		{kind: ofCache, flags: nearCache(), load: []string{"--users", strconv.Itoa(min(nearUsers, b.cfg.Users))}},
	}
	tried, err := b.cfg.tried()
	if err != nil {
		return err
	}
	extra = append(extra, tried...)
	for to, from := range b.later() {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			return err
		}
	}
	for i := range extra {
		extra[i].lineItems, extra[i].data = home, filepath.Join(b.dir, "copy-"+strconv.Itoa(i))
		if err := os.CopyFS(extra[i].data, os.DirFS(b.homeData())); err != nil {
			return err
		}
	}
	all := []bidderSpec{{kind: ofBid, lineItems: home, data: b.homeData()}}
	for _, n := range b.cfg.Sizes {
		if n != home {
			all = append(all, bidderSpec{kind: ofBid, lineItems: n, data: b.data(n)})
		}
	}
	for i, spec := range append(all, extra...) {
		if err := b.startBidder(ctx, spec); err != nil {
			return err
		}
		if spec.kind == ofNotices {
			s := *b.result.find(ofNotices, 0)
			s.Kind, s.load = ofUntold, nil
			b.result.Series = append(b.result.Series, &s)
		}
		if i == 0 {
			if err := b.importUsers(ctx); err != nil {
				return err
			}
		}
	}
	if err := b.startNull(ofNull, "--redis", b.redis.addr, "--secrets-file", b.secrets()); err != nil {
		return err
	}
	return b.startNull(ofEcho)
}

// later is the folders of bidders that are started after the rounds, and what
// they are copies of.
func (b *bench) later() map[string]string {
	copies := map[string]string{}
	if b.cfg.Soak > 0 {
		copies[b.soakData()] = b.homeData()
	}
	if b.cfg.Cached > 0 {
		copies[b.cacheData()] = b.data(slices.Max(b.cfg.Sizes))
	}
	return copies
}
