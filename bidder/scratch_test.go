package bidder

import (
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/tangent-dsp/tangent/audience"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// reading does something while a request waits for its user.
type reading struct {
	*people
	meanwhile func()
}

func (r *reading) Read(deadline time.Time, permit audience.Permit, ids []audience.UserKey, to *audience.Profile) error {
	r.meanwhile()
	return r.people.Read(deadline, permit, ids, to)
}

// A request that waits for Redis keeps none of the memory that it computes in:
// another has it, does all its work in it, and what the first bids is the same.
func TestARequestThatWaitsHoldsNoScratch(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	w.people.segments = append(w.people.segments, 7)
	alone := w.bids(w.post(plain))

	a := &auction{b: w.bidder}
	var ctx fasthttp.RequestCtx
	ctx.Request.Header.SetMethod("POST")
	ctx.Request.SetRequestURI(Path + "alpha")
	ctx.Request.SetBodyString(plain)
	met := false
	w.bidder.Audience = &reading{w.people, func() {
		if met {
			return
		}
		met = true
		if a.scratch != nil {
			t.Error("a request that waits has memory to compute in")
		}
		if got := w.bids(w.post(plain)); len(got) != 1 {
			t.Errorf("%d bids meanwhile", len(got))
		}
	}}
	now := time.Now()
	a.begin(now, now, w.bidder.Clock.Now())
	if why := a.resolve(&ctx); why != openrtb.None {
		t.Fatal(why)
	}
	if why := a.run(&ctx); why != openrtb.None {
		t.Fatal(why)
	}
	a.answer(&ctx, openrtb.None)
	a.end()
	bids := w.bids(&ctx.Response)
	if !met || len(alone) != 1 || len(bids) != 1 || bids[0].Price != alone[0].Price || bids[0].CrID != alone[0].CrID {
		t.Errorf("met %v, %v; alone %v", met, bids, alone)
	}
}

// What one request leaves, the next finds gone, and in room that stays as it is.
func TestScratchIsEmptyForTheNextRequest(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Cap)
	for range 100 {
		w.post(plain)
	}
	for range 4 {
		s := w.bidder.scratches.Get().(*scratch)
		if n := len(s.urls) + len(s.markup) + len(s.unpacked) + len(s.packed) + len(s.out) + len(s.bids) + len(s.ways) + len(s.shown); n > 0 || cap(s.urls) > 64<<10 {
			t.Fatalf("%d things are left, URLs have room for %d bytes", n, cap(s.urls))
		}
	}
}
