package scenario

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// recording is what happened at an exchange, whoever bid.
type recording struct {
	bids    []recordedBid // by time
	notices []recordedNotice
}

type recordedBid struct {
	after time.Duration // since the one before
	on    string
	price money.Nanos
}

type recordedNotice struct {
	bid int
	Notice
}

// record draws bids around midnight, and what the exchange says of them: what
// it says of one bid's price is always the same.
func record(rt *rapid.T) (r recording) {
	for range rapid.IntRange(1, 40).Draw(rt, "bids") {
		r.bids = append(r.bids, recordedBid{
			after: time.Duration(rapid.Int64Range(0, int64(20*time.Minute)).Draw(rt, "after")),
			on:    rapid.SampledFrom([]string{"Boots", "Kids", "Socks"}).Draw(rt, "on"),
			price: money.Nanos(rapid.Int64Range(1, 2_500_000).Draw(rt, "price")),
		})
	}
	for i, b := range r.bids {
		price := money.Nanos(rapid.Int64Range(0, 2*int64(b.price)).Draw(rt, "price asked"))
		state := rapid.SampledFrom([]event.PriceState{event.PriceOK, event.PriceOK, event.PriceOK, event.PriceMissing, event.PriceUnexpanded, event.PriceAudit}).Draw(rt, "state")
		for _, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom([]event.Kind{event.KindWin, event.KindLoss, event.KindBilling}), 0, 3, rapid.ID).Draw(rt, "kinds") {
			r.notices = append(r.notices, recordedNotice{i, Notice{Kind: kind, Price: price, State: state, Times: rapid.IntRange(1, 3).Draw(rt, "times")}})
		}
	}
	return r
}

// money is what the recording owes, by the rules alone.
func (r recording) money() (bookings int64, booked, disputed money.Nanos) {
	for _, n := range r.notices {
		if n.Kind != event.KindBilling || n.State == event.PriceAudit {
			continue
		}
		bookings++
		bid := r.bids[n.bid].price
		if n.State != event.PriceOK {
			booked += bid
			continue
		}
		booked += min(bid, n.Price)
		disputed += max(0, n.Price-bid)
	}
	return bookings, booked, disputed
}

// books returns what is booked, by budget and day.
func (r recording) books(ctx context.Context, rt *rapid.T, w *World, bidders int, rng *rand.Rand) map[string]string {
	must := func(err error) {
		if err != nil {
			rt.Helper()
			rt.Fatalf("%d bidders: %v", bidders, err)
		}
	}
	must(w.SetAdvertiser(ctx, "acme", "America/New_York", campaign.Funding{Kind: campaign.Prepaid}))
	if paid, err := w.Pay(ctx, "acme", 950*money.Unit); err != nil || !paid {
		rt.Fatal(err)
	}
	must(w.AddCampaignOf(ctx, "Boots", "acme", campaign.Budget{Daily: 100 * money.Unit, Lifetime: 900 * money.Unit}, 5*money.Unit))
	must(w.AddLine(ctx, "Kids", "Boots", campaign.Budget{Daily: 90 * money.Unit, Lifetime: 900 * money.Unit}, 5*money.Unit)) // five budgets
	must(w.AddCampaign(ctx, "Socks", campaign.Budget{Daily: 80 * money.Unit}, "Europe/Berlin", 5*money.Unit))
	for i := range bidders {
		name := fmt.Sprint("n", i)
		must(w.StartBidder(ctx, name, fmt.Sprint(name, "-", rng.Uint64())))
	}
	anybody := func() string { return fmt.Sprint("n", rng.IntN(bidders)) }
	restart := func() {
		name := anybody()
		as := w.bidders[name].As
		must(w.Kill(name))
		must(w.StartBidder(ctx, name, as))
	}
	deliver := func(all []recordedNotice) {
		for len(all) > 0 {
			batch := all[:1+rng.IntN(len(all))]
			all = all[len(batch):]
			for _, n := range batch {
				n.Via = anybody()
				must(w.Later(fmt.Sprint("b", n.bid), n.Notice))
			}
			must(w.Flush(ctx))
			if rng.IntN(4) == 0 {
				restart()
			}
		}
	}
	waiting := slices.Clone(r.notices)
	rng.Shuffle(len(waiting), func(i, j int) { waiting[i], waiting[j] = waiting[j], waiting[i] })
	for i, b := range r.bids {
		w.Clock.Advance(b.after)
		by := anybody()
		must(w.tick(ctx, w.bidders[by])) // its lease may be over
		if held, err := w.Bid(fmt.Sprint("b", i), b.on, b.price, by); err != nil || !held {
			rt.Fatalf("%d bidders: bid %d of %v at %v was not held (%v): lease %t, accounts %+v", bidders, i, b.price, w.Clock.Now(), err,
				w.bidders[by].Pacer.Ready(), w.bidders[by].Pacer.Holds().Accounts(nil))
		}
		if rng.IntN(8) == 0 { // some of what can come by now
			var now []recordedNotice
			waiting = slices.DeleteFunc(waiting, func(n recordedNotice) bool {
				come := n.bid <= i && rng.IntN(2) == 0
				if come {
					now = append(now, n)
				}
				return come
			})
			deliver(now)
		}
	}
	must(w.Wait(ctx, time.Duration(rng.Int64N(int64(3*time.Hour)))))
	deliver(waiting)
	must(w.Check(ctx))
	reports, err := w.Reports(ctx)
	must(err)
	books := make(map[string]string)
	ids := make(map[event.NodeID]string)
	for _, name := range w.names {
		for i, n := range w.items[name].nodes {
			ids[n] = fmt.Sprint(name, i)
		}
	}
	for np, x := range reports {
		if x.Bookings > 0 {
			books[fmt.Sprint(ids[np.Node], " ", np.Period)] = fmt.Sprint(int64(x.Booked), " ", int64(x.Disputed), " ", x.Bookings, " ", int64(x.Overrun))
		}
	}
	return books
}

// TestSameMoneyWhateverTheFleet: the same bids and notices over 1, 3 and 16
// bidders, in any order and batching and with restarts, book the same money.
func TestSameMoneyWhateverTheFleet(t *testing.T) {
	s := openStore(t)
	ctx := context.Background()
	rapid.Check(t, func(rt *rapid.T) {
		r := record(rt)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "order"), 1))
		bookings, booked, disputed := r.money()
		var first map[string]string
		for _, bidders := range []int{1, 3, 16} {
			w, err := NewWorld(ctx, Config{Store: s, Start: time.Date(2026, 12, 1, 21, 0, 0, 0, time.UTC)})
			if err != nil {
				rt.Fatal(err)
			}
			books := r.books(ctx, rt, w, bidders, rng)
			now, err := totals(ctx, w.Ledger)
			if err != nil {
				rt.Fatal(err)
			}
			before := w.books.before
			if now.Bookings-before.Bookings != bookings || now.Amount-before.Amount != booked || now.Disputed-before.Disputed != disputed || now.Overrun != before.Overrun {
				rt.Fatalf("%d bidders booked %d impressions, %v and disputed %v, overrun %v; want %d, %v and %v", bidders,
					now.Bookings-before.Bookings, now.Amount-before.Amount, now.Disputed-before.Disputed, now.Overrun-before.Overrun, bookings, booked, disputed)
			}
			if first == nil {
				first = books
			} else if !maps.Equal(first, books) {
				rt.Fatalf("one bidder booked %v, %d booked %v", first, bidders, books)
			}
			if err := w.Close(); err != nil {
				rt.Fatal(err)
			}
		}
	})
}
