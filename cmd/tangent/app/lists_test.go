package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/geo/geotest"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/supply"
)

func TestListsAreReadAgainWhenTheyChange(t *testing.T) {
	// Given every list.
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	written := time.Now().Add(-time.Hour)
	write := func(name string, content []byte) {
		t.Helper()
		if err := os.WriteFile(at(name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		written = written.Add(time.Second) // files of one size that are written within a tick of the file system's clock
		if err := os.Chtimes(at(name), written, written); err != nil {
			t.Fatal(err)
		}
	}
	database := func(country string) []byte {
		return geotest.Database(map[string]geotest.City{"192.0.2.0/24": {Country: country}})
	}
	var snapshot bytes.Buffer
	w := supply.NewWriter(&snapshot, written, nil)
	w.Site("example.com", &supply.AdsTxt{Records: []supply.Record{{Exchange: "exchange.example", Seller: "1"}}})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	write("geo", database("DE"))
	write("supply", snapshot.Bytes())
	write("crawlers", []byte("examplebot"))
	write("centres", []byte("192.0.2.128/25"))
	cfg := Config{GeoDatabase: at("geo"), SupplySnapshot: at("supply"), Crawlers: at("crawlers"), DataCentres: at("centres"), Suspicious: "all"}
	l, err := openLists(&cfg, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	country := func() string {
		var p geo.Place
		r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(`{"id":"1","imp":[{"id":"1"}],"device":{"ip":"192.0.2.1"}}`))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		l.places.Locate(&p, r)
		return string(p.Country[:])
	}
	check := func(request string) openrtb.Reason {
		r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(`{"id":"1","imp":[{"id":"1"}],` + request + `}`))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Release()
		return l.checker.Check(r, nil, []byte("exchange.example")).Refuse
	}

	// Then each has its say.
	for request, want := range map[string]openrtb.Reason{
		`"device":{"ua":"Mozilla/5.0"}`:                    openrtb.None,
		`"device":{}`:                                      openrtb.Suspicious,
		`"device":{"ua":"ExampleBot"}`:                     openrtb.Crawler,
		`"device":{"ua":"Mozilla/5.0","ip":"192.0.2.200"}`: openrtb.DataCentre,
		`"device":{"ua":"Mozilla/5.0"},"site":{"domain":"example.com","publisher":{"id":"1"}}`:    openrtb.None,
		`"device":{"ua":"Mozilla/5.0"},"site":{"domain":"example.com","publisher":{"id":"2"}}`:    openrtb.SellerUnauthorised,
		`"device":{"ua":"Mozilla/5.0"},"source":{"schain":{"ver":"1.0","complete":1,"nodes":[]}}`: openrtb.ChainIncomplete,
	} {
		if got := check(request); got != want {
			t.Errorf("%s: %v, want %v", request, got, want)
		}
	}
	if got := country(); got != "DEU" {
		t.Errorf("the address is in %q", got)
	}

	// When one changes, it is read again.
	write("geo", database("FR"))
	l.look()
	if got := country(); got != "FRA" {
		t.Errorf("after a change the address is in %q", got)
	}

	// When one cannot be read, the one before stays.
	write("geo", []byte("no database"))
	l.look()
	if got := country(); got != "FRA" {
		t.Errorf("after a bad change the address is in %q", got)
	}
	if err := os.Remove(at("crawlers")); err != nil {
		t.Fatal(err)
	}
	l.look()
	if got := check(`"device":{"ua":"ExampleBot"}`); got != openrtb.Crawler {
		t.Errorf("after the list is gone: %v", got)
	}

	// At the start, that is an error.
	if _, err := openLists(&cfg, prometheus.NewRegistry(), l.log); err == nil || !strings.Contains(err.Error(), "geo-database") {
		t.Errorf("a start with a bad list: %v", err)
	}
}
