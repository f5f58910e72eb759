package app_test

import (
	"io"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/loadtest"
	"github.com/tangent-dsp/tangent/loadtest/load"
)

// A load of every format, with deals, packed and over connections that end, is
// answered to the protocol, and what is bought is told and taken. A busy machine
// is not what this tests: what came too late is left out.
func TestLoadIsAnsweredToTheProtocol(t *testing.T) {
	w := newWorld(t, nil)
	if err := load.Populate(t.Context(), w.app.Keys(), load.Population{LineItems: 400, Seed: 1, Exchanges: []string{"alpha", "beta"}}); err != nil {
		t.Fatal(err)
	}
	in, out := io.Pipe()
	go func() { out.CloseWithError(loadtest.WriteAudience(out, 1, 1000, time.Now().AddDate(0, 1, 0))) }()
	if err := w.app.ImportAudience(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	w.await("the catalog", func() bool { return w.metric("tangent_catalog_line_items") >= 400 })

	mix := loadtest.Mix{Banner: 4, Video: 2, Native: 2, Audio: 1, Zipf: .8, Consent: .9, Deals: .3, NoBid: .1}
	behaviour := loadtest.DefaultBehaviour()
	behaviour.Late, behaviour.RenderDelay = 0, 100*time.Millisecond
	r, err := load.Run(t.Context(), load.Config{Traffic: loadtest.ExchangeConfig{
		Target: w.app.URL(), Mix: &mix, Users: 1000, Seed: 1, VendorID: 1111, Behaviour: behaviour,
		Gzip: true, ConnRequests: 20, TMaxLow: 5 * time.Second, Grace: 10 * time.Second,
		Stages: []loadtest.Stage{{From: 100, To: 100, For: 2 * time.Second}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	delete(r.HTTPErrors, "timeout")
	if r.Violations != 0 || len(r.HTTPErrors) != 0 {
		t.Errorf("violations %v, errors %v", r.Kinds, r.HTTPErrors)
	}
	if r.Answers == 0 || r.Bids < r.Answers/10 || r.Wins == 0 || r.Notices.Acknowledged == 0 {
		t.Errorf("%d answers, %d bids, %d wins, no bids %v, notices %+v", r.Answers, r.Bids, r.Wins, r.NoBids, r.Notices)
	}
}
