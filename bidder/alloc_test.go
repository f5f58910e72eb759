package bidder

import (
	"bufio"
	"fmt"
	"net"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/audience/redistest"
	"github.com/tangent-dsp/tangent/bidder/arrival"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

func TestHandleAllocatesLittle(t *testing.T) {
	t.Run("in one currency", func(t *testing.T) { allocatesLittle(t, newWorld(t)) })
	t.Run("converting", func(t *testing.T) { allocatesLittle(t, newWorld(t).inEuro()) })
}

func allocatesLittle(t *testing.T, w *world) {
	w.item("2", nil)
	w.open(money.Cap)
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI(Path + "alpha")
	ctx.Request.SetBodyString(plain)
	w.bidder.Handle(&ctx)
	multipliers := w.bidder.Multipliers()
	w.bidder.Multipliers = func() *pacing.Multipliers { return multipliers }

	// A collection empties the pools, whose refilling is not the request's.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	got := testing.AllocsPerRun(200, func() {
		ctx.Response.Reset()
		w.bidder.Handle(&ctx)
	})
	if got > 2 && !raceEnabled {
		t.Errorf("%v allocations per request; want at most 2", got)
	}
	if ctx.Response.StatusCode() != 200 {
		t.Fatalf("status %d", ctx.Response.StatusCode())
	}
}

// From decoding the request to the encoded response nothing is allocated,
// whatever the imp: Redis apart, and the server's copy of the response.
func TestNothingIsAllocatedFromDecodeToEncode(t *testing.T) {
	for name, c := range map[string]struct {
		item func(*campaign.LineItem, *campaign.Creative)
		body string
		bids int
	}{
		"banner": {nil, plain, 1},
		"deals":  {nil, withDeals(0, `{"id":"d","bidfloor":1,"wseat":["seat-1"],"wadomain":["example.com"]}`, `{"id":"e","at":3,"bidfloor":1.5}`), 3},
		"video":  {of(campaign.FormatVideo, 15), taking(aVideo), 1},
		"audio":  {of(campaign.FormatAudio, 15), taking(anAudio), 1},
		"native": {of(campaign.FormatNative, 0), taking(aNative), 1},
		"an exchange's own id": {func(_ *campaign.LineItem, c *campaign.Creative) {
			c.Approvals = []campaign.Approval{{ExchangeID: 1, State: campaign.Approved, CreativeID: `x"7`}}
		}, plain, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.changes.Exchanges[0].SeveralBidsPerImp = true
			w.learned()
			w.item("2", c.item)
			w.open(money.Cap)
			multipliers := w.bidder.Multipliers()
			w.bidder.Multipliers = func() *pacing.Multipliers { return multipliers }
			var ctx fasthttp.RequestCtx
			ctx.Request.Header.SetMethod("POST")
			ctx.Request.SetRequestURI(Path + "alpha")
			ctx.Request.SetBodyString(c.body)
			a := &auction{b: w.bidder}
			bids := 0
			due := time.Now().Add(time.Hour) // real time, and no machine is too slow
			once := func() {
				a.begin(due, due, w.bidder.Clock.Now())
				if a.resolve(&ctx) == openrtb.None && a.run(&ctx) == openrtb.None {
					a.answer(&ctx, openrtb.None)
				}
				bids = len(a.bids)
				a.end()
			}
			once()

			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			got := testing.AllocsPerRun(5000, once) // holds grow by the bid, now and then

			if bids != c.bids {
				t.Fatalf("%d bids, want %d: %s", bids, c.bids, ctx.Response.Body())
			}
			if got > 0 && !raceEnabled {
				t.Errorf("%v allocations", got)
			}
		})
	}
}

// From socket to socket a bid for a user in the near-cache allocates nothing, all
// of the process counted: now and then a pool or the holds grow.
func TestABidAllocatesNothingFromSocketToSocket(t *testing.T) {
	redis, err := redistest.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer redis.Close()
	w := newWorld(t)
	w.learned()
	w.item("2", nil)
	w.open(money.Cap)
	multipliers := w.bidder.Multipliers()
	w.bidder.Multipliers = func() *pacing.Multipliers { return multipliers }
	cache, err := audience.NewCache(audience.CacheConfig{Bytes: audience.MinCacheBytes, Age: time.Hour, Registerer: w.metrics})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	where := audience.RedisConfig{Addrs: []string{redis.Addr()}, DialTimeout: 20 * time.Second, IOTimeout: 20 * time.Second} // the machine may be busy
	reader, err := audience.NewReader(audience.ReaderConfig{Redis: where, Clock: w.bidder.Clock, Cache: cache})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	w.bidder.Audience = reader

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := arrival.Listen(listener).Accept()
	if err != nil {
		t.Fatal(err)
	}
	server := &fasthttp.Server{Handler: w.bidder.Handle, ReadTimeout: time.Minute, WriteTimeout: time.Minute, NoDefaultDate: true}
	served := make(chan error)
	go func() { served <- server.ServeConn(conn) }()
	request := fmt.Appendf(nil, "POST %salpha HTTP/1.1\r\nHost: bid.example.com\r\nContent-Length: %d\r\n\r\n%s", Path, len(plain), plain)
	var answer fasthttp.Response
	from := bufio.NewReader(client)
	ask := func() {
		if _, err := client.Write(request); err != nil {
			t.Fatal(err)
		}
		if err := answer.Read(from); err != nil || answer.StatusCode() != fasthttp.StatusOK {
			t.Fatalf("%v: %s", err, answer.Body())
		}
	}
	ask()
	const requests = 5000
	var before, after runtime.MemStats
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the pools
	for i := range 2 * requests {
		if i == requests { // all is as large as it will be
			runtime.ReadMemStats(&before)
		}
		ask()
	}
	runtime.ReadMemStats(&after)

	if got := float64(after.Mallocs-before.Mallocs) / requests; got > 0.1 && !raceEnabled {
		t.Errorf("%.2f allocations per bid; want none", got)
	}
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	hits := 0.0
	for _, f := range families {
		if f.GetName() == "tangent_audience_cache_hits_total" {
			hits = f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	if hits != 2*requests {
		t.Errorf("the near-cache answered %v reads of %d", hits, 2*requests)
	}
	client.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}
