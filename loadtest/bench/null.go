package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/clock"
)

// NullConfig says how to serve what a bidder is compared with.
type NullConfig struct {
	Redis string          // host:port; empty: an echo, which reads no profile
	Keyer *audience.Keyer // the bidder's, so that the profiles are there; not of an echo
}

// canned is the size and the shape of a bid with a banner.
const canned = `{"id":"0","seatbid":[{"seat":"tangent-load","bid":[{"id":"AAAAAAAAAAAAAAAAAAAAAA","impid":"1","price":1.234567,"cid":"1","crid":"1","adomain":["brand-1.example.com"],"cat":["IAB22"],"attr":[],"w":300,"h":250,"mtype":1,` +
	`"nurl":"http://127.0.0.1:8080/n/win/` + token + `?p=${AUCTION_PRICE}","burl":"http://127.0.0.1:8080/n/bill/` + token + `?p=${AUCTION_PRICE}","lurl":"http://127.0.0.1:8080/n/loss/` + token + `?l=${AUCTION_LOSS}",` +
	`"adm":"<a href=\"http://127.0.0.1:8080/n/click/` + token + `\"><img src=\"https://cdn.example.com/1-300x250.png\" width=\"300\" height=\"250\"></a><img src=\"http://127.0.0.1:8080/n/view/` + token + `\" width=\"1\" height=\"1\">"}]}],"cur":"USD"}`

const token = "AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// ServeNull serves on a free port of loopback until ctx is done, and writes
// the base URL as the first line. GET answers how many allocations the
// process has made.
func ServeNull(ctx context.Context, cfg NullConfig, out io.Writer) error {
	n := &null{visits: sync.Pool{New: func() any { return new(visit) }}}
	handle := n.echo
	if cfg.Redis != "" {
		var err error
		n.keyer = cfg.Keyer
		if n.reader, err = audience.NewReader(audience.ReaderConfig{Redis: audience.RedisConfig{Addrs: []string{cfg.Redis}}, Clock: clock.Real()}); err != nil {
			return err
		}
		defer n.reader.Close()
		handle = n.bid
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("cannot serve: %w", err)
	}
	server := &fasthttp.Server{Handler: handle, NoDefaultServerHeader: true, NoDefaultDate: true}
	defer context.AfterFunc(ctx, func() { listener.Close() })()
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	if err := server.Serve(listener); err != nil && ctx.Err() == nil {
		return fmt.Errorf("cannot serve: %w", err)
	}
	return nil
}

// null answers without thinking.
type null struct {
	keyer  *audience.Keyer
	reader *audience.Reader
	visits sync.Pool
}

func (n *null) echo(ctx *fasthttp.RequestCtx) {
	if !counted(ctx) {
		ctx.SetBody(ctx.PostBody())
	}
}

func (n *null) bid(ctx *fasthttp.RequestCtx) {
	if counted(ctx) {
		return
	}
	v := n.visits.Get().(*visit)
	defer n.visits.Put(v)
	key, _ := n.keyer.KeyOf(audience.AssertConsent(), "buyeruid", buyerUID(ctx.PostBody()), 0)
	v.keys[0] = key
	// A read that fails is answered all the same: what it cost was spent.
	_ = n.reader.Read(time.Now().Add(100*time.Millisecond), audience.AssertConsent(), v.keys[:], &v.profile)
	ctx.SetContentType("application/json")
	ctx.SetBodyString(canned)
}

// visit is what one request needs.
type visit struct {
	keys    [1]audience.UserKey
	profile audience.Profile
}

// buyerUID finds the id in a body without reading it, or takes another: there
// is one read for each request.
func buyerUID(body []byte) []byte {
	const mark = `"buyeruid":"`
	at := bytes.Index(body, []byte(mark))
	if at < 0 {
		return []byte("nobody")
	}
	id := body[at+len(mark):]
	if end := bytes.IndexByte(id, '"'); end > 0 {
		return id[:end]
	}
	return []byte("nobody")
}

// counted answers a GET.
func counted(ctx *fasthttp.RequestCtx) bool {
	if !ctx.IsGet() {
		return false
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	ctx.SetBodyString(strconv.FormatUint(m.Mallocs, 10))
	return true
}
