package bidder

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// imps is a request with imps of these ids.
func imps(ids ...string) string {
	var all []string
	for _, id := range ids {
		all = append(all, fmt.Sprintf(`{"id":%q,"banner":{"w":300,"h":250},"bidfloor":0.1}`, id))
	}
	return strings.Replace(plain, `[{"id":"i1","banner":{"w":300,"h":250},"bidfloor":0.1}]`, "["+strings.Join(all, ",")+"]", 1)
}

// A bid names its imp by the id alone.
func TestTheSecondImpOfAnIDGetsNoBid(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.item("2", nil)
	w.item("2", nil)
	w.open(money.Unit)
	bids := w.bids(w.post(imps("a", "a", "b")))
	if len(bids) != 2 || bids[0].ImpID != "a" || bids[1].ImpID != "b" {
		t.Errorf("%+v", bids)
	}
	if n := w.count("tangent_bidder_refusals_total", openrtb.ImpRepeated); n != 1 {
		t.Errorf("%v imps are refused", n)
	}
}

// What is beyond the limit costs itself, not the request.
func TestTooManyImpsLeaveTheFirst(t *testing.T) {
	w := newWorld(t)
	w.item("2", nil)
	w.open(money.Unit)
	var ids []string
	for i := range openrtb.DefaultLimits().MaxImps + 1 {
		ids = append(ids, fmt.Sprint("i", i))
	}
	if bids := w.bids(w.post(imps(ids...))); len(bids) != 1 || bids[0].ImpID != "i0" {
		t.Errorf("%+v", bids)
	}
}

// What an imp asks for is never less for being more than a clock can count.
func TestExpiryIsAtMostTheHorizon(t *testing.T) {
	for exp, want := range map[string]int{"30": 30, "3599": 3599, "3601": 3600, "18446744074": 3600, "922337203685477580": 3600} {
		w := newWorld(t)
		w.item("2", nil)
		w.open(money.Unit)
		bids := w.bids(w.post(strings.Replace(plain, `"id":"i1",`, `"id":"i1","exp":`+exp+`,`, 1)))
		if len(bids) != 1 || bids[0].Exp != int64(want) {
			t.Errorf("exp %s: %+v, want %v", exp, bids, time.Duration(want)*time.Second)
		}
	}
}
