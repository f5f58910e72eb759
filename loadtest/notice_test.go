package loadtest

import (
	"math"
	"testing"
	"time"

	"github.com/prebid/openrtb/v20/openrtb2"
)

func TestWhatBecomesOfWins(t *testing.T) {
	won := &bid{
		Bid:   openrtb2.Bid{NURL: "http://localhost/w?${AUCTION_PRICE}", BURL: "http://localhost/b?${AUCTION_PRICE}"},
		pixel: "http://localhost/v?${AUCTION_PRICE}", click: "http://localhost/c",
	}
	f := fate{DefaultBehaviour(), 1}
	for _, x := range DefaultExchanges() {
		count, late := map[noticeKind]float64{}, 0.0
		const n = 20_000
		for seq := range uint64(n) {
			r := bidRequest{seq: seq, exchange: &x}
			s := &sale{exchange: x.Name, campaign: "1", price: 1500}
			renders := 0
			for _, p := range f.ofWin(&r, 0, won, s, &macros{price: s.price}) {
				count[p.kind]++
				if p.kind != clickNotice && p.url[len(p.url)-6:] != "0.0015" {
					t.Fatalf("%s: price not expanded in %s", x.Name, p.url)
				}
				if p.renders {
					renders++
				}
				if p.renders && p.delay >= f.LateAfter {
					late++
				}
				if p.delay < 0 || p.kind != clickNotice && p.delay > f.LateUntil {
					t.Fatalf("%s: delay %v", x.Name, p.delay)
				}
			}
			if renders > 1 {
				t.Fatalf("%s: rendered %d times", x.Name, renders)
			}
		}
		want := map[noticeKind]float64{winNotice: 1, pixelNotice: f.Render}
		if x.Billing == BillOnNotice {
			want[billingNotice] = f.Render
		}
		for kind := winNotice; kind < clickNotice; kind++ {
			if got := count[kind] / n; math.Abs(got-want[kind]) > .01 {
				t.Errorf("%s: a share of %v of kind %d, want %v", x.Name, got, kind, want[kind])
			}
		}
		if rate := count[clickNotice] / count[pixelNotice]; rate < .8*f.ClickLow || rate > 1.2*f.ClickHigh {
			t.Errorf("%s: click rate %v", x.Name, rate)
		}
		if got := late / count[pixelNotice]; math.Abs(got-f.Late) > .01 {
			t.Errorf("%s: a share of %v is late, want %v", x.Name, got, f.Late)
		}
	}
}

func TestBackoffGrowsAndStaysBounded(t *testing.T) {
	for attempt := range 100 {
		d := backoff(&notice{order: 9, attempt: attempt})
		if d < 30*time.Millisecond || d > 2500*time.Millisecond || attempt > 8 && d < 1500*time.Millisecond {
			t.Errorf("attempt %d waits %v", attempt, d)
		}
	}
}
