package pacing

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func TestRisk(t *testing.T) {
	n := []event.NodePeriod{life}
	at := func(d time.Duration) time.Time { return noon.Add(d) }
	for name, c := range map[string]struct {
		do   func(*Holds)
		late money.Nanos
		lost money.Nanos
	}{
		"held in full":             {func(h *Holds) {}, 0, 0},
		"billed":                   {func(h *Holds) { h.Settle(settled(1, 30, life)) }, 0, 0},
		"never left":               {func(h *Holds) { h.Cancel(bid(1)) }, 0, 0},
		"won below the bid":        {func(h *Holds) { believe(h); h.Won(bid(1), 25, noon) }, 15, 0},
		"reported lost":            {func(h *Holds) { h.Lost(bid(1), noon) }, 0, 40},
		"after the horizon":        {func(h *Holds) { h.Tick(at(terms.Horizon)) }, 40, 0},
		"a month later":            {func(h *Holds) { h.Tick(at(terms.Horizon)); h.Tick(at(30 * 24 * time.Hour)) }, 40, 0},
		"too old to be booked":     {func(h *Holds) { h.Tick(at(terms.Horizon)); h.Tick(at(32 * 24 * time.Hour)) }, 0, 0},
		"billed after the horizon": {func(h *Holds) { h.Tick(at(terms.Horizon)); h.Settle(settled(1, 40, life)) }, 0, 0},
		"lost, a month later":      {func(h *Holds) { h.Lost(bid(1), noon); everySecond(h, 1); h.Tick(at(32 * 24 * time.Hour)) }, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHolds(t, Want{life, 100})
			if !h.Hold(bid(1), n, 40, terms, noon) {
				t.Fatal("not held")
			}
			c.do(h)
			r := h.Risk(life)
			if r.Late() != c.late || r.Lost != c.lost {
				t.Errorf("late %d, lost %d of %+v; want %d and %d", r.Late(), r.Lost, r, c.late, c.lost)
			}
			if all := h.Risks(nil); r.Open+r.Silent+r.Lost > 0 && (len(all) != 1 || all[0] != r) {
				t.Errorf("all risks are %+v, want %+v", all, r)
			}
		})
	}
}

func TestRiskOutlivesTheAccount(t *testing.T) {
	h := newHolds(t, Want{life, 40})
	h.Hold(bid(1), []event.NodePeriod{life}, 40, terms, noon)
	h.Tick(noon.Add(terms.Horizon))
	if h.TakeBack(life, 0) != 40 || !h.Forget(life) {
		t.Fatal("the account is not done")
	}
	if r := h.Risk(life); r.Late() != 40 {
		t.Errorf("risk %+v of a forgotten account, want 40", r)
	}
	h.Settle(settled(1, 40, life))
	if r := h.Risks(nil); len(r) != 0 {
		t.Errorf("risks %+v after the bill", r)
	}
}

func TestRiskIsAMetric(t *testing.T) {
	s := newStage(t, 1000e6, dailyItem(1, 1000e6))
	reg := prometheus.NewRegistry()
	if err := reg.Register(risks{s.Pacer}); err != nil {
		t.Fatal(err)
	}
	s.step()
	s.hold(1, 15e6, today)
	s.clock.Advance(terms.Horizon)
	s.step()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			got[strings.TrimPrefix(f.GetName(), "tangent_pacing_late_risk_")] += m.GetGauge().GetValue()
		}
	}
	if got["nanos"] != 15e6 || got["sum_nanos"] != 15e6 {
		t.Errorf("metrics %v, want 15e6 of the budget and in all", got)
	}
	if r := s.Risk(today); r.Late() != 15e6 {
		t.Errorf("risk %+v", r)
	}
}

// TestToyCheck02RiskBoundsTheOverrun plays random histories against a ledger that keeps
// books. What is booked without cover is never above the risk that was stated
// before, and the risk grows only by time and by what is reported.
func TestToyCheck02RiskBoundsTheOverrun(t *testing.T) {
	nodes := []event.NodePeriod{{Node: 1}, {Node: 2}, {Node: 3, Period: 20260310}}
	overran := 0
	play := func(rt *rapid.T) {
		h, l, ctx := newHolds(t), newMemLedger(), context.Background()
		id, _ := l.Open(ctx, "a")
		cursor, now := int64(0), noon
		settle := func() {
			all, _ := l.Settled(ctx, id, cursor)
			for _, b := range all {
				h.Settle(b)
				cursor = b.Cursor
			}
		}
		type sent struct {
			nodes        []event.NodePeriod
			price        money.Nanos
			billed, lost bool
		}
		var bids []*sent
		var contradicted bool
		var overrun money.Nanos
		late := func() (all [3]money.Nanos) {
			for i, n := range nodes {
				r := h.Risk(n)
				if all[i] = r.Late(); contradicted {
					all[i] += r.Lost
				}
			}
			return all
		}
		// steady does what must not make any risk grow.
		steady := func(rt *rapid.T, do func()) {
			before := late()
			do()
			for i, after := range late() {
				if after > before[i] && !contradicted {
					rt.Fatalf("the risk of %v grew from %d to %d", nodes[i], before[i], after)
				}
			}
		}
		pick := func(rt *rapid.T) (int, *sent) {
			if len(bids) == 0 {
				return 0, nil
			}
			i := rapid.IntRange(0, len(bids)-1).Draw(rt, "bid")
			return i, bids[i]
		}
		bidID := func(i int) event.BidID { return event.NewBidID(id, uint64(i+1)) }
		bill := func(rt *rapid.T, i int, amount money.Nanos) {
			b := bids[i]
			contradicted, b.billed = contradicted || b.lost, true
			before, most := late(), money.Nanos(0)
			over := l.book(bidID(i), amount, b.nodes...)
			for _, stated := range before[len(nodes)-len(b.nodes):] {
				most = max(most, stated)
			}
			if over > most {
				rt.Fatalf("%d were booked without cover, at most %d were stated", over, most)
			}
			overrun += over
			if rapid.Bool().Draw(rt, "seen at once") {
				steady(rt, settle)
			}
		}
		grant := func(rt *rapid.T) {
			settle()
			steady(rt, func() {
				for _, n := range nodes {
					l.limits[n.Node] = 100
					g, _ := l.Grant(ctx, id, []Want{{n, money.Nanos(rapid.Int64Range(0, 100).Draw(rt, "amount"))}})
					h.Grant(n, g[0].Amount)
				}
			})
		}
		rt.Repeat(map[string]func(*rapid.T){
			"grant": grant,
			"return": func(rt *rapid.T) {
				n := rapid.SampledFrom(nodes).Draw(rt, "node")
				steady(rt, func() {
					if back := h.TakeBack(n, money.Nanos(rapid.Int64Range(0, 50).Draw(rt, "keep"))); back > 0 {
						_ = l.Return(ctx, id, []Want{{n, back}})
					}
				})
			},
			"bid": func(rt *rapid.T) {
				b := &sent{nodes: nodes[rapid.IntRange(0, 2).Draw(rt, "first"):], price: money.Nanos(rapid.Int64Range(1, 60).Draw(rt, "price"))}
				grant(rt)
				steady(rt, func() {
					if h.Hold(bidID(len(bids)), b.nodes, b.price, terms, now) {
						bids = append(bids, b)
					}
				})
			},
			"win": func(rt *rapid.T) {
				if i, b := pick(rt); b != nil {
					h.Won(bidID(i), money.Nanos(rapid.Int64Range(-1, int64(b.price)).Draw(rt, "price")), now)
				}
			},
			"lose": func(rt *rapid.T) {
				if i, b := pick(rt); b != nil && !b.billed {
					b.lost = true
					h.Lost(bidID(i), now)
				}
			},
			"bill": func(rt *rapid.T) {
				if i, b := pick(rt); b != nil && !b.billed {
					bill(rt, i, money.Nanos(rapid.Int64Range(0, int64(b.price)).Draw(rt, "amount")))
				}
			},
			"settle": func(rt *rapid.T) { steady(rt, settle) },
			"strict": func(rt *rapid.T) { h.SetStrict(nodes[0], rapid.Bool().Draw(rt, "strict")) },
			"tick": func(rt *rapid.T) {
				settle()
				now = now.Add(rapid.SampledFrom([]time.Duration{time.Second, time.Minute, terms.Horizon}).Draw(rt, "time"))
				h.Tick(now)
			},
		})
		for i, b := range bids { // whatever can come, comes
			if !b.billed {
				bill(rt, i, b.price)
			}
		}
		if overrun > 0 {
			overran++
		}
	}
	for range 5 {
		rapid.Check(t, play)
	}
	if overran == 0 {
		t.Error("no history overran its budget: nothing was shown")
	}
}

// A late bill may be of a bid that fell silent or of one that was reported lost:
// what may still be billed of both together does not fall where there are both.
func TestALateBillMayBeOfALostBid(t *testing.T) {
	for lost, want := range map[money.Nanos]money.Nanos{0: 0, 50: 80} {
		e := exposures{of: map[event.NodePeriod]*exposure{life: {silent: tranches{}.add(1, 100), lost: tranches{}.add(1, lost)}}, day: 1}
		e.billed(life, nil, 30)
		x := e.of[life]
		if got := x.lost.sum(); x.silent.sum() != 70 || got != want {
			t.Errorf("of 100 silent and %d lost %d and %d are left after a bill of 30", lost, x.silent.sum(), got)
		}
	}
}
