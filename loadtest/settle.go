package loadtest

import (
	"time"

	"github.com/prebid/openrtb/v20/openrtb3"
	"github.com/valyala/fasthttp"
)

// auction decides one imp and plans what follows.
func (c *caller) auction(index int, o *offer) {
	r := &c.request
	m := &r.imps[index]
	rival := bestRival(drawsOfImp(c.cfg.Seed, r.seq, index, forRivals), m.typical, m.floor)
	result := r.exchange.auction(o.amount, rival, m.floor)
	if !result.won {
		c.tally.count(func(s *Stats) { s.Losses++ })
		c.lost(index, o, openrtb3.LossLostToHigherBid, result)
		return
	}
	s := &sale{bid: o.ID, exchange: r.exchange.Name, campaign: o.CID, price: result.price}
	s.promised = time.Now().Add(c.cfg.Clock.Real(time.Duration(o.Exp)*time.Second + c.cfg.Behaviour.Promise))
	if c.cfg.Behaviour.Overcharge > 0 && drawsOfImp(c.cfg.Seed, r.seq, index, forOvercharge).Float64() < c.cfg.Behaviour.Overcharge {
		s.price, s.over = o.amount, overcharge(o.amount)
	}
	c.tally.won(s)
	values := c.macros(index, o, result)
	values.price = s.price + s.over
	c.schedule(c.fate.ofWin(r, index, o.bid, s, &values))
}

// lost plans the loss notice of a bid for one imp.
func (c *caller) lost(index int, o *offer, why openrtb3.LossReason, result outcome) {
	values := c.macros(index, o, result)
	values.loss = int(why)
	values.price = -1 // what the winner pays is the winner's affair
	rng := drawsOfImp(c.cfg.Seed, c.request.seq, index, forFate)
	if n, told := c.fate.ofLoss(rng, o.LURL, &values); told {
		c.schedule([]planned{n})
	}
}

func (c *caller) macros(index int, o *offer, result outcome) macros {
	return macros{
		auction: c.request.id, bid: o.response, imp: c.request.imps[index].id, seat: o.seat, ad: o.AdID,
		minToWin: result.minToWin, at: c.request.at.UnixMilli(),
	}
}

// schedule hands notices to the courier. Delays in market time become real
// time here.
func (c *caller) schedule(plan []planned) {
	now := time.Now()
	for _, p := range plan {
		n := p.notice
		if n.renders {
			n.sale.at = c.request.at.Add(p.delay)
		}
		n.due = now.Add(c.cfg.Clock.Real(p.delay))
		c.courier.add(&n)
	}
}

// noticeTimeout is the real time that one attempt may take.
const noticeTimeout = 5 * time.Second

// notify sends one notice once. failure is empty when it was answered as it
// must be: 200, or a redirect for a click.
func (x *exchange) notify(url string, kind noticeKind) (took time.Duration, failure string) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.SetRequestURI(url)
	begun := time.Now()
	err := x.bidders.each(func(i int, host string) error {
		if len(x.cfg.Targets) > 1 {
			req.URI().SetHost(host)
		}
		return x.notices.do(req, resp, noticeTimeout)
	})
	took = time.Since(begun)
	if err != nil {
		return took, errorKind(err)
	}
	want := fasthttp.StatusOK
	if kind == clickNotice {
		want = fasthttp.StatusFound
	}
	if resp.StatusCode() != want {
		return took, statusKind(resp.StatusCode())
	}
	switch kind {
	case clickNotice:
		// The landing page is not ours to visit; that there is one is.
		if !absolute(resp.Header.Peek("Location")) {
			x.tally.count(func(s *Stats) { s.Violations["click_location"]++ })
		}
	case pixelNotice:
		if string(resp.Header.ContentType()) != "image/gif" {
			x.tally.count(func(s *Stats) { s.Violations["pixel_type"]++ })
		}
	}
	return took, ""
}
