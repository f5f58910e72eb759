package catalog

import (
	"sync"
	"testing"
	"unsafe"

	"github.com/tangent-dsp/tangent/openrtb"
)

// However many reasons come in whatever order, and from however many
// goroutines, each is counted as often as it came.
func TestTallyCountsEveryReason(t *testing.T) {
	for _, stride := range []int{1, 7, openrtb.ReasonCount - 1} {
		var tally Tally
		var all sync.WaitGroup
		for g := range 8 {
			all.Go(func() {
				for i := range openrtb.ReasonCount {
					why := openrtb.Reason((i*stride + g) % openrtb.ReasonCount)
					for range int(why) % 5 {
						tally.Count(why)
					}
					tally.Sample(why)
				}
			})
		}
		all.Wait()
		tally.Bid()
		tally.Won()
		tally.Lost()
		met := map[openrtb.Reason]int64{}
		for g := range 8 {
			for i := range openrtb.ReasonCount {
				why := openrtb.Reason((i*stride + g) % openrtb.ReasonCount)
				met[why] += 1
			}
		}
		var c Counts
		tally.Read(&c)
		for why := range openrtb.Reason(openrtb.ReasonCount) {
			if want := met[why]; c.Sampled[why] != want || c.Met[why] != want*int64(int(why)%5) {
				t.Fatalf("stride %d: reason %d met %d and sampled %d, want %d times %d", stride, why, c.Met[why], c.Sampled[why], want, int(why)%5)
			}
		}
		if c.Bids != 1 || c.Won != 1 || c.Lost != 1 {
			t.Errorf("%d bids, %d won, %d lost", c.Bids, c.Won, c.Lost)
		}
		tally.Count(openrtb.Outbid)
		tally.Forget(&c)
		tally.Read(&c)
		if c.Sum() != 1 || c.Met[openrtb.Outbid] != 1 {
			t.Errorf("%+v are left", c)
		}
	}
}

// Every line item that is ever looked at has a tally: most meet few reasons.
func TestTallyIsSmallWithFewReasons(t *testing.T) {
	var tally Tally
	for why := range openrtb.Reason(fewReasons) {
		for range 3 {
			tally.Count(why * 5)
			tally.Sample(why * 5)
		}
	}
	if n := unsafe.Sizeof(tally); n > 64 || tally.others.Load() != nil {
		t.Errorf("%d bytes, others %v", n, tally.others.Load() != nil)
	}
}

// BenchmarkTally counts the fourth reason that a line item met.
func BenchmarkTally(b *testing.B) {
	var tally Tally
	for why := range openrtb.Reason(4) {
		tally.Count(why)
	}
	for b.Loop() {
		tally.Count(3)
	}
}
