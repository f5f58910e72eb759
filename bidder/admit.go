package bidder

import (
	"bytes"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/supply"
)

const (
	// leastTime is what must be left of tmax to look at a request at all: an
	// answer takes some 20 us of CPU, the rest is for a busy machine.
	leastTime = 2 * time.Millisecond
)

// resolve finds the exchange that asks. It comes before everything that may
// refuse, so that each refusal is counted under its exchange.
func (a *auction) resolve(ctx *fasthttp.RequestCtx) openrtb.Reason {
	a.snap = a.b.Catalog.Load()
	name := bytes.TrimPrefix(ctx.Path(), []byte(Path))
	ex, ok := a.snap.Exchange(name)
	if !ok || ex.Status != campaign.Active {
		return openrtb.UnknownExchange
	}
	a.ex = ex
	return openrtb.None
}

// admit reads the request and says whether to look at it at all.
func (a *auction) admit(ctx *fasthttp.RequestCtx) openrtb.Reason {
	ex := a.ex
	if why := a.b.Switch.Why(); why != openrtb.None {
		return why
	}
	if ex.MaxQPS > 0 && !a.b.metrics.of(ex).throttle.allow(a.start, ex.MaxQPS) {
		return openrtb.Throttled
	}

	body := ctx.Request.Body()
	switch encoding := ctx.Request.Header.ContentEncoding(); {
	case len(encoding) == 0, bytes.EqualFold(encoding, []byte("identity")):
	case !bytes.EqualFold(encoding, []byte("gzip")):
		a.badEncoding = true
		return openrtb.Malformed
	default:
		var err error
		if a.unpacked, err = a.b.Decoder.Gunzip(a.unpacked[:0], body); err != nil {
			return refusal(err)
		}
		body = a.unpacked
	}
	r, err := a.b.Decoder.Decode(body)
	if err != nil {
		return refusal(err)
	}
	a.req = r
	a.free = r.Test || ex.DryRun // auctioned and never billed
	a.lap(stageDecode)

	tmax := time.Duration(r.TMax) * time.Millisecond
	if tmax <= 0 {
		tmax = a.defaultTMax()
	}
	a.deadline = a.start.Add(tmax - ex.NetworkMargin)
	switch {
	case len(r.Imps) == 0:
		return openrtb.NoImps
	case time.Until(a.deadline) < leastTime:
		return openrtb.NoTime
	case !a.chooseCurrency():
		return openrtb.NoCurrency
	case !a.anySeat(r.AllowedSeats, r.BlockedSeats):
		return openrtb.SeatBlocked
	}
	a.b.Places.Locate(&a.place, r)
	found := a.b.Supply.Check(r, &a.place, ex.SupplyDomain)
	a.authorised = found.Authorised >= supply.Reseller
	return found.Refuse
}

// defaultTMax returns how long a request without tmax may take.
func (a *auction) defaultTMax() time.Duration {
	video, audio := true, true
	for i := range a.req.Imps {
		imp := &a.req.Imps[i]
		others := imp.Banner != nil || imp.Native != nil
		video = video && imp.Video != nil && imp.Audio == nil && !others
		audio = audio && imp.Audio != nil && imp.Video == nil && !others
	}
	switch {
	case video:
		return a.ex.VideoTMax
	case audio:
		return a.ex.AudioTMax
	}
	return a.ex.DefaultTMax
}

// refusal returns the reason in a decoder's error.
func refusal(err error) openrtb.Reason {
	if e, ok := err.(*openrtb.DecodeError); ok {
		return e.Reason
	}
	return openrtb.Malformed
}

// listed says whether a list that stands for one value when it is empty has
// the value.
func listed(list [][]byte, value, whenEmpty string) bool {
	if len(list) == 0 {
		return value == whenEmpty
	}
	return contains(list, value)
}

func contains(list [][]byte, value string) bool {
	for _, v := range list {
		if string(v) == value {
			return true
		}
	}
	return false
}
