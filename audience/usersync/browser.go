package usersync

import (
	"bytes"
	"context"
	"net/netip"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
)

// sync answers a browser: direction "in" is an exchange's redirect to us,
// with its id or to get ours, "out" is our own page's to an exchange.
func (s *Syncer) sync(ctx *fasthttp.RequestCtx, p peer, direction string) {
	noStore(ctx)
	leave, ok := s.enter()
	if !ok {
		s.count(p.name, direction, "busy", 1)
		pixel(ctx)
		return
	}
	defer leave()
	header := &ctx.Request.Header
	args := ctx.QueryArgs()
	q := readQuery(args, bytes.Equal(header.Peek("Sec-GPC"), []byte("1")), bytes.Equal(header.Peek("DNT"), []byte("1")))
	if !q.ok || len(args.QueryString()) > maxQuery {
		s.count(p.name, direction, "invalid", 1)
		ctx.SetStatusCode(fasthttp.StatusBadRequest)
		return
	}
	now := s.Clock.Now()
	v := readCookie(string(header.Cookie(cookieName)), now)
	outcome := s.meet(&v, p, &q, direction == "in", s.country(ctx))
	s.count(p.name, direction, outcome, 1)
	if v.id != "" || v.optedOut {
		s.setCookie(ctx, v, now)
	}
	if v.id == "" || direction == "in" && !p.answer || p.redirect == nil {
		pixel(ctx)
		return
	}
	ctx.Response.Header.SetBytesV("Location", p.redirect.appendTo(nil, v.id, &q))
	ctx.Response.Header.Set("Referrer-Policy", "no-referrer")
	ctx.SetStatusCode(fasthttp.StatusFound)
}

// meet decides who the visitor is from now on, and keeps the match. Without a
// permit, and where nobody can say whether the user opted out, the visitor is
// nobody: its cookie is not renewed and its id not handed on.
func (s *Syncer) meet(v *visitor, p peer, q *query, takes bool, country [3]byte) (outcome string) {
	if !takes {
		q.uid = nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), s.Timeout)
	defer cancel()
	if v.optedOut {
		// By this the exchange's bid requests will know it, too.
		if theirs, ok := s.Keyer.KeyToForget("user", q.uid, p.id); ok && s.Writer.OptOut(ctx, theirs) != nil {
			return "failed"
		}
		return "opted_out"
	}
	permit, ok, _ := s.Gate.Ask(&q.consent, country)
	if !ok {
		*v = visitor{}
		return "refused"
	}
	known := v.id != ""
	if !known {
		*v = newVisitor(s.Clock.Now())
	}
	own, ok := s.Keyer.KeyOf(permit, "buyeruid", []byte(v.id), 0)
	if !ok {
		*v = visitor{}
		return "failed"
	}
	done, err := audience.MatchOutcome("cookie"), error(nil)
	if theirs, ok := s.Keyer.KeyOf(permit, "user", q.uid, p.id); ok {
		done, err = s.Writer.Match(ctx, permit, audience.Match{Own: own, Theirs: theirs, Exchange: p.id, Life: s.CookieLife})
	} else if known { // an id that was drawn this moment has no mark
		var marked bool
		if marked, err = s.Writer.OptedOut(ctx, own); marked {
			done = audience.MatchOptedOut
		}
	}
	switch {
	case err != nil:
		// Whether the user opted out nobody knows: the id goes nowhere.
		s.Logger.Warn("cannot match a browser", "exchange", p.name, "error", err)
		*v = visitor{}
		return "failed"
	case done == audience.MatchOptedOut:
		*v = visitor{optedOut: true}
	}
	return string(done)
}

// country returns where the browser is.
func (s *Syncer) country(ctx *fasthttp.RequestCtx) (none [3]byte) {
	if s.Country == nil {
		return none
	}
	address, ok := netip.AddrFromSlice(ctx.RemoteIP())
	if s.AddressHeader != "" {
		list := ctx.Request.Header.Peek(s.AddressHeader)
		last := bytes.TrimSpace(list[bytes.LastIndexByte(list, ',')+1:])
		var err error
		address, err = netip.ParseAddr(string(last))
		ok = err == nil && address.Zone() == ""
	}
	if !ok {
		return none
	}
	return s.Country(address.Unmap())
}

// optOut takes the browser's id and all that is matched with it out of Redis
// for good, and the id out of the browser. Whoever makes somebody opt out by a
// link does no more harm than that.
func (s *Syncer) optOut(ctx *fasthttp.RequestCtx) {
	noStore(ctx)
	if !ctx.IsGet() && !ctx.IsPost() {
		ctx.SetStatusCode(fasthttp.StatusMethodNotAllowed)
		return
	}
	now := s.Clock.Now()
	v := readCookie(string(ctx.Request.Header.Cookie(cookieName)), now)
	outcome := "new"
	if own, ok := s.Keyer.KeyToForget("buyeruid", []byte(v.id), 0); ok {
		wait, cancel := context.WithTimeout(context.Background(), 4*s.Timeout)
		defer cancel()
		if err := s.Writer.OptOut(wait, own); err != nil {
			// The cookie stays: it is what the next try finds the user by.
			s.Logger.Warn("cannot keep an opt-out", "error", err)
			s.count("", "optout", "failed", 1)
			ctx.Response.Header.Set("Retry-After", "5")
			ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
			ctx.SetBodyString("This did not work. Please try again in a moment.\n")
			return
		}
		outcome = "known"
	}
	s.count("", "optout", outcome, 1)
	s.setCookie(ctx, visitor{optedOut: true}, now)
	ctx.SetContentType("text/plain; charset=utf-8")
	ctx.SetBodyString("You have opted out in this browser. What was kept of it is erased.\n")
}

// noStore keeps browsers and proxies from answering for us.
func noStore(ctx *fasthttp.RequestCtx) {
	ctx.Response.Header.Set("Cache-Control", "no-store, no-cache, must-revalidate, private")
}

// transparent is a GIF of one transparent pixel.
const transparent = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

func pixel(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("image/gif")
	ctx.SetBodyString(transparent)
}
