package supply

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/tangent-dsp/tangent/geo"
	"github.com/tangent-dsp/tangent/openrtb"
)

// adx is the domain of the exchange that asks.
var adx = []byte("exchange.example")

func newChecker(t testing.TB, cfg Config) *Checker {
	t.Helper()
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func webRequest() *openrtb.Request {
	r := &openrtb.Request{Site: &openrtb.Publication{Domain: []byte("www.example.com"), PublisherID: []byte("pub-1")}}
	r.Device.UserAgent = []byte(chrome)
	return r
}

func TestCheckerDecides(t *testing.T) {
	crawlers, err := ReadAgents(strings.NewReader("examplebot"))
	if err != nil {
		t.Fatal(err)
	}
	snapshot := readSnapshot(t, sampleSnapshot(t))
	for _, c := range []struct {
		name   string
		cfg    Config
		change func(*openrtb.Request)
		want   Verdict
	}{
		{"an honest request", Config{}, func(*openrtb.Request) {}, Verdict{openrtb.None, Direct}},
		{"a crawler", Config{}, func(r *openrtb.Request) { r.Device.UserAgent = []byte("ExampleBot/1") }, Verdict{Refuse: openrtb.Crawler}},
		{"a request that contradicts itself", Config{Suspicious: AllChecks}, func(r *openrtb.Request) { r.Device.W = 1 }, Verdict{Refuse: openrtb.Suspicious}},
		{"the same, not asked for", Config{}, func(r *openrtb.Request) { r.Device.W = 1 }, Verdict{openrtb.None, Direct}},
		{"a seller that is not named", Config{}, func(r *openrtb.Request) { r.Site.PublisherID = []byte("x") }, Verdict{openrtb.SellerUnauthorised, Unauthorised}},
		{"a publisher that is not known", Config{}, func(r *openrtb.Request) { r.Site.Domain = []byte("nobody.example") }, Verdict{}},
		{"a publisher that must be known", Config{Authorised: true}, func(r *openrtb.Request) { r.Site.Domain = []byte("nobody.example") }, Verdict{Refuse: openrtb.SellerNotKnown}},
		{"an app", Config{}, func(r *openrtb.Request) {
			r.Site, r.App = nil, &openrtb.Publication{Bundle: []byte("com.example.game"), PublisherID: []byte("app-1")}
		}, Verdict{openrtb.None, Direct}},
		{"a chain whose end is the seller", Config{}, func(r *openrtb.Request) {
			r.SupplyChain = chain(node("other.example", "1"), node("exchange.example", "pub-1"))
		}, Verdict{openrtb.None, Direct}},
		{"a seller that its exchange does not list", Config{}, func(r *openrtb.Request) { r.SupplyChain = chain(node("exchange.example", "pub-2")) }, Verdict{Refuse: openrtb.ChainBlocked}},
		{"a chain from elsewhere", Config{}, func(r *openrtb.Request) { r.SupplyChain = chain(node("other.example", "1234")) }, Verdict{Refuse: openrtb.ChainBlocked}},
		{"no chain where one is required", Config{Chain: ChainRules{Require: true}}, func(*openrtb.Request) {}, Verdict{Refuse: openrtb.ChainIncomplete}},
		{"a screen outdoors", Config{}, func(r *openrtb.Request) { r.Site, r.DOOH = nil, &openrtb.Publication{} }, Verdict{}},
	} {
		k := newChecker(t, c.cfg)
		k.UseSnapshot(snapshot)
		k.UseCrawlers(crawlers)
		r := webRequest()
		c.change(r)
		if got := k.Check(r, &geo.Place{}, adx); got != c.want {
			t.Errorf("%s: %v, %v", c.name, got.Refuse, got.Authorised)
		}
	}
	if v := (*Checker)(nil).Check(webRequest(), nil, adx); v != (Verdict{}) {
		t.Errorf("no checker: %v", v)
	}
	if v := newChecker(t, Config{Authorised: true}).Check(webRequest(), nil, adx); v.Refuse != openrtb.SellerNotKnown {
		t.Errorf("authorised only, without a snapshot: %v", v)
	}
}

// A device may tell two addresses. One in a data centre is enough.
func TestDataCentresByEitherAddress(t *testing.T) {
	centres, err := geo.ReadRanges(strings.NewReader("192.0.2.0/24\n2001:db8::/32"))
	if err != nil {
		t.Fatal(err)
	}
	k := newChecker(t, Config{})
	k.UseDataCentres(centres)
	for addresses, want := range map[string]openrtb.Reason{
		`"ip":"192.0.2.7"`: openrtb.DataCentre, `"ipv6":"2001:db8::1"`: openrtb.DataCentre,
		`"ip":"192.0.2.7","ipv6":"2001:db9::1"`: openrtb.DataCentre, `"ip":"198.51.100.1","ipv6":"2001:db8::1"`: openrtb.DataCentre,
		`"ip":"198.51.100.1","ipv6":"2001:db9::1"`: openrtb.None, `"ua":"x"`: openrtb.None,
	} {
		r, err := openrtb.NewDecoder(openrtb.DefaultLimits()).Decode([]byte(`{"id":"1","imp":[{"id":"1","banner":{"w":300,"h":250}}],"site":{"domain":"example.com"},"device":{` + addresses + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if v := k.Check(r, &geo.Place{}, adx); v.Refuse != want {
			t.Errorf("%s: %v, want %v", addresses, v.Refuse, want)
		}
		r.Release()
	}
}

func TestSuspiciousRequestsAreCountedByCheck(t *testing.T) {
	reg := prometheus.NewRegistry()
	c, err := New(Config{Suspicious: AllChecks, Registerer: reg})
	if err != nil {
		t.Fatal(err)
	}
	r := webRequest()
	r.Device.UserAgent, r.Device.W = nil, 1
	c.Check(r, nil, adx)
	for i, want := range map[int]float64{0: 1, 1: 1, 2: 0} {
		var m dto.Metric
		if err := c.suspicious[i].Write(&m); err != nil {
			t.Fatal(err)
		}
		if got := m.GetCounter().GetValue(); got != want {
			t.Errorf("%s: %v", checks[i].name, got)
		}
	}
}

func fullChecker(t testing.TB) *Checker {
	k := newChecker(t, Config{Suspicious: AllChecks, Authorised: true, Chain: ChainRules{Require: true, MaxNodes: 8}})
	k.UseSnapshot(readSnapshot(t, sampleSnapshot(t)))
	crawlers, err := ReadAgents(strings.NewReader("examplebot\nother bot"))
	if err != nil {
		t.Fatal(err)
	}
	k.UseCrawlers(crawlers)
	centres, err := geo.ReadRanges(strings.NewReader("192.0.2.0/24"))
	if err != nil {
		t.Fatal(err)
	}
	k.UseDataCentres(centres)
	return k
}

func TestCheckAllocatesNothing(t *testing.T) {
	k, r := fullChecker(t), webRequest()
	r.SupplyChain = chain(node("other.example", "1"), node("exchange.example", "pub-1"))
	if n := testing.AllocsPerRun(100, func() {
		if v := k.Check(r, nil, adx); v.Refuse != openrtb.None {
			t.Fatal(v.Refuse)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	k, r := fullChecker(b), webRequest()
	r.SupplyChain = chain(node("other.example", "1"), node("exchange.example", "pub-1"))
	b.ReportAllocs()
	for b.Loop() {
		k.Check(r, nil, adx)
	}
}
