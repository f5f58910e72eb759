package crawl

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/supply"
)

// Config is what a crawler is made of.
type Config struct {
	Dir       string        // where documents are kept
	Workers   int           // documents at once; default 64
	Timeout   time.Duration // per document; default 15 s
	Every     time.Duration // how old a document may get before it is fetched again; default a day
	UserAgent string        // who we are, with an address for complaints
	Clock     clock.Clock   // default: the real one

	Progress func(Progress) // called after each document, never at the same time; may be nil
}

// keep is how long a document counts that can no longer be fetched.
const keep = 7 * 24 * time.Hour

// Want is a document to have.
type Want struct {
	Kind   Kind
	Domain string
}

// Progress is how far a refresh got.
type Progress struct {
	Done      int `json:"done"`
	Total     int `json:"total"`
	Fetched   int `json:"fetched"`   // read anew
	Unchanged int `json:"unchanged"` // said to be as it was
	None      int `json:"none"`      // the publisher has none
	Failed    int `json:"failed"`    // will be tried again, later and later
	Waiting   int `json:"waiting"`   // not due yet
}

// Crawler fetches documents.
type Crawler struct {
	cfg    Config
	client *http.Client
	cache  cache

	mu sync.Mutex
	at Progress
}

// New returns a crawler, and makes its folder.
func New(cfg Config) (*Crawler, error) {
	if cfg.Dir == "" || cfg.UserAgent == "" || cfg.Workers < 0 || cfg.Timeout < 0 || cfg.Every < 0 {
		return nil, errors.New("cannot fetch: a folder and a user agent are needed, and no number may be negative")
	}
	if cfg.Workers == 0 {
		cfg.Workers = 64
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 15 * time.Second
	}
	if cfg.Every == 0 {
		cfg.Every = 24 * time.Hour
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Real()
	}
	for _, k := range []Kind{Site, App, Sellers} {
		if err := os.MkdirAll(filepath.Join(cfg.Dir, string(k)), 0o750); err != nil {
			return nil, fmt.Errorf("cannot fetch: %w", err)
		}
	}
	return &Crawler{cfg: cfg, client: newClient(cfg.Timeout, dialPublic()), cache: cache{cfg.Dir}}, nil
}

// Refresh fetches the documents that are due, and those that they name:
// subdomains with files of their own, and inventory partners. That one cannot
// be fetched is no error, but counted; an error says that the folder cannot be
// used, or that ctx ended.
func (f *Crawler) Refresh(ctx context.Context, wants []Want) (Progress, error) {
	f.at = Progress{}
	if err := f.round(ctx, wants); err != nil {
		return f.at, err
	}
	var named []Want
	seen := map[Want]bool{}
	for _, w := range wants {
		seen[w] = true
	}
	for _, w := range wants {
		if w.Kind == Sellers {
			continue
		}
		e, err := f.cache.read(w.Kind, w.Domain)
		if err != nil {
			return f.at, err
		}
		a := supply.ParseAdsTxt(e.body)
		for _, d := range append(subdomains(w.Domain, &a), a.Partners...) {
			if next := (Want{w.Kind, d}); !seen[next] {
				seen[next] = true
				named = append(named, next)
			}
		}
	}
	return f.at, f.round(ctx, named)
}

func (f *Crawler) round(ctx context.Context, wants []Want) error {
	f.at.Total += len(wants)
	g, working := errgroup.WithContext(ctx)
	g.SetLimit(f.cfg.Workers)
	for _, w := range wants {
		if working.Err() != nil {
			break
		}
		g.Go(func() error {
			count, err := f.one(working, w)
			if err == nil {
				f.count(count)
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

func (f *Crawler) count(what func(*Progress) *int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	*what(&f.at)++
	f.at.Done++
	if f.cfg.Progress != nil {
		f.cfg.Progress(f.at)
	}
}

// one fetches a document if it is due, and says under what it counts.
func (f *Crawler) one(ctx context.Context, w Want) (func(*Progress) *int, error) {
	if name, ok := supply.Domain(w.Domain); !ok || name != w.Domain { // it becomes the name of a file
		return func(p *Progress) *int { return &p.Failed }, nil
	}
	e, err := f.cache.read(w.Kind, w.Domain)
	if err != nil {
		return nil, err
	}
	now := f.cfg.Clock.Now()
	if now.Before(e.Next) {
		return func(p *Progress) *int { return &p.Waiting }, nil
	}
	count := func(p *Progress) *int { return &p.Fetched }
	switch err := f.fetch(ctx, w, &e); {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil, errors.Is(err, errUnchanged), errors.Is(err, errNone):
		if errors.Is(err, errUnchanged) {
			count = func(p *Progress) *int { return &p.Unchanged }
		}
		if e.None = errors.Is(err, errNone); e.None {
			e.body, e.ETag, e.LastModified = nil, "", ""
			count = func(p *Progress) *int { return &p.None }
		}
		e.Failures, e.Fetched, e.Next = 0, now, now.Add(f.cfg.Every)
	default:
		// An hour, two, four, up to a week: a domain that is gone is not asked
		// every day.
		e.Next = now.Add(min(time.Hour<<min(e.Failures, 10), keep))
		e.Failures++
		count = func(p *Progress) *int { return &p.Failed }
	}
	return count, f.cache.write(w.Kind, w.Domain, &e)
}

var (
	errUnchanged = errors.New("the document is as it was")
	errNone      = errors.New("there is no such document")
)

// fetch asks over HTTPS, and where nothing answers there over HTTP.
func (f *Crawler) fetch(ctx context.Context, w Want, e *entry) error {
	if _, err := netip.ParseAddr(w.Domain); err == nil {
		return errors.New("an address is no domain")
	}
	var err error
	for _, scheme := range []string{"https", "http"} {
		var answered bool
		if answered, err = f.get(ctx, scheme+"://"+w.Domain+"/"+string(w.Kind), w.Kind, e); answered || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (f *Crawler) get(ctx context.Context, url string, k Kind, e *entry) (answered bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return true, err
	}
	r.Header.Set("User-Agent", f.cfg.UserAgent)
	r.Header.Set("Accept", "text/plain, application/json;q=0.9, */*;q=0.1")
	if e.ETag != "" {
		r.Header.Set("If-None-Match", e.ETag)
	}
	if e.LastModified != "" {
		r.Header.Set("If-Modified-Since", e.LastModified)
	}
	answer, err := f.client.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	// What each status means says section 3.1 of ads.txt 1.1: only 404 tells that
	// there is no file. 401, 403 and all else are of no account, and what is known
	// stands: else whoever blocks the crawler would make every seller pass.
	switch s := answer.StatusCode; {
	case s == http.StatusNotModified && !e.Fetched.IsZero():
		return true, errUnchanged
	case s == http.StatusNotFound:
		return true, errNone
	case s != http.StatusOK:
		return true, fmt.Errorf("status %d", s)
	}
	body, err := read(k, answer)
	if err != nil {
		return true, err
	}
	e.body, e.ETag, e.LastModified = body, header(answer, "ETag"), header(answer, "Last-Modified")
	return true, nil
}

// header returns a header that is short enough to be kept.
func header(r *http.Response, name string) string {
	if v := r.Header.Get(name); len(v) <= 256 {
		return v
	}
	return ""
}

// read reads a document as it is kept.
func read(k Kind, r *http.Response) ([]byte, error) {
	if k == Sellers {
		var out bytes.Buffer
		_, err := supply.ReadSellers(bufio.NewReader(r.Body), func(s supply.Seller) {
			out.WriteString(s.ID)
			out.WriteByte('\n')
		})
		return out.Bytes(), err
	}
	// A page, mostly one that says that there is nothing or asks for consent. By
	// ads.txt 1.1 that is an error, and not the answer that there is no file.
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "text/plain" && kind != "" {
		return nil, errors.New("it is not plain text")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, supply.MaxAdsTxt+1))
	if err == nil && len(body) > supply.MaxAdsTxt {
		err = errors.New("it is too large") // its last line could be cut, and mean another seller
	}
	return body, err
}
