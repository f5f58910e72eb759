package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/supply"
)

// lookEvery is how often files are looked at for changes, in real time.
const lookEvery = 5 * time.Second

// lists are the files that a bidder looks things up in. They are read at the
// start, when one that cannot be read is an error, and again when they change,
// when the one before stays in use.
type lists struct {
	places  geo.Locator
	checker *supply.Checker
	files   []*listFile
	log     *slog.Logger
	failed  prometheus.Counter
}

type listFile struct {
	setting, path string
	use           func(io.Reader) error
	seen          fileState
}

// fileState tells one content of a file from the next.
type fileState struct {
	changed time.Time
	size    int64
}

func openLists(cfg *Config, reg prometheus.Registerer, log *slog.Logger) (*lists, error) {
	suspicious, err := supply.ParseChecks(cfg.Suspicious)
	if err != nil {
		return nil, err
	}
	l := &lists{log: log, failed: prometheus.NewCounter(prometheus.CounterOpts{Namespace: "tangent", Subsystem: "lists", Name: "failures_total",
		Help: "Changed lists (geo database, supply snapshot, crawlers, data centres) that could not be read; the ones before stay in use."})}
	if err := reg.Register(l.failed); err != nil {
		return nil, fmt.Errorf("cannot register the lists' metrics: %w", err)
	}
	l.checker, err = supply.New(supply.Config{
		Chain:      supply.ChainRules{Require: cfg.RequireChain, MaxNodes: cfg.MaxChainNodes},
		Authorised: cfg.AuthorisedOnly, Suspicious: suspicious, Registerer: reg,
	})
	if err != nil {
		return nil, err
	}
	l.files = []*listFile{
		{setting: "geo-database", path: cfg.GeoDatabase, use: l.useGeo},
		{setting: "supply-snapshot", path: cfg.SupplySnapshot, use: use(supply.ReadSnapshot, l.checker.UseSnapshot)},
		{setting: "crawlers", path: cfg.Crawlers, use: use(supply.ReadAgents, l.checker.UseCrawlers)},
		{setting: "data-centres", path: cfg.DataCentres, use: use(geo.ReadRanges, l.checker.UseDataCentres)},
	}
	for _, f := range l.files {
		if _, err := f.look(); err != nil {
			return nil, fmt.Errorf("%s: %w", f.setting, err)
		}
	}
	return l, nil
}

// use reads something and puts it to use.
func use[T any](read func(io.Reader) (T, error), use func(T)) func(io.Reader) error {
	return func(in io.Reader) error {
		x, err := read(in)
		if err == nil {
			use(x)
		}
		return err
	}
}

func (l *lists) useGeo(in io.Reader) error {
	var file bytes.Buffer
	if _, err := file.ReadFrom(in); err != nil {
		return err
	}
	d, err := geo.NewDatabase(file.Bytes())
	if err == nil {
		l.places.Use(d)
	}
	return err
}

// look reads a file if it changed since it was looked at last. One that cannot
// be read is not read again before it changes.
func (f *listFile) look() (changed bool, err error) {
	if f.path == "" {
		return false, nil
	}
	in, err := os.Open(f.path)
	if err != nil {
		return false, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return false, err
	}
	now := fileState{info.ModTime(), info.Size()}
	if now == f.seen {
		return false, nil
	}
	f.seen = now
	return true, f.use(in)
}

// watch looks for changes until ctx ends.
func (l *lists) watch(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			l.look()
		}
	}
}

func (l *lists) look() {
	for _, f := range l.files {
		switch changed, err := f.look(); {
		case err != nil:
			l.failed.Inc()
			l.log.Error("a list cannot be read; the one before stays in use", "setting", f.setting, "error", err)
		case changed:
			l.log.Info("list read", "setting", f.setting)
		}
	}
}
