package replay

import (
	"time"

	"github.com/tangent-dsp/tangent/landscape"
)

// offered is a bid, and the context that its outcome tells of.
type offered struct {
	landscape.Quote
	context landscape.Key
}

// offer makes a bid as the bidder does: value to worth, worth to a price.
func (f *flight) offer(b *bidder, a *Auction, at time.Time) (o offered) {
	want := b.bid(a.Value, b.pacer.Load().Of(lineItem), f.rng.Float64())
	worth := landscape.Worth(want, 1, f.maxBid)
	if worth <= 0 {
		return o
	}
	imp := landscape.Imp{Mechanism: landscape.SecondPrice, Worth: worth, Over: want / float64(worth), Shade: f.shade, Draw: f.rng.Uint64()}
	if !f.mechanism.second() {
		imp.Mechanism = landscape.FirstPrice
	}
	if f.learn {
		o.context = landscape.KeyOf(landscape.Context{Exchange: a.Exchange, Place: a.Place, Currency: "USD", Mechanism: imp.Mechanism, Hour: at.Hour()})
		imp.Prices = b.model.Prices(o.context)
	}
	o.Quote = f.shading.Price(imp)
	return o
}
