package pacing

import (
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// TestBidsWaitForAnExchangeThatFallsBehind plays an exchange whose notices
// queue: of bids of each second it tells a second and a half later than of
// those of the second before, until it is more than three horizons behind.
// Every fourth bid wins and is billed in full. The slice is never overspent.
func TestBidsWaitForAnExchangeThatFallsBehind(t *testing.T) {
	const price, slice = 100, 60_000
	h := newHolds(t, Want{life, slice})
	type bids struct {
		at       time.Time
		from, to uint64
	}
	var queue []bids
	seq, told := uint64(0), 0.0
	lowest, refused, most := money.Nanos(slice), 0, time.Duration(0)
	for second := range 3600 {
		now := noon.Add(time.Duration(second) * time.Second)
		left := bids{at: now, from: seq}
		for range 4 {
			if h.Hold(bid(seq), []event.NodePeriod{life}, price, terms, now) {
				seq++
			} else {
				refused++
			}
		}
		left.to = seq
		queue = append(queue, left)
		// It tells of 0.4 seconds in a second; of one from the half hour on, so that it stays behind.
		if told += 0.4; second >= 1800 {
			told += 0.6
		}
		for told >= 1 {
			told--
			b := queue[0]
			queue = queue[1:]
			for i := b.from; i < b.to; i++ {
				if i%4 > 0 {
					h.Told(terms.Exchange, event.KindLoss, now.Sub(b.at))
					h.Lost(bid(i), now)
					continue
				}
				h.Told(terms.Exchange, event.KindWin, now.Sub(b.at))
				h.Told(terms.Exchange, event.KindBilling, now.Sub(b.at))
				h.Settle(settled(i, price, life))
			}
		}
		h.Tick(now)
		lowest, most = min(lowest, h.Account(life).Available), max(most, h.Behind())
	}
	if lowest < -slice/100 { // holds are statistical after the win deadline
		t.Errorf("%d available: bids were taken for lost before the exchange came to them", lowest)
	}
	if most < terms.Horizon || refused == 0 {
		t.Fatalf("the exchange fell %v behind, %d bids found no money: this proves nothing", most, refused)
	}
}

func TestHowFarAnExchangeIsBehind(t *testing.T) {
	type told struct {
		n    int
		kind event.Kind
		age  time.Duration
	}
	const deadline = 10 * time.Second // that of terms
	for name, c := range map[string]struct {
		told []told
		want time.Duration
	}{
		"nothing is heard":             {nil, 0},
		"in time":                      {[]told{{100, event.KindWin, deadline / 2}}, 0},
		"all come late":                {[]told{{100, event.KindWin, time.Hour}, {1, event.KindWin, time.Minute}}, time.Minute},
		"too few to tell":              {[]told{{7, event.KindWin, time.Hour}}, 0},
		"a few by another way":         {[]told{{100, event.KindWin, time.Hour}, {20, event.KindWin, time.Second}}, time.Hour},
		"most are in time":             {[]told{{100, event.KindWin, time.Hour}, {100, event.KindWin, time.Second}}, 0},
		"wins are told daily":          {[]told{{100, event.KindWin, 24 * time.Hour}, {100, event.KindBilling, time.Second}}, 0},
		"losses are told daily":        {[]told{{100, event.KindLoss, 24 * time.Hour}}, 0},
		"bills come when ads are seen": {[]told{{100, event.KindBilling, time.Hour}, {100, event.KindImpression, time.Hour}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHolds(t, Want{life, 100})
			h.Hold(bid(1), []event.NodePeriod{life}, 40, terms, noon)
			for _, n := range c.told {
				for range n.n {
					h.Told(terms.Exchange, n.kind, n.age)
				}
			}
			h.Told(terms.Exchange+1, event.KindWin, time.Hour) // another's, where nothing was bid
			h.Tick(noon.Add(deadline / 2))
			if got := h.Behind(); got != c.want {
				t.Fatalf("behind %v, want %v", got, c.want)
			}
			// The hold is full until the deadline and so much longer, and ends at its horizon and so much longer.
			h.Tick(noon.Add(deadline + c.want - 1))
			expectAvailable(t, h, life, 60)
			h.Tick(noon.Add(terms.Horizon + c.want - 1))
			if h.Open() != 1 {
				t.Error("the hold ended too early")
			}
			everySecond(h, terms.Horizon+c.want+2*deadline) // in silence a deadline longer, and it is looked at now and then
			expectAvailable(t, h, life, 100)
		})
	}
}

func TestAnExchangeThatCaughtUpIsWaitedForNoLonger(t *testing.T) {
	h := newHolds(t, Want{life, 100})
	h.Hold(bid(1), []event.NodePeriod{life}, 40, terms, noon)
	for range tellingNotices {
		h.Told(terms.Exchange, event.KindWin, time.Hour)
	}
	h.Tick(noon.Add(terms.Horizon))
	expectAvailable(t, h, life, 60)
	for range tellingNotices {
		h.Told(terms.Exchange, event.KindBilling, time.Second)
	}
	everySecond(h, terms.Horizon+terms.WinDeadline)
	expectAvailable(t, h, life, 100)
	if got := h.Behind(); got != 0 {
		t.Errorf("still %v behind", got)
	}
}
