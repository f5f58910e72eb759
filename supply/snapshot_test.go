package supply

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var made = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sampleSnapshot is a file of two sites, an app, and an exchange.
func sampleSnapshot(t testing.TB, only ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, made, only)
	site := ParseAdsTxt([]byte(sampleAdsTxt))
	w.Site("example.com", &site)
	news := ParseAdsTxt([]byte("exchange.example, news, DIRECT\nexchange.example, news, RESELLER\n"))
	w.Site("news.example.com", &news)
	partner := ParseAdsTxt([]byte("exchange.example, partner, RESELLER\n"))
	w.Site("partner.example", &partner)
	w.Site("silent.example", &AdsTxt{})
	app := ParseAdsTxt([]byte("exchange.example, app-1, DIRECT\n"))
	w.App("developer.example", &app)
	w.Bundle("com.example.game", "developer.example")
	w.Bundle("123456789", "elsewhere.example")
	w.Sellers("exchange.example")
	w.Seller("pub-1")
	w.Seller("app-1")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func readSnapshot(t testing.TB, file []byte) *Snapshot {
	t.Helper()
	s, err := ReadSnapshot(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSnapshotAuthorises(t *testing.T) {
	s := readSnapshot(t, sampleSnapshot(t))
	for _, c := range []struct {
		name, domain, partner, exchange, seller string
		want                                    Authorisation
	}{
		{"a direct account", "example.com", "", "exchange.example", "pub-1", Direct},
		{"a reseller", "example.com", "", "exchange.example", "pub-2", Reseller},
		{"ids keep their case", "example.com", "", "exchange.example", "PUB-1", Unauthorised},
		{"another's account", "example.com", "", "exchange.example", "1234", Unauthorised},
		{"an exchange that is not named", "example.com", "", "unnamed.example", "pub-1", Unauthorised},
		{"a subdomain is its root's", "www.sport.example.com", "", "exchange.example", "pub-1", Direct},
		{"a subdomain with a file of its own", "news.example.com", "", "exchange.example", "pub-1", Unauthorised},
		{"both direct and reseller is direct", "news.example.com", "", "exchange.example", "news", Direct},
		{"a partner's file", "example.com", "partner.example", "exchange.example", "partner", Reseller},
		{"a partner's file that nobody asks for", "example.com", "", "exchange.example", "partner", Unauthorised},
		{"a partner that is not named", "news.example.com", "partner.example", "exchange.example", "partner", Unauthorised},
		{"no file", "nobody.example", "", "exchange.example", "pub-1", NotKnown},
		{"a file without records", "silent.example", "", "exchange.example", "pub-1", NotKnown},
		{"no domain", "", "", "exchange.example", "pub-1", NotKnown},
		{"an app's file is no site's", "developer.example", "", "exchange.example", "app-1", NotKnown},
	} {
		if got := s.Site([]byte(c.domain), []byte(c.partner), []byte(c.exchange), []byte(c.seller)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		name, bundle, domain, seller string
		want                         Authorisation
	}{
		{"a known bundle", "com.example.game", "", "app-1", Direct},
		{"a known bundle that claims another developer", "com.example.game", "example.com", "app-1", Direct},
		{"a known bundle, another's account", "com.example.game", "", "pub-1", Unauthorised},
		{"an unknown bundle of a known developer", "com.example.new", "developer.example", "app-1", Direct},
		{"a known bundle of a developer without a file", "123456789", "developer.example", "app-1", NotKnown},
		{"an unknown bundle", "com.example.new", "", "app-1", NotKnown},
	} {
		if got := s.App([]byte(c.bundle), []byte(c.domain), nil, []byte("exchange.example"), []byte(c.seller)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		exchange, seller string
		listed, known    bool
	}{{"exchange.example", "pub-1", true, true}, {"exchange.example", "pub-9", false, true}, {"other.example", "pub-1", false, false}} {
		if listed, known := s.Listed([]byte(c.exchange), []byte(c.seller)); listed != c.listed || known != c.known {
			t.Errorf("%s at %s: listed %v, known %v", c.seller, c.exchange, listed, known)
		}
	}
	if got, want := s.Count(), (Counts{Sites: 3, Apps: 1, Bundles: 2, Exchanges: 1, Lines: 10}); got != want || !s.Made.Equal(made) {
		t.Errorf("%+v, made %v", got, s.Made)
	}
}

func TestSnapshotOfSomeExchanges(t *testing.T) {
	s := readSnapshot(t, sampleSnapshot(t, "exchange.example"))
	if got := s.Site([]byte("example.com"), nil, []byte("exchange.example"), []byte("pub-1")); got != Direct {
		t.Errorf("a kept exchange: %v", got)
	}
	// Not Unauthorised: the line may have been left out.
	if got := s.Site([]byte("example.com"), nil, []byte("other.example"), []byte("1234")); got != NotKnown {
		t.Errorf("another exchange: %v", got)
	}
}

// What is compiled must answer as the files do.
func TestSnapshotSaysWhatTheFilesSay(t *testing.T) {
	domain := rapid.SampledFrom([]string{"a.example", "b.example", "c.example"})
	seller := rapid.SampledFrom([]string{"1", "2", "3"})
	rapid.Check(t, func(t *rapid.T) {
		files := rapid.MapOf(domain, rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Record {
			return Record{Exchange: domain.Draw(t, "exchange"), Seller: seller.Draw(t, "seller"), Direct: rapid.Bool().Draw(t, "direct")}
		}), 1, 8)).Draw(t, "files")
		var out bytes.Buffer
		w := NewWriter(&out, made, nil)
		for d, records := range files {
			w.Site(d, &AdsTxt{Records: records})
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		s, err := ReadSnapshot(&out)
		if err != nil {
			t.Fatal(err)
		}
		d, x, id := domain.Draw(t, "site"), domain.Draw(t, "asks"), rapid.SampledFrom([]string{"1", "2", "4"}).Draw(t, "sells")
		want := NotKnown
		if records, ok := files[d]; ok {
			want = Unauthorised
			for _, r := range records {
				if r.Exchange == x && r.Seller == id {
					if want = max(want, Reseller); r.Direct {
						want = Direct
					}
				}
			}
		}
		if got := s.Site([]byte(d), nil, []byte(x), []byte(id)); got != want {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestDamagedSnapshots(t *testing.T) {
	whole := sampleSnapshot(t)
	pack := func(text string) []byte {
		var out bytes.Buffer
		w := NewWriter(&out, made, nil)
		w.out.Reset(w.zip)
		w.out.WriteString(text)
		w.out.Flush()
		w.zip.Close()
		return out.Bytes()
	}
	const head = "tangent-supply\t1\t2026-03-01T12:00:00Z\n"
	for name, file := range map[string][]byte{
		"empty":                     nil,
		"cut":                       whole[:len(whole)-12],
		"no end":                    pack(head + "site\ta.example\n"),
		"lines missing":             pack(head + "end\t2\n"),
		"behind the end":            pack(head + "end\t1\nsite\ta.example\n"),
		"another version":           pack("tangent-supply\t2\t2026-03-01T12:00:00Z\nend\t1\n"),
		"a line before any file":    pack(head + "s\t1\nend\t2\n"),
		"a site's in an exchange's": pack(head + "sellers\ta.example\nd\ta.example\t1\nend\t3\n"),
		"a field missing":           pack(head + "site\ta.example\nd\ta.example\nend\t3\n"),
		"not understood":            pack(head + "what\ta\nend\t2\n"),
	} {
		if _, err := ReadSnapshot(bytes.NewReader(file)); err == nil || !strings.HasPrefix(err.Error(), "cannot read the supply snapshot") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s := readSnapshot(t, pack(head+"end\t1\n")); s.Count() != (Counts{}) {
		t.Error("nothing is something")
	}
}

func FuzzSnapshot(f *testing.F) {
	f.Add([]byte("site\ta.example\npartner\tp.example\nd\tx.example\t1\nsellers\tx.example\ns\t1\nbundle\tb\ta.example\nonly\tx.example"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := &Snapshot{seed: maphash.MakeSeed(), only: map[string]struct{}{}}
		l := loader{s: s}
		for n, line := range bytes.Split(body, []byte("\n")) {
			if l.line(n+1, line) != nil {
				return
			}
		}
	})
}

// manySites writes a file of so many publishers with so many lines each.
func manySites(t testing.TB, sites, lines int) []byte {
	var out bytes.Buffer
	w := NewWriter(&out, made, nil)
	a := AdsTxt{Records: make([]Record, lines)}
	for i := range sites {
		for j := range a.Records {
			a.Records[j] = Record{Exchange: fmt.Sprintf("exchange%d.example", j%40), Seller: fmt.Sprint(i*lines + j), Direct: j == 0}
		}
		w.Site(fmt.Sprintf("site%d.example", i), &a)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What the comment of Snapshot states of memory, on a small scale.
func TestSnapshotIsSmall(t *testing.T) {
	const sites, lines = 1000, 100
	file := manySites(t, sites, lines)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := readSnapshot(t, file)
	runtime.GC()
	runtime.ReadMemStats(&after)
	per := float64(after.HeapAlloc-before.HeapAlloc) / (sites*lines*4 + sites*16)
	if per > 1.3 { // what append leaves unused is a quarter at most
		t.Errorf("%.2f times of what is stated", per)
	}
	runtime.KeepAlive(s)
}

func TestSnapshotAllocatesNothing(t *testing.T) {
	s := readSnapshot(t, sampleSnapshot(t))
	domain, exchange, seller := []byte("www.example.com"), []byte("exchange.example"), []byte("pub-1")
	if n := testing.AllocsPerRun(100, func() { s.Site(domain, nil, exchange, seller); s.Listed(exchange, seller) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
