package pacing

import (
	"math"
	"testing"
	"time"
	"unsafe"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestHoldFitsAMapSlot(t *testing.T) {
	if n := unsafe.Sizeof(hold{}); n > 128 {
		t.Errorf("a hold has %d bytes: beyond 128 each one is allocated by itself", n)
	}
}

func TestStretchesReachTheHorizon(t *testing.T) {
	for _, c := range []struct {
		deadline, horizon time.Duration
		most              int
	}{
		{10 * time.Second, 10 * time.Minute, 7},
		{10 * time.Second, 10 * time.Second, 1},
		{time.Minute, time.Second, 1},
		{0, time.Hour, 23},
		{time.Second, 0, 1},
		{time.Second, 30 * 24 * time.Hour, 23},
	} {
		d := newDelays(Terms{WinDeadline: c.deadline, Horizon: c.horizon})
		n := len(d.bounds)
		if last := time.Duration(d.bounds[n-1]); last < c.horizon || n > c.most {
			t.Errorf("%v to %v: %d stretches to %v", c.deadline, c.horizon, n, last)
		}
		if n > 1 && d.bounds[n-2] >= int64(c.horizon) {
			t.Errorf("%v to %v: no bid ever enters the last stretch, which begins at %v", c.deadline, c.horizon, time.Duration(d.bounds[n-2]))
		}
	}
}

func TestHorizonsOfRequestsShareAMemory(t *testing.T) {
	h := newHolds(t, Want{life, 1_000_000})
	for i := range 3600 {
		terms := Terms{Exchange: 1, WinDeadline: terms.WinDeadline, Horizon: time.Duration(i) * time.Second}
		h.learn(terms)
	}
	if n := len(*h.delays.Load()); n > 12 {
		t.Errorf("%d memories for one exchange", n)
	}
}

// TestCurveIsTheProductLimit compares the curve with one worked out by hand.
func TestCurveIsTheProductLimit(t *testing.T) {
	s := make([]stretch, 3)
	const many = 90_000 // so that the prior does not matter
	s[2].entered.Store(many)
	s[2].billed.Store(many / 10)
	s[1].entered.Store(many)
	s[1].billed.Store(many / 5)
	s[1].lost.Store(many / 2)
	s[1].won.Store(many / 10)
	later := make([]float64, 4)
	curve(s, later, 0.8)
	for k, want := range map[int]float64{3: 0, 2: 0.1, 1: 0.2 + 0.1*0.8 + (1-0.2-0.5-0.1)*0.1} {
		if math.Abs(later[k]-want) > 1e-3 {
			t.Errorf("at stretch %d: %v, want %v", k, later[k], want)
		}
	}
}

// TestFormatsLearnApart: banners of an exchange are billed within the win
// deadline or never, its videos late and for certain. What a silent bid of
// that age still holds goes by its own format.
func TestFormatsLearnApart(t *testing.T) {
	const price, many = 1000, 2000
	h := newHolds(t, Want{life, 1 << 40})
	nodes := []event.NodePeriod{life}
	of := func(f Format) Terms {
		t := terms
		t.Format = f
		return t
	}
	held := func(seq uint64, t2 Terms) (silent money.Nanos) {
		at := noon.Add(time.Duration(seq) * time.Hour)
		if !h.Hold(bid(seq), nodes, price, t2, at) {
			t.Fatal("nothing was held")
		}
		h.Tick(at.Add(terms.WinDeadline + time.Second))
		return h.Account(life).Pending
	}
	// given a history of both
	for i := range uint64(many) {
		for _, f := range []Format{Banner, Video} {
			if !h.Hold(bid(10+4*i+uint64(f)), nodes, price, of(f), noon) {
				t.Fatal("nothing was held")
			}
		}
	}
	h.Tick(noon.Add(terms.WinDeadline + time.Second))
	for i := range uint64(many) {
		h.Settle(settled(10+4*i+uint64(Video), price, life))
	}
	h.Tick(noon.Add(terms.Horizon + time.Second)) // the banners end
	if h.Open() != 0 {
		t.Fatalf("%d bids are open", h.Open())
	}
	// when one of each is silent past the deadline
	banner := held(1, of(Banner))
	h.Lost(bid(1), noon)
	video := held(2, of(Video))
	// then
	if banner > price/20 || video < price*19/20 {
		t.Errorf("the banner holds %d, the video %d, of %d", banner, video, price)
	}
}
