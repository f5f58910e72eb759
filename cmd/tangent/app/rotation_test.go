package app_test

import (
	"fmt"
	"testing"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// What is seen and clicked comes back as rotation: of two creatives the one
// that is clicked is shown more. A restart forgets nothing and counts nothing
// twice.
func TestRotationLearnsFromClicks(t *testing.T) {
	w := newWorld(t, nil)
	o := w.setUp(v1.Budget{Lifetime: 100 * money.Unit})
	li := w.item(o, 2*money.Unit, func(s *v1.LineItemSpec) { s.Rotation = campaign.RotateOptimised })
	other, err := w.api.Creatives.Create(t.Context(), v1.CreativeSpec{
		LineItemID: li.ID, Name: "better boots", Size: v1.Size{W: 300, H: 250}, Markup: `<a href="${CLICK_URL}">better</a>`,
		LandingURL: "https://example.com/boots", Domains: []string{"example.com"}, Secure: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	better := fmt.Sprint(other.ID)
	w.buy("alpha", request("u", ""))

	// ask auctions requests and returns the bids, by creative.
	auction := func(from, n int, extra string) map[string][]*sold {
		t.Helper()
		bids := map[string][]*sold{}
		for i := range n {
			bid := w.buy("alpha", request(fmt.Sprintf("u%d", from+i), extra))
			bids[bid.CrID] = append(bids[bid.CrID], bid)
			w.tell(bid.LURL, 200)
		}
		return bids
	}
	w.await("both creatives are shown", func() bool { return len(auction(0, 40, "")) == 2 })
	both := auction(0, 40, "") // the second may have come in the midst of the ones before
	if share := len(both[better]); share < 5 || share > 35 {
		t.Fatalf("before anything is known one creative has %d of 40", share)
	}
	tests := auction(0, 40, `,"test":1`)

	// When each is seen, each pixel twice, and one of them is always clicked;
	// and the other is, too, in tests.
	impressions, clicks := 0, 0
	for id, bids := range both {
		for _, bid := range bids {
			w.tell(expand(bid.pixel, "1"), 200)
			w.tell(expand(bid.pixel, "1"), 200)
			impressions++
			if id == better {
				w.tell(bid.click, 302)
				w.tell(bid.click, 302)
				clicks++
			}
		}
	}
	for _, bids := range tests {
		for _, bid := range bids {
			w.tell(expand(bid.pixel, "1"), 200)
			w.tell(bid.click, 302)
		}
	}
	sums := func() (all campaign.Performance) {
		t.Helper()
		known, err := w.app.Keys().Performance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range known {
			all.Impressions += p.Impressions
			all.Clicks += p.Clicks
		}
		return all
	}
	want := campaign.Performance{Impressions: int64(impressions), Clicks: int64(clicks)}
	w.await("everything is counted", func() bool { return sums() == want })

	learned := func() bool { return len(auction(1000, 40, "")[better]) >= 36 }
	w.await("the better creative is shown", learned)

	w.end()
	w.start()
	w.buy("alpha", request("u", ""))
	w.await("the better creative is shown after a restart", learned)
	if got := sums(); got != want {
		t.Errorf("after a restart %+v, want %+v", got, want)
	}
}
