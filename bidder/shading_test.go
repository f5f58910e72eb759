package bidder

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/landscape"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/pacing"
)

// learning makes the world's bidder learn prices from what becomes of its
// bids.
func (w *world) learning() *landscape.Learner {
	l, err := landscape.NewLearner(landscape.Config{})
	if err != nil {
		w.t.Fatal(err)
	}
	if w.holds, err = pacing.NewHolds(pacing.HoldsConfig{Outcome: l.Observe}); err != nil {
		w.t.Fatal(err)
	}
	w.bidder.Holds, w.bidder.Landscape = w.holds, l.Load
	return l
}

// learned makes the bidder know prices about 1 CPM in first-price auctions.
func (w *world) learned() {
	l := w.learning()
	r := rand.New(rand.NewPCG(1, 1))
	for range 5000 {
		l.Exact(landscape.KeyOf(landscape.Context{Exchange: 1, Currency: "USD", Mechanism: landscape.FirstPrice, W: 300, H: 250}), 1e6*math.Exp(r.NormFloat64()/2))
	}
	l.Model(noon)
}

// bid posts a body and returns the bid's price in nanos and its token.
func (w *world) bid(body string) (price float64, token openrtb.Token) {
	w.t.Helper()
	b := w.bids(w.post(body))[0]
	text, _, _ := strings.Cut(strings.TrimPrefix(b.BURL, "https://bid.example.com/n/bill/"), "?")
	if err := w.tokens.Open(openrtb.ForBilling, []byte(text), &token); err != nil {
		w.t.Fatal(err)
	}
	return float64(token.Price), token
}

// request is one of its own.
func request(i, at int) string {
	body := strings.Replace(plain, `"at":1`, fmt.Sprintf(`"at":%d`, at), 1)
	return strings.Replace(body, `"id":"r1"`, fmt.Sprintf(`"id":"r%d"`, i), 1)
}

// Check 8: given a first-price exchange whose prices are even between 0 and 2
// CPM, and an impression worth 2 CPM, when notices tell the least that wins, or
// nothing but who won, then bids fall from the worth towards 1 CPM, where the
// surplus is highest; a control group stays at the worth, and says so in its
// tokens; and in second-price auctions no bid is shaded.
func TestToyCheck08FirstPriceBidsAreShaded(t *testing.T) {
	const worth = 2e6 // nanos per impression
	for _, told := range []bool{true, false} {
		t.Run(fmt.Sprintf("told=%t", told), func(t *testing.T) {
			w := newWorld(t)
			l := w.learning()
			arms, err := landscape.NewShading(landscape.ShadingConfig{Control: 0.01}) // enough of them to count
			if err != nil {
				t.Fatal(err)
			}
			w.bidder.Shading = arms
			id := w.item("2", nil)
			w.open(money.Cap)
			r := rand.New(rand.NewPCG(1, 2))
			seen := map[landscape.Arm]int{}
			var shaded, control float64
			const auctions, last = 4000, 1000
			for i := range auctions {
				bid, token := w.bid(request(i, 1))
				price := r.Float64() * worth
				heard := pacing.Heard{}
				if told {
					heard.MinToWin = money.Nanos(price) + 1
				}
				w.holds.Hear(token.Bid, heard)
				switch arm := landscape.Arm(token.Arm); {
				case token.Landscape == 0:
					t.Fatal("the token has no context")
				case i == 0 && (arm != landscape.ArmNone || bid != worth):
					t.Fatalf("before anything is known the bid is %g, of arm %d", bid, arm)
				case i >= auctions-last:
					seen[arm]++
					if arm == landscape.ArmShaded {
						shaded += bid
					} else if arm == landscape.ArmControl {
						control += bid
					}
				}
				if bid > price {
					w.holds.Settle(pacing.Booked{Bid: token.Bid, Kind: event.KindBilling, Amount: token.CostHeld, Nodes: token.NodePeriods(), FromSlice: []money.Nanos{token.CostHeld}})
				} else if i%2 == 0 { // some losses are told, others presumed
					w.holds.Lost(token.Bid, noon)
				}
				if i%50 == 49 {
					w.holds.Tick(noon.Add(time.Minute))
					l.Model(noon.Add(time.Minute))
				}
			}
			if c := seen[landscape.ArmControl]; c < last/400 || c > last/40 || seen[landscape.ArmShaded] < last*8/10 {
				t.Errorf("of the last %d bids the arms have %v", last, seen)
			}
			if mean := control / float64(seen[landscape.ArmControl]); mean != worth {
				t.Errorf("the control bids %g, want %g", mean, worth)
			}
			if mean := shaded / float64(seen[landscape.ArmShaded]); math.Abs(mean-worth/2) > 0.15*worth/2 {
				t.Errorf("shaded bids are %g on average, want about %g", mean, worth/2)
			}

			if bid, token := w.bid(request(0, 2)); bid != worth || token.Arm != 0 {
				t.Errorf("in a second-price auction the bid is %g, of arm %d", bid, token.Arm)
			}
			counted := map[landscape.Arm]int64{}
			w.bidder.Tally.Take(func(x landscape.Tallied, n int64) {
				if x.LineItem == id && x.Exchange == 1 {
					counted[x.Arm] += n
				}
			})
			if counted[landscape.ArmShaded] < auctions/2 || counted[landscape.ArmControl] == 0 {
				t.Errorf("%v bids are counted", counted)
			}
		})
	}
}

// What an auction is like says whether a bid is shaded: the deal's own type
// first, then the request's; and the exchange's settings may end it.
func TestWhichBidsAreShaded(t *testing.T) {
	for name, c := range map[string]struct {
		body   string
		off    bool
		shaded bool
	}{
		"first price":                          {request(1, 1), false, true},
		"no shading there":                     {request(1, 1), true, false},
		"second price":                         {request(1, 2), false, false},
		"a deal of first price":                {strings.Replace(withDeals(1, `{"id":"d","at":1}`), `"at":1}`, `"at":2}`, 1), false, false},
		"of second price, in one of first":     {withDeals(1, `{"id":"d","at":2}`), false, false},
		"of the request's type":                {withDeals(1, `{"id":"d"}`), false, true},
		"of a fixed price":                     {withDeals(1, `{"id":"d","at":3,"bidfloor":1.5}`), false, false},
		"first price in a request of second":   {strings.TrimSuffix(withDeals(1, `{"id":"d","at":1}`), `"at":1}`) + `"at":2}`, false, true},
		"an exchange's own type is like first": {request(1, 600), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			l := w.learning()
			none, err := landscape.NewShading(landscape.ShadingConfig{Control: -1, Explore: -1})
			if err != nil {
				t.Fatal(err)
			}
			w.bidder.Shading = none
			w.item("2", nil)
			w.changes.Exchanges[0].NoShading = c.off
			w.open(money.Unit)
			// everything that is known is of another exchange: prices of 0.3 CPM
			for range 1000 {
				l.Exact(landscape.KeyOf(landscape.Context{Exchange: 9, Mechanism: landscape.FirstPrice}), 300_000)
			}
			l.Model(noon)
			bid, token := w.bid(c.body)
			if shaded := token.Arm == uint16(landscape.ArmShaded); shaded != c.shaded || shaded != (bid < 1e6) {
				t.Errorf("the bid is %g, of arm %d; shaded should be %t", bid, token.Arm, c.shaded)
			}
		})
	}
}

// Where an exchange takes one bid for an imp, a deal and the open auction are
// compared by what they are worth times how often such bids win.
func TestDealsAgainstOpenBidsByWinRate(t *testing.T) {
	for name, c := range map[string]struct {
		deals, open float64 // prices, of CPM 2 that is bid
		deal        bool
	}{
		"the deal always wins":    {0.5e6, 1.5e6, true},
		"the deal hardly wins":    {1.9e6, 0.3e6, false},
		"nothing known of either": {0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			l := w.learning()
			w.item("2", nil)
			w.open(money.Unit)
			body := strings.TrimSuffix(withDeals(0, `{"id":"d"}`), `"at":1}`) + `"at":2}`
			seen := landscape.Context{Exchange: 1, Currency: "USD", Mechanism: landscape.SecondPrice}
			ofDeals := seen
			ofDeals.Deal = 1
			r := rand.New(rand.NewPCG(1, 1))
			for range 5000 {
				if c.deals > 0 {
					l.Exact(landscape.KeyOf(ofDeals), c.deals*math.Exp(r.NormFloat64()/4))
					l.Exact(landscape.KeyOf(seen), c.open*math.Exp(r.NormFloat64()/4))
				}
			}
			l.Model(noon)
			if _, token := w.bid(body); (token.Deal != 0) != c.deal {
				t.Errorf("the bid is for deal %d", token.Deal)
			}
		})
	}
}
