package loadtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/prebid/openrtb/v20/adcom1"
	"github.com/prebid/openrtb/v20/openrtb2"

	"github.com/tangent-dsp/tangent/loopback"
	"github.com/tangent-dsp/tangent/money"
)

// fakeBidder bids on everything, by nothing but the request's text, and keeps
// what it is told to have spent.
type fakeBidder struct {
	t      *testing.T
	addr   string
	before func(w http.ResponseWriter, r *http.Request) (handled bool)

	mu      sync.Mutex
	server  *http.Server
	served  sync.WaitGroup
	seen    map[string]money.Nanos // billed, by bid
	wins    map[string]bool
	losses  int
	clicks  int
	notices int
	bodies  map[string]string // by request id
}

func startBidder(t *testing.T) *fakeBidder {
	b := &fakeBidder{t: t, addr: loopback.Addr(loopback.Need(t, 1)[0]), seen: map[string]money.Nanos{}, wins: map[string]bool{}, bodies: map[string]string{}}
	b.start()
	t.Cleanup(b.stop)
	return b
}

func (b *fakeBidder) start() {
	l, err := net.Listen("tcp", b.addr)
	if err != nil {
		b.t.Errorf("cannot listen: %v", err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.server = &http.Server{Handler: b}
	server := b.server
	b.served.Go(func() { server.Serve(l) })
}

// stop drops every connection, as a killed process does.
func (b *fakeBidder) stop() {
	b.mu.Lock()
	b.server.Close()
	b.mu.Unlock()
	b.served.Wait()
}

func (b *fakeBidder) url() string { return "http://" + b.addr }

func (b *fakeBidder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.before != nil && b.before(w, r) {
		return
	}
	if exchange, ok := strings.CutPrefix(r.URL.Path, "/openrtb2/"); ok {
		b.serveBid(w, r, exchange)
		return
	}
	b.serveNotice(w, r)
}

func (b *fakeBidder) serveBid(w http.ResponseWriter, r *http.Request, exchange string) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the exchange gave up
	}
	var req openrtb2.BidRequest
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&req); err != nil {
		b.t.Errorf("request does not decode: %v\n%s", err, body)
	}
	b.mu.Lock()
	b.bodies[req.ID] = string(body)
	b.mu.Unlock()
	json.NewEncoder(w).Encode(b.respond(&req, exchange))
}

func (b *fakeBidder) respond(req *openrtb2.BidRequest, exchange string) openrtb2.BidResponse {
	seat := openrtb2.SeatBid{Seat: "tangent"}
	for _, m := range req.Imp {
		h := fnv.New64a()
		io.WriteString(h, req.ID+m.ID)
		id := fmt.Sprintf("%016x", mix(h.Sum64()))
		notice := func(kind string) string {
			return "http://" + b.addr + "/n/" + kind + "/" + exchange + "/" + id + "?p=${AUCTION_PRICE}&l=${AUCTION_LOSS}&m=${AUCTION_MIN_TO_WIN}"
		}
		w, height := size300(m.Banner)
		seat.Bid = append(seat.Bid, openrtb2.Bid{
			ID: id, ImpID: m.ID, Price: math.Round(m.BidFloor*1e6+float64(mix(h.Sum64())%2_000_000)) / 1e6,
			CID: fmt.Sprint(mix(h.Sum64()+1)%5 + 1), CrID: "cr", ADomain: []string{"brand.example.com"}, W: w, H: height,
			Cat: []string{"IAB3"}, Attr: []adcom1.CreativeAttribute{adcom1.AttrAudioUser},
			NURL: notice("win"), BURL: notice("bill"), LURL: notice("loss"),
			AdM: `<a href="` + notice("click") + `"><img src='https://cdn.example.com/a.png'></a>` +
				`<img width="1" src="` + strings.ReplaceAll(notice("view"), "&", "&amp;") + `">`,
		})
	}
	return openrtb2.BidResponse{ID: req.ID, BidID: "r" + req.ID, Cur: "USD", SeatBid: []openrtb2.SeatBid{seat}}
}

func size300(banner *openrtb2.Banner) (w, h int64) {
	if banner.W != nil {
		return *banner.W, *banner.H
	}
	return banner.Format[0].W, banner.Format[0].H
}

func (b *fakeBidder) serveNotice(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.URL.Path, "/") // "", "n", kind, exchange, id
	if len(parts) != 5 {
		b.t.Errorf("unknown notice %s", r.URL)
		return
	}
	kind, exchange, id := parts[2], parts[3], parts[4]
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notices++
	switch {
	case kind == "win":
		b.wins[id] = true
	case kind == "loss":
		b.losses++
	case kind == "bill" && exchange == "alpha", kind == "view" && exchange == "beta":
		price, err := money.ParseCPM(r.URL.Query().Get("p"))
		if err != nil {
			b.t.Errorf("bill without a price: %s", r.URL)
		}
		if before, again := b.seen[id]; again && before != price {
			b.t.Errorf("bid %s billed at %v and at %v", id, before, price)
		}
		b.seen[id] = price
	}
	switch kind {
	case "view":
		w.Header().Set("Content-Type", "image/gif")
	case "click":
		b.clicks++
		http.Redirect(w, r, "https://brand.example.com/landing", http.StatusFound)
	}
}

// requests returns the bodies of the bid requests, by id.
func (b *fakeBidder) requests() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.bodies)
}

// billed returns the sum of what was billed, once a bid.
func (b *fakeBidder) billed() (sum money.Nanos) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.seen {
		sum += n
	}
	return sum
}
