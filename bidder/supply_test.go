package bidder

import (
	"bytes"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/geo/geotest"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/supply"
)

// look gives the bidder a geo database and supply checks.
func (w *world) look(t *testing.T) *world {
	t.Helper()
	d, err := geo.NewDatabase(geotest.Database(map[string]geotest.City{"192.0.2.0/24": {Country: "DE", City: "Berlin"}}))
	if err != nil {
		t.Fatal(err)
	}
	w.bidder.Places = &geo.Locator{}
	w.bidder.Places.Use(d)
	if w.bidder.Supply, err = supply.New(supply.Config{Suspicious: supply.ImpossibleScreen}); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	out := supply.NewWriter(&file, time.Unix(0, 0), nil)
	out.Site("example.com", &supply.AdsTxt{Records: []supply.Record{{Exchange: "exchange.example", Seller: "1"}}})
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	snapshot, err := supply.ReadSnapshot(&file)
	if err != nil {
		t.Fatal(err)
	}
	w.bidder.Supply.UseSnapshot(snapshot)
	w.changes.Exchanges[0].Domain = "exchange.example"
	return w
}

func lookedAt(rest string) string {
	return `{"id":"r1","tmax":60000,"imp":[{"id":"1","banner":{"w":300,"h":250}}],` + rest + `}`
}

func TestRequestsAreRefusedForTheirSupply(t *testing.T) {
	w := newWorld(t).look(t)
	w.item("2", nil)
	w.open(money.Cap)
	for _, c := range []struct {
		rest string
		want openrtb.Reason
	}{
		{`"site":{"domain":"example.com","publisher":{"id":"1"}}`, openrtb.None},
		{`"site":{"domain":"example.com","publisher":{"id":"2"}}`, openrtb.SellerUnauthorised},
		{`"site":{"domain":"example.com"},"device":{"w":1,"h":1}`, openrtb.Suspicious},
		{`"site":{"domain":"example.com"},"source":{"schain":{"ver":"1.0","complete":1,"nodes":[{"asi":"other.example","sid":"1","hp":1}]}}`, openrtb.ChainBlocked},
	} {
		before := w.count("tangent_bidder_no_bids_total", c.want)
		bids := len(w.bids(w.post(lookedAt(c.rest))))
		if c.want == openrtb.None && bids == 0 {
			t.Errorf("%s: no bid", c.rest)
		}
		if c.want != openrtb.None && (bids > 0 || w.count("tangent_bidder_no_bids_total", c.want) != before+1) {
			t.Errorf("%s: %d bids, want %v", c.rest, bids, c.want)
		}
	}
}

func TestCountriesComeFromAddressesToo(t *testing.T) {
	w := newWorld(t).look(t)
	w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) { li.Targeting.Countries.Include = []string{"DEU"} })
	w.open(money.Cap)
	for device, want := range map[string]int{
		`{"ip":"192.0.2.7"}`:                            1,
		`{"ip":"198.51.100.7"}`:                         0,
		`{"ip":"192.0.2.7","geo":{"country":"USA"}}`:    0,
		`{"ip":"198.51.100.7","geo":{"country":"DEU"}}`: 1,
	} {
		if got := len(w.bids(w.post(lookedAt(`"site":{"domain":"a.example"},"device":` + device)))); got != want {
			t.Errorf("%s: %d bids, want %d", device, got, want)
		}
	}
}

func TestLookingAllocatesNothingMore(t *testing.T) {
	allocatesLittle(t, newWorld(t).look(t))
}
