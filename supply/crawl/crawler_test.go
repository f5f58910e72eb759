package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tangent-dsp/tangent/supply"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// web is the public web, played by one server.
type web struct {
	mu    sync.Mutex
	pages map[string]http.HandlerFunc // by host and path
	asked map[string]int
}

func (w *web) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	at := r.Host + r.URL.Path
	w.mu.Lock()
	w.asked[at]++
	page := w.pages[at]
	w.mu.Unlock()
	if page == nil {
		http.NotFound(out, r)
		return
	}
	page(out, r)
}

func (w *web) set(at string, page http.HandlerFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pages[at] = page
}

func (w *web) count(at string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked[at]
}

func says(kind, body string) http.HandlerFunc {
	return func(out http.ResponseWriter, _ *http.Request) {
		out.Header().Set("Content-Type", kind)
		fmt.Fprint(out, body)
	}
}

func text(body string) http.HandlerFunc { return says("text/plain; charset=utf-8", body) }

func to(url string) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) { http.Redirect(out, r, url, http.StatusFound) }
}

// hand is a clock that is set by hand.
type hand struct{ now time.Time }

func (h *hand) Now() time.Time { return h.now }

// newCrawler returns a crawler whose every connection to port 80 leads to the
// web; nothing answers at port 443.
func newCrawler(t *testing.T) (*Crawler, *web, *hand) {
	t.Helper()
	w := &web{pages: map[string]http.HandlerFunc{}, asked: map[string]int{}}
	server := httptest.NewServer(w)
	t.Cleanup(server.Close)
	now := &hand{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	f, err := New(Config{Dir: t.TempDir(), Timeout: 5 * time.Second, UserAgent: "tests (admin@example.com)", Clock: now})
	if err != nil {
		t.Fatal(err)
	}
	f.client = newClient(5*time.Second, func(ctx context.Context, network, address string) (net.Conn, error) {
		if !strings.HasSuffix(address, ":80") {
			return nil, errors.New("nothing answers")
		}
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	})
	return f, w, now
}

func (f *Crawler) refresh(t *testing.T, wants ...Want) Progress {
	t.Helper()
	p, err := f.Refresh(t.Context(), wants)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatIsFetchedBecomesASnapshot(t *testing.T) {
	// Given a publisher with a subdomain and a partner, a developer, and an exchange.
	f, w, _ := newCrawler(t)
	w.set("example.com/ads.txt", text("exchange.example, 1, DIRECT\nother.example, 9, DIRECT\nSUBDOMAIN=news.example.com\nSUBDOMAIN=stranger.example\nINVENTORYPARTNERDOMAIN=partner.example\n"))
	w.set("news.example.com/ads.txt", text("exchange.example, 2, RESELLER\n"))
	w.set("partner.example/ads.txt", text("exchange.example, 3, RESELLER\nSUBDOMAIN=deep.partner.example\n"))
	w.set("stranger.example/ads.txt", text("exchange.example, 4, RESELLER\n"))
	w.set("developer.example/app-ads.txt", text("exchange.example, 5, DIRECT\n"))
	w.set("exchange.example/sellers.json", says("application/json", `{"sellers":[{"seller_id":"1","seller_type":"PUBLISHER"}]}`))
	w.set("page.example/ads.txt", says("text/html", "exchange.example, 6, DIRECT"))
	wants := []Want{{Site, "example.com"}, {Site, "nothing.example"}, {Site, "page.example"}, {App, "developer.example"}, {Sellers, "exchange.example"}}

	// When they are fetched and put together.
	if p, want := f.refresh(t, wants...), (Progress{Done: 7, Total: 7, Fetched: 5, None: 1, Failed: 1}); p != want {
		t.Errorf("%+v, want %+v", p, want)
	}
	path := filepath.Join(t.TempDir(), "snapshot")
	if err := f.Snapshot(path, wants, []AppOf{{"com.example.game", "developer.example"}}, []string{"exchange.example"}); err != nil {
		t.Fatal(err)
	}

	// Then bidders read what the files say.
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := supply.ReadSnapshot(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	x := []byte("exchange.example")
	for _, c := range []struct {
		site, partner, seller string
		want                  supply.Authorisation
	}{
		{"example.com", "", "1", supply.Direct}, {"news.example.com", "", "2", supply.Reseller}, {"news.example.com", "", "1", supply.Unauthorised},
		{"example.com", "partner.example", "3", supply.Reseller}, {"stranger.example", "", "4", supply.NotKnown}, {"page.example", "", "6", supply.NotKnown},
	} {
		if got := s.Site([]byte(c.site), []byte(c.partner), x, []byte(c.seller)); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if got := s.App([]byte("com.example.game"), nil, nil, x, []byte("5")); got != supply.Direct {
		t.Errorf("the app: %v", got)
	}
	if listed, known := s.Listed(x, []byte("2")); listed || !known {
		t.Errorf("the exchange: %v, %v", listed, known)
	}
	if n := w.count("deep.partner.example/ads.txt"); n != 0 {
		t.Error("what a named file names was fetched, too")
	}
}

func TestDocumentsAreAskedForOnceADay(t *testing.T) {
	f, w, now := newCrawler(t)
	w.set("example.com/ads.txt", func(out http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"v1"` && r.Header.Get("If-Modified-Since") != "" {
			out.WriteHeader(http.StatusNotModified)
			return
		}
		out.Header().Set("ETag", `"v1"`)
		out.Header().Set("Last-Modified", "Sun, 01 Mar 2026 00:00:00 GMT")
		text("exchange.example, 1, DIRECT")(out, r)
	})
	want := Want{Site, "example.com"}
	if p := f.refresh(t, want); p.Fetched != 1 {
		t.Errorf("first: %+v", p)
	}
	now.now = now.now.Add(time.Hour)
	if p := f.refresh(t, want); p.Waiting != 1 {
		t.Errorf("an hour later: %+v", p)
	}
	now.now = now.now.Add(24 * time.Hour)
	if p := f.refresh(t, want); p.Unchanged != 1 {
		t.Errorf("a day later: %+v", p)
	}
	if e, _ := f.cache.read(Site, "example.com"); !bytes.Contains(e.body, []byte("exchange.example")) {
		t.Error("what is unchanged is gone")
	}
}

func TestDocumentsThatFailAreKeptForAWeekAndAskedForLaterAndLater(t *testing.T) {
	f, w, now := newCrawler(t)
	w.set("example.com/ads.txt", text("exchange.example, 1, DIRECT"))
	want := Want{Site, "example.com"}
	f.refresh(t, want)
	w.set("example.com/ads.txt", func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(http.StatusBadGateway) })
	sites := func() int {
		path := filepath.Join(t.TempDir(), "snapshot")
		if err := f.Snapshot(path, []Want{want}, nil, nil); err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s, err := supply.ReadSnapshot(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		return s.Count().Sites
	}
	now.now = now.now.Add(24 * time.Hour)
	for _, wait := range []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour} {
		if p := f.refresh(t, want); p.Failed != 1 {
			t.Fatalf("%+v", p)
		}
		now.now = now.now.Add(wait - time.Second)
		if p := f.refresh(t, want); p.Waiting != 1 {
			t.Errorf("%v after a failure: %+v", wait-time.Second, p)
		}
		now.now = now.now.Add(time.Second)
	}
	if sites() != 1 {
		t.Error("what cannot be fetched for a day is gone")
	}
	now.now = now.now.Add(keep)
	if sites() != 0 {
		t.Error("what could not be fetched for a week still counts")
	}
}

// Only 404 says that there is no file. Who forbids the crawler to read it, or
// answers with a page, leaves the sellers that are known, and no others pass.
func TestOnly404MeansThatThereIsNoFile(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(out http.ResponseWriter, _ *http.Request) { out.WriteHeader(code) }
	}
	for _, c := range []struct {
		name string
		page http.HandlerFunc
		none bool
	}{
		{"404", status(http.StatusNotFound), true},
		{"400", status(http.StatusBadRequest), false}, {"401", status(http.StatusUnauthorized), false}, {"403", status(http.StatusForbidden), false},
		{"410", status(http.StatusGone), false}, {"429", status(http.StatusTooManyRequests), false}, {"451", status(http.StatusUnavailableForLegalReasons), false},
		{"500", status(http.StatusInternalServerError), false}, {"204", status(http.StatusNoContent), false},
		{"a page", says("text/html", "<p>Not found</p>"), false}, {"JSON", says("application/json", "{}"), false},
	} {
		f, w, now := newCrawler(t)
		w.set("example.com/ads.txt", text("exchange.example, 1, DIRECT"))
		f.refresh(t, Want{Site, "example.com"})
		w.set("example.com/ads.txt", c.page)
		now.now = now.now.Add(24 * time.Hour)
		p := f.refresh(t, Want{Site, "example.com"})
		e, err := f.cache.read(Site, "example.com")
		if err != nil {
			t.Fatal(err)
		}
		if c.none != (p.None == 1) || c.none == (p.Failed == 1) || c.none != e.None || c.none == bytes.Contains(e.body, []byte("exchange.example, 1")) {
			t.Errorf("%s: %+v, none %v, kept %q", c.name, p, e.None, e.body)
		}
	}
}

func TestRedirects(t *testing.T) {
	for _, c := range []struct {
		name  string
		pages map[string]http.HandlerFunc
		ok    bool
	}{
		{"within the root domain", map[string]http.HandlerFunc{"example.com/ads.txt": to("http://www.example.com/ads.txt"), "www.example.com/ads.txt": to("http://example.com/files/ads.txt"), "example.com/files/ads.txt": text("a.example, 1, DIRECT")}, true},
		{"once to another domain", map[string]http.HandlerFunc{"example.com/ads.txt": to("http://manager.example/ads.txt"), "manager.example/ads.txt": text("a.example, 1, DIRECT")}, true},
		{"on from another domain", map[string]http.HandlerFunc{"example.com/ads.txt": to("http://manager.example/ads.txt"), "manager.example/ads.txt": to("http://manager.example/b"), "manager.example/b": text("a.example, 1, DIRECT")}, false},
		{"round and round", map[string]http.HandlerFunc{"example.com/ads.txt": to("http://example.com/ads.txt")}, false},
		{"to another port", map[string]http.HandlerFunc{"example.com/ads.txt": to("http://example.com:6379/ads.txt")}, false},
		{"to what is no web page", map[string]http.HandlerFunc{"example.com/ads.txt": to("file:///etc/passwd")}, false},
		{"with a password", map[string]http.HandlerFunc{"example.com/ads.txt": to("http://a:b@example.com/x"), "example.com/x": text("a.example, 1, DIRECT")}, false},
	} {
		f, w, _ := newCrawler(t)
		for at, page := range c.pages {
			w.set(at, page)
		}
		if p := f.refresh(t, Want{Site, "example.com"}); (p.Fetched == 1) != c.ok || (p.Failed == 1) == c.ok {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
}

func TestNoAddressThatIsNotPublic(t *testing.T) {
	for _, address := range []string{"127.0.0.1:80", "10.1.2.3:443", "169.254.169.254:80", "192.168.0.1:80", "100.64.0.1:80", "0.0.0.0:80", "255.255.255.255:80",
		"[::1]:80", "[::ffff:127.0.0.1]:80", "[fd00::1]:80", "[fe80::1]:80", "[64:ff9b::7f00:1]:80", "[2002:7f00:1::]:80", "[fec0::1]:80", "what"} {
		if public(t.Context(), "tcp", address, nil) == nil {
			t.Errorf("%s is public", address)
		}
	}
	for _, address := range []string{"8.8.8.8:443", "[2606:4700::1]:443"} {
		if err := public(t.Context(), "tcp", address, nil); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	server := httptest.NewServer(text("secret"))
	defer server.Close()
	if _, err := newClient(time.Second, dialPublic()).Get(server.URL); !errors.Is(err, errPrivate) {
		t.Errorf("a server on this machine: %v", err)
	}
	f, w, _ := newCrawler(t)
	w.set("127.0.0.1/ads.txt", text("a.example, 1, DIRECT"))
	if p := f.refresh(t, Want{Site, "127.0.0.1"}, Want{Site, "../x.example"}, Want{Site, "Example.com"}); p.Failed != 3 {
		t.Errorf("what is no domain: %+v", p)
	}
}

func TestDocumentsThatAreTooLargeAreNotRead(t *testing.T) {
	f, w, _ := newCrawler(t)
	w.set("example.com/ads.txt", text(strings.Repeat("a.example, 1, DIRECT\n", supply.MaxAdsTxt/20)))
	if p := f.refresh(t, Want{Site, "example.com"}); p.Failed != 1 {
		t.Errorf("%+v", p)
	}
}

func TestARefreshEndsWithItsContext(t *testing.T) {
	f, w, _ := newCrawler(t)
	ctx, stop := context.WithCancel(t.Context())
	w.set("example.com/ads.txt", func(_ http.ResponseWriter, r *http.Request) { stop(); <-r.Context().Done() })
	if _, err := f.Refresh(ctx, []Want{{Site, "example.com"}, {Site, "b.example"}}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if e, err := f.cache.read(Site, "example.com"); err != nil || e.Failures != 0 {
		t.Errorf("being stopped counts as a failure: %+v, %v", e, err)
	}
}
