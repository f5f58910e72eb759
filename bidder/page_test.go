package bidder

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// page is a request with imps of these sizes, with ids 1, 2, ...
func page(extra string, sizes ...string) string {
	var imps []string
	for i, s := range sizes {
		w, h, _ := strings.Cut(s, "x")
		imps = append(imps, fmt.Sprintf(`{"id":"%d","banner":{"w":%s,"h":%s}}`, i+1, w, h))
	}
	return fmt.Sprintf(`{"id":"r1","imp":[%s],"cur":["USD"],"at":1,"site":{"domain":"a.example"},
		"device":{"geo":{"country":"USA"}},"user":{"id":"u1"}%s}`, strings.Join(imps, ","), extra)
}

// more adds a creative to a line item.
func (w *world) more(id event.LineItemID, size campaign.Size) event.CreativeID {
	c := w.changes.Creatives[0]
	c.ID, c.LineItemID, c.Size = event.CreativeID(1000+len(w.changes.Creatives)), id, size
	w.changes.Creatives = append(w.changes.Creatives, c)
	return c.ID
}

// Protocol point 15: each imp deserves an answer, and a page does not show one
// line item where another bids, nor one creative twice.
func TestProtocol15SeveralImps(t *testing.T) {
	rectangle, board := campaign.Size{W: 300, H: 250}, campaign.Size{W: 728, H: 90}
	for name, c := range map[string]struct {
		given func(*world)
		body  string
		want  map[string]string // creatives by imp
	}{
		"each imp gets the best that is left": {func(w *world) { w.item("2", nil); w.item("4", nil); w.item("3", nil) },
			page("", "300x250", "300x250"), map[string]string{"1": "2", "2": "3"}},
		"another size of one line item, where nobody else bids": {func(w *world) { w.more(w.item("2", nil), board) },
			page("", "300x250", "728x90"), map[string]string{"1": "1", "2": "1001"}},
		"another creative of one line item, where nobody else bids": {func(w *world) { w.more(w.item("2", nil), rectangle) },
			page("", "300x250", "300x250", "300x250"), map[string]string{"1": "", "2": ""}},
		"one creative is not shown twice": {func(w *world) { w.item("2", nil) },
			page("", "300x250", "300x250"), map[string]string{"1": "1"}},
		"but as a roadblock, where all imps of the page are offered": {func(w *world) { w.item("2", nil) },
			page(`,"allimps":1`, "300x250", "300x250"), map[string]string{"1": "1", "2": "1"}},
		"an imp that nobody fits is left out": {func(w *world) { w.item("2", nil) },
			page("", "1x1", "300x250"), map[string]string{"2": "1"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.given(w)
			w.open(money.Unit)
			got := map[string]string{}
			for _, b := range w.bids(w.post(c.body)) {
				if _, twice := got[b.ImpID]; twice {
					t.Errorf("two bids for imp %s", b.ImpID)
				}
				got[b.ImpID] = b.CrID
			}
			if len(got) != len(c.want) {
				t.Fatalf("creatives by imp %v, want %v", got, c.want)
			}
			seen := map[string]bool{}
			for imp, creative := range c.want {
				if creative != "" && got[imp] != creative || creative == "" && seen[got[imp]] {
					t.Errorf("creatives by imp %v, want %v", got, c.want)
				}
				seen[got[imp]] = true
			}
		})
	}
}

// A budget for three impressions takes three imps of a page of five, whoever
// shares it.
func TestMoneyAcrossImps(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.item("2", nil)
	}
	w.open(3 * 2_000_000)
	bids := w.bids(w.post(page("", "300x250", "300x250", "300x250", "300x250", "300x250")))
	if len(bids) != 3 {
		t.Errorf("%d bids, want 3", len(bids))
	}
	if a := w.holds.Account(event.NodePeriod{Node: 1, Period: 20261201}); a.Held != 3*2_000_000 {
		t.Errorf("held %d", a.Held)
	}
}

// Two bids for one imp use up one impression of a cap: one at most is shown.
func TestBidsForOneImpCountOnce(t *testing.T) {
	w := newWorld(t)
	w.changes.Exchanges[0].SeveralBidsPerImp = true
	id := w.item("2", func(li *campaign.LineItem, _ *campaign.Creative) {
		li.FrequencyCaps = []campaign.FrequencyCap{{Level: campaign.CapLineItem, Impressions: 2, Window: time.Hour}}
	})
	w.more(id, campaign.Size{W: 728, H: 90})
	w.open(money.Unit)
	body := strings.Replace(page("", "300x250", "728x90"), `"h":250}`, `"h":250},"pmp":{"deals":[{"id":"d"}]}`, 1)
	if bids := w.bids(w.post(body)); len(bids) != 3 {
		t.Errorf("%d bids, want two for the first imp and one for the second", len(bids))
	}
}

// An exchange in dry run hears no bid, and nothing is held, while what would
// have been bid is counted.
func TestDryRun(t *testing.T) {
	w := newWorld(t)
	w.changes.Exchanges[0].DryRun = true
	w.item("2", nil)
	w.open(0)
	r := w.post(plain)
	if string(r.Body()) != `{"id":"r1","nbr":0}` || w.holds.Open() != 0 {
		t.Errorf("%s, %d holds", r.Body(), w.holds.Open())
	}
	if n := w.count("tangent_bidder_no_bids_total", openrtb.DryRun); n != 1 {
		t.Errorf("counted %v times", n)
	}
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "tangent_bidder_dry_run_bids_total" {
			for _, m := range f.GetMetric() {
				if m.GetLabel()[0].GetValue() == "alpha" && m.GetCounter().GetValue() != 1 {
					t.Errorf("%v bids would have been sent, want 1", m.GetCounter().GetValue())
				}
			}
		}
	}
}

// Protocol point 13: how long we wait for the impression, by what the imp says
// and by what is shown; and how long the hold lasts.
func TestProtocol13Expiry(t *testing.T) {
	for body, want := range map[string]struct {
		exp     int64
		horizon time.Duration
	}{
		plain: {60, 2 * time.Minute},
		strings.Replace(plain, `"id":"i1"`, `"id":"i1","exp":200`, 1):                                    {200, 260 * time.Second},
		strings.Replace(plain, `"id":"i1"`, `"id":"i1","exp":7200`, 1):                                   {3600, time.Hour}, // the exchange's own horizon is an hour
		strings.Replace(plain, `"id":"i1"`, `"id":"i1","instl":1`, 1):                                    {1800, 31 * time.Minute},
		strings.Replace(plain, `"site":{"domain":"news.example.org"}`, `"app":{"bundle":"com.game"}`, 1): {300, 6 * time.Minute},
	} {
		w := newWorld(t)
		w.item("2", nil)
		w.open(money.Unit)
		bids := w.bids(w.post(body))
		if len(bids) != 1 || bids[0].Exp != want.exp {
			t.Errorf("bids %+v, want exp %d", bids, want.exp)
			continue
		}
		if h := w.token(bids[0]).Horizon; h != want.horizon {
			t.Errorf("the horizon is %v, want %v", h, want.horizon)
		}
	}
}
