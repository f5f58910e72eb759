package loadtest

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"
)

// noticeKind is what a notice tells.
type noticeKind uint8

const (
	winNotice noticeKind = iota
	lossNotice
	billingNotice
	pixelNotice
	clickNotice
)

// notice is something that we tell the bidder, or that the user's browser
// does, at a time.
type notice struct {
	kind     noticeKind
	url      string
	due      time.Time // real time
	order    uint64    // among those that are due at once
	sale     *sale     // nil for losses
	renders  bool      // it tells of the render that is billed
	withheld bool      // it is never sent
	twice    bool      // it is sent again when it was acknowledged
	again    bool      // it is that second one
	attempt  int
}

// fate draws what becomes of wins and losses. Delays are market time.
type fate struct {
	Behaviour
	seed uint64
}

// ofWin returns the notices of an imp that we won, with delays from now
// on as due: what the caller has to add to the time. The draws are made in
// one order whatever they say, so that settings do not shift each other's.
func (f *fate) ofWin(r *bidRequest, index int, b *bid, s *sale, m *macros) []planned {
	rng := drawsOfImp(f.seed, r.seq, index, forFate)
	flip := func(p float64) bool { return rng.Float64() < p }
	around := func(median time.Duration) time.Duration {
		return time.Duration(float64(median) * math.Exp(.8*rng.NormFloat64()))
	}
	var plan []planned
	add := func(n notice, delay time.Duration) {
		n.sale = s
		n.withheld, n.twice = flip(f.Lost), flip(f.Twice)
		if n.kind == clickNotice {
			n.withheld = false // a click that does not reach us led nowhere
		}
		if n.url = m.expand(n.url); n.url != "" {
			plan = append(plan, planned{n, delay})
		}
	}
	add(notice{kind: winNotice, url: b.NURL}, around(200*time.Millisecond))

	render, late := around(f.RenderDelay), flip(f.Late)
	lateness := f.LateAfter + time.Duration(rng.Float64()*float64(f.LateUntil-f.LateAfter))
	if late {
		render = lateness
	}
	if expiry := time.Duration(b.Exp) * time.Second; expiry > 0 {
		render = min(render, expiry) // nobody shows an ad that has expired
	}
	clickDelay, clicked := time.Second+around(8*time.Second), flip(f.clickRate(s.campaign))
	if !flip(f.Render) {
		return f.shuffle(r, index, plan)
	}
	if r.exchange.Billing == BillOnNotice && b.BURL != "" {
		add(notice{kind: billingNotice, url: b.BURL, renders: true}, render)
		add(notice{kind: pixelNotice, url: b.pixel}, render)
	} else {
		add(notice{kind: pixelNotice, url: b.pixel, renders: true}, render)
	}
	if clicked {
		add(notice{kind: clickNotice, url: b.click}, render+clickDelay)
	}
	return f.shuffle(r, index, plan)
}

// shuffle lets the notices of some wins change places in time.
func (f *fate) shuffle(r *bidRequest, index int, plan []planned) []planned {
	if f.Reorder == 0 {
		return plan
	}
	rng := drawsOfImp(f.seed, r.seq, index, forReorder)
	if rng.Float64() < f.Reorder {
		rng.Shuffle(len(plan), func(i, k int) { plan[i].delay, plan[k].delay = plan[k].delay, plan[i].delay })
	}
	return plan
}

// planned is a notice and how long after the auction it is due.
type planned struct {
	notice
	delay time.Duration
}

// ofLoss returns the notice of a lost auction, or false if we are not told.
func (f *fate) ofLoss(rng *rand.Rand, url string, m *macros) (planned, bool) {
	told, delay := rng.Float64() < f.Losses, time.Duration(rng.ExpFloat64()*float64(time.Second))
	if !told || url == "" {
		return planned{}, false
	}
	return planned{notice{kind: lossNotice, url: m.expand(url)}, delay}, true
}

// clickRate returns how often a campaign's impressions are clicked.
func (f *fate) clickRate(campaign string) float64 {
	h := fnv.New64a()
	h.Write([]byte(campaign))
	return f.ClickLow + (f.ClickHigh-f.ClickLow)*share(mix(h.Sum64()))
}
