package loadtest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/prebid/openrtb/v20/openrtb3"
	"github.com/valyala/fasthttp"
)

// job is a request that is due.
type job struct {
	seq   uint64
	due   time.Time
	stage int // of the config's
}

// maxWait is the longest that a stop goes unnoticed.
const maxWait = 50 * time.Millisecond

// bid sends the requests on schedule and returns when the last is answered.
func (x *exchange) bid(ctx context.Context) error {
	defer x.crew.wait()
	if x.stopped() { // in the warm-up
		x.interrupted = true
		return nil
	}
	plan, over := newSchedule(&x.cfg), false
	defer func() {
		x.interrupted = !over && (x.cfg.Duration > 0 || x.cfg.Requests > 0) // else Stop is its end
		x.played = max(0, time.Since(x.cfg.Start))
	}()
	first := uint64(x.cfg.Skip) + 1
	for seq := first; x.cfg.Requests == 0 || seq-first < uint64(x.cfg.Requests); seq++ {
		at := plan.next()
		if x.cfg.Duration > 0 && at >= x.cfg.Duration {
			err := x.waitUntil(ctx, x.cfg.Start.Add(x.cfg.Duration))
			over = time.Since(x.cfg.Start) >= x.cfg.Duration
			return err
		}
		j := job{seq, x.cfg.Start.Add(at), stageAt(x.cfg.Stages, at)}
		if err := x.waitUntil(ctx, j.due); err != nil {
			return err
		}
		if x.stopped() {
			return nil
		}
		if !x.crew.send(x, j) {
			x.tally.count(func(s *Stats) { s.Unsent++ })
			x.tally.took(x.cfg.TMaxHigh) // nobody answers it in time
			x.tally.ended(j.stage, endUnsent, x.cfg.TMaxHigh, x.cfg.TMaxHigh)
		}
	}
	over = true
	return nil
}

// waitUntil returns at t, or earlier if the run is stopped or ctx is done.
func (x *exchange) waitUntil(ctx context.Context, t time.Time) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := time.Until(t)
		if d <= 0 || x.stopped() {
			return nil
		}
		if err := x.alarm.wait(min(d, maxWait)); err != nil {
			return err
		}
	}
}

func (x *exchange) stopped() bool {
	select {
	case <-x.cfg.Stop: // never, if nil
		return true
	default:
		return false
	}
}

// caller plays one request at a time, and owns what it takes.
type caller struct {
	*exchange
	jobs    chan job
	request bidRequest
	http    *fasthttp.Request
	answer  *fasthttp.Response
	bidder  int // who answered, as an index of Targets
	packed  bytes.Buffer
	packer  *gzip.Writer
	best    []*offer // by imp, of the answer that is judged
}

func newCaller(cfg *ExchangeConfig) *caller {
	c := &caller{jobs: make(chan job, 1), http: &fasthttp.Request{}, answer: &fasthttp.Response{}}
	if cfg.Gzip {
		c.packer, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a good one
	}
	c.http.Header.SetMethod(fasthttp.MethodPost)
	c.http.Header.SetContentType("application/json")
	return c
}

// pack puts the request's body into the HTTP request, and says what is to
// become of the connection.
func (c *caller) pack(r *bidRequest) {
	if c.http.ConnectionClose() {
		c.http.Header.ResetConnectionClose()
	}
	if n := uint64(c.cfg.ConnRequests); n > 0 && mix(c.cfg.Seed^r.seq)%n == 0 {
		c.http.SetConnectionClose()
	}
	if !c.cfg.Gzip {
		c.http.SetBodyRaw(r.body)
		return
	}
	c.packed.Reset()
	c.packer.Reset(&c.packed)
	_, _ = c.packer.Write(r.body) // a buffer takes all
	_ = c.packer.Close()
	c.http.Header.SetContentEncoding("gzip")
	c.http.SetBodyRaw(c.packed.Bytes())
}

var versionHeader = []byte("X-Openrtb-Version")

// door is where bid requests of an exchange go, made ready.
type door struct {
	uri  *fasthttp.URI
	host *fasthttp.HostClient
}

// newDoors returns the doors of each bidder, by exchange.
func newDoors(bidders *balance, exchanges []Exchange, c *client) []map[*Exchange]door {
	all := make([]map[*Exchange]door, len(bidders.urls))
	for i, base := range bidders.urls {
		all[i] = map[*Exchange]door{}
		for k := range exchanges {
			d := door{uri: &fasthttp.URI{}, host: c.host(bidders.hosts[i])}
			d.uri.DisablePathNormalizing = true
			_ = d.uri.Parse(nil, []byte(base+"/openrtb2/"+exchanges[k].Name)) // the base was checked with the configuration
			all[i][&exchanges[k]] = d
		}
	}
	return all
}

// play sends one request and sees to all that follows.
func (c *caller) play(j job) {
	r := &c.request
	c.tally.left(j.stage, time.Since(j.due))
	c.writer.write(r, j.seq, c.cfg.Clock.At(j.due))
	c.http.Header.SetCanonical(versionHeader, []byte(r.exchange.Version))
	c.pack(r)
	c.tally.count(func(s *Stats) { s.Requests++ })
	err := c.bidders.each(func(i int, _ string) error {
		c.bidder = i
		to := c.doors[i][r.exchange]
		c.http.SetURI(to.uri)
		err := to.host.DoTimeout(c.http, c.answer, r.tmax)
		if errors.Is(err, syscall.ECONNREFUSED) {
			c.tally.count(func(s *Stats) { s.Targets[i].Refused++ })
		}
		return err
	})
	if err != nil && c.requests.aborted.Load() {
		return // the bidder is not at fault
	}
	if err != nil {
		kind, how, took := errorKind(err), endError, time.Since(j.due)
		if kind == "timeout" {
			how = endTimeout
			c.tally.took(took) // to leave these out would flatter
		}
		c.tally.ended(j.stage, how, took, r.tmax)
		c.failed(kind)
		return
	}
	took, how := time.Since(j.due), endEmpty
	switch status := c.answer.StatusCode(); status {
	case fasthttp.StatusNoContent:
		c.tally.count(func(s *Stats) { s.Answers++; s.Targets[c.bidder].Answers++; s.NoBids["204"]++ })
	case fasthttp.StatusOK:
		c.tally.count(func(s *Stats) { s.Answers++; s.Targets[c.bidder].Answers++ })
		how = c.judge(c.answer.Body())
	default: // fast or slow, it answers nothing: it has no latency
		c.tally.ended(j.stage, endError, took, r.tmax)
		c.failed(statusKind(status))
		return
	}
	c.tally.took(took)
	c.tally.ended(j.stage, how, took, r.tmax)
}

// failed counts a request without an answer. Who refused was counted already.
func (c *caller) failed(kind string) {
	c.tally.count(func(s *Stats) {
		s.HTTPErrors[kind]++
		if kind != refused {
			s.Targets[c.bidder].Errors++
		}
	})
}

// judge checks a response and puts its bids to auction. It says how the
// request ended if that was in time.
func (c *caller) judge(body []byte) ending {
	if c.cfg.BidsOnly {
		return c.look(body)
	}
	resp, err := readResponse(body)
	if err != nil {
		c.violated("json")
		return endFull
	}
	if resp.bids() == 0 {
		return c.refused(resp.noBid())
	}
	found, err := c.request.judge(body)
	if err != nil {
		c.violated("request") // ours: a fault of this package
		return endFull
	}
	if found.response.kind != "" {
		c.violated(found.response.kind)
		return endFull
	}
	best := append(c.best[:0], make([]*offer, len(c.request.imps))...)
	c.best = best
	for i := range resp.SeatBid {
		for k := range resp.SeatBid[i].Bid {
			c.consider(best, found.bids[[2]int{i, k}], &offer{bid: &resp.SeatBid[i].Bid[k], seat: resp.SeatBid[i].Seat, response: resp.BidID})
		}
	}
	for index, o := range best {
		if o != nil {
			c.auction(index, o)
		}
	}
	return endFull
}

// refused counts a response without bids, and says how its request ended.
func (c *caller) refused(reason string) ending {
	c.tally.count(func(s *Stats) { s.NoBids[reason]++ })
	if reason == noTime {
		return endNoTime
	}
	return endFull
}

// look counts the bids of a response for which no auction is held, and those
// in which something is found, if it is one to check.
func (c *caller) look(body []byte) ending {
	checked := c.request.seq%uint64(c.cfg.CheckEvery) == 0
	if n := int64(bytes.Count(body, []byte(`"impid"`))); n > 0 && !checked {
		c.tally.count(func(s *Stats) { s.Bids += n; s.Unchecked += n })
		return endFull
	} // those without bids say why, and are short
	bids, reason, err := skimResponse(body)
	if err != nil {
		c.violated("json")
		return endFull
	}
	if bids == 0 {
		return c.refused(reason)
	}
	found, err := c.request.judge(body)
	switch {
	case err != nil:
		c.violated("request") // ours: a fault of this package
	case found.response.kind != "":
		c.violated(found.response.kind)
	default:
		c.tally.count(func(s *Stats) {
			s.Bids += int64(bids - len(found.bids))
			for _, v := range found.bids {
				s.Violations[v.kind]++
			}
		})
	}
	return endFull
}

// offer is a bid and what the macros need of its surroundings.
type offer struct {
	*bid
	seat, response string
}

// consider keeps a bid in which nothing was found as the best for its imp, or
// tells its loss.
func (c *caller) consider(best []*offer, found violation, o *offer) {
	index, v := o.prepare(&c.request, c.reach, found)
	if v.kind != "" {
		c.violated(v.kind)
		if index >= 0 && c.reach.url(o.LURL) {
			c.lost(index, o, v.loss, outcome{minToWin: -1})
		}
		return
	}
	c.tally.count(func(s *Stats) { s.Bids++ })
	if c.cfg.OnBid != nil {
		c.cfg.OnBid(c.bidder, o.CID)
	}
	loser := o
	if best[index] == nil || o.amount > best[index].amount {
		loser, best[index] = best[index], o
	}
	if loser != nil {
		c.tally.count(func(s *Stats) { s.Losses++ })
		c.lost(index, loser, openrtb3.LossLostToHigherBid, outcome{minToWin: best[index].amount + 1})
	}
}

func (c *caller) violated(kind string) {
	c.tally.count(func(s *Stats) { s.Violations[kind]++ })
}
