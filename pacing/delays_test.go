package pacing

import (
	"math"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

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
	const price = 5     // nanos that were foreseen of each; bills are half as much again
	enter := func(k, billed, won, lost int64) {
		s[k].entered.Store(many)
		s[k].at.Store(many * price)
		s[k].left.Store((billed + won + lost) * price)
		s[k].stayed.Store((many - billed - won - lost) * price)
		s[k].billed.Store(billed * price * 3 / 2)
		s[k].won.Store(won * 2 * price) // of those that are won twice as much is foreseen
	}
	enter(2, many/10, 0, 0)
	enter(1, many/5, many/10, many/2)
	later := []float64{0, 0, 0, 0.05}
	d := &delays{bounds: []int64{10, 20, 40}, horizon: 40}
	d.curve(s, later, 0.8, 100)
	last := 0.15 + 0.9*0.05
	for k, want := range map[int]float64{3: 0.05, 2: last, 1: 0.3 + 0.2*0.8 + (1-0.2-0.5-0.1)*last} {
		if math.Abs(later[k]-want) > 1e-3 {
			t.Errorf("at stretch %d: %v, want %v", k, later[k], want)
		}
	}
}

// TestBidsInsideCountAsFarAsTheyAre: of all that enter three fifths are billed,
// evenly over the stretch. Half of the bids have come through, the others are
// half way.
func TestBidsInsideCountAsFarAsTheyAre(t *testing.T) {
	const n, price = 40_000, 5
	s := make([]stretch, 1)
	for range 2 * n {
		s[0].enter(price, 1000)
	}
	for i := range n {
		if i < n*3/5 {
			s[0].leave(price, 1000)
		} else {
			s[0].stay(price, 1000)
		}
		if i < n*3/10 {
			s[0].leave(price, 1000)
		}
	}
	s[0].billed.Store(n * 9 / 10 * price)
	later := make([]float64, 2)
	d := &delays{bounds: []int64{200}, horizon: 100}
	d.curve(s, later, 0, 1050)
	if math.Abs(later[0]-0.6) > 1e-3 {
		t.Errorf("%v is billed, want 0.6", later[0])
	}
	// and a memory that fades keeps those whose bills are on their way
	inside, through := s[0].inside(), s[0].through(1050, 100)
	for range 4 {
		s[0].left.Add(n * price)
		s[0].stayed.Add(n * price)
		s[0].at.Add(2 * n * price)
		s[0].entered.Add(2 * n)
	}
	before := s[0].left.Load()
	if s[0].fade(0.6, through); s[0].left.Load() == before {
		t.Error("nothing was forgotten")
	}
	if got := s[0].inside(); got != inside || inside != n*7/10*price {
		t.Errorf("%v are inside after half was forgotten, before %v", got, inside)
	}
	if got := s[0].through(1050, 100); math.Abs(through-0.5) > 1e-6 || got != through {
		t.Errorf("they are through %v, before %v", got, through)
	}
}

// TestBidsComeOutOfStretches: whatever became of them, no bid is inside of one
// at the end.
func TestBidsComeOutOfStretches(t *testing.T) {
	h := newHolds(t, Want{life, 1 << 40})
	const many = 400
	at := func(after time.Duration) { h.Tick(noon.Add(after)) }
	for i := range uint64(many) {
		if !h.Hold(bid(i), []event.NodePeriod{life}, 1000, terms, noon) {
			t.Fatal("nothing was held")
		}
	}
	for i, after := range []time.Duration{terms.WinDeadline / 2, terms.WinDeadline + 1, 5 * terms.WinDeadline} {
		at(after)
		for k := range uint64(many / 8) {
			won, lost, billed := uint64(i)*many/4+k, uint64(i)*many/4+many/8+k, uint64(i)*many/4+k/2
			h.Won(bid(won), -1, noon.Add(after))
			h.Lost(bid(lost), noon.Add(after))
			h.Settle(settled(billed, 900, life))
		}
	}
	inside := 0.0
	for _, after := range []time.Duration{6 * terms.WinDeadline, terms.Horizon + 1} {
		at(after)
		inside = 0
		for _, d := range *h.delays.Load() {
			for k := range d.bounds {
				inside += d.open[k].inside() + d.won[k].inside()
			}
		}
		if done := after > terms.Horizon; done != (inside == 0) {
			t.Errorf("%v are inside after %v", inside, after)
		}
	}
	if h.Open() != 0 {
		t.Errorf("%d bids are open", h.Open())
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

// TestFadingKeepsTheShare: bids come without end, far more at a time than are
// remembered, and three tenths of them are billed, evenly over the stretch. What is
// learned of that stays right however often it fades.
func TestFadingKeepsTheShare(t *testing.T) {
	const n, width, price = 4 * rememberBids, 100, 1000 // n bids enter in one width
	s, later := make([]stretch, 1), make([]float64, 2)
	d := &delays{bounds: []int64{2 * width}, horizon: width}
	x := &s[0]
	const batch = n / width // bids that enter at each moment
	for now := int64(1); now <= 6*width; now++ {
		x.entered.Add(batch)
		x.at.Add(batch * price)
		x.times.add(batch * price * float64(now))
		for age := int64(1); age <= width; age++ {
			came := now - age
			if came <= 0 {
				continue
			}
			left := int64(batch * 3 / 10 / width)
			x.left.Add(left * price)
			x.billed.Add(left * price)
			x.times.add(-float64(left) * price * float64(came))
			if age == width {
				stayed := int64(batch) - left*width
				x.stayed.Add(stayed * price)
				x.times.add(-float64(stayed) * price * float64(came))
			}
		}
		d.curve(s, later, 0, now)
		if now > width/2 && math.Abs(later[0]-0.3) > 0.02 {
			t.Fatalf("at %d of %d %.3f is taken to be billed, want .3", now, width, later[0])
		}
	}
}
