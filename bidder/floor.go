package bidder

import (
	"math"

	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

// floorOf returns a floor, of an imp or of a deal, in the auction's currency,
// rounded up: a bid of that much reaches it. A floor without a currency is in
// USD. It is false where there is no rate to convert it by.
func (a *auction) floorOf(amount money.Nanos, currency []byte) (money.Nanos, bool) {
	if amount <= 0 {
		return 0, true
	}
	if len(currency) == 0 {
		currency = usd
	}
	x, ok := a.snap.Convert(string(currency), a.currency, a.now)
	if !ok {
		return 0, false
	}
	floor, err := x.Up(amount)
	if err != nil { // more than any price
		return money.Cap, true
	}
	return floor, true
}

var usd = []byte("USD")

// floorFor returns the least that a creative may be bid at: of a duration, the
// deal's or the imp's floor for it, in place of the plain one, and no less
// than what every second costs. It is false where that cannot be converted.
func (a *auction) floorFor(w *way, imp *openrtb.Imp, c *catalog.Creative) (money.Nanos, bool) {
	m := mediaOf(imp, c)
	if m == nil || w.kind == fixedPrice {
		return w.floor, true
	}
	durations, currency := m.DurationFloors, imp.FloorCurrency
	perSecond, perCurrency := m.MinCPMPerSecond, imp.FloorCurrency
	if d := w.deal; d != nil {
		durations, currency = d.DurationFloors, d.FloorCurrency
		if d.MinCPMPerSecond > 0 {
			perSecond, perCurrency = d.MinCPMPerSecond, d.FloorCurrency
		}
	}
	floor := w.floor
	if f, fits := openrtb.FloorOf(durations, c.Seconds); fits {
		var ok bool
		if floor, ok = a.floorOf(f, currency); !ok {
			return 0, false
		}
	}
	if perSecond <= 0 {
		return floor, true
	}
	if int64(perSecond) > math.MaxInt64/int64(max(c.Seconds, 1)) {
		return money.Cap, true
	}
	f, ok := a.floorOf(perSecond*money.Nanos(c.Seconds), perCurrency)
	return max(floor, f), ok
}

// leastFloor returns the lowest that floorFor may be, whatever the creative.
func (a *auction) leastFloor(w *way, imp *openrtb.Imp) money.Nanos {
	least := w.floor
	if w.kind == fixedPrice {
		return least
	}
	take := func(durations []openrtb.DurationFloor, currency []byte) {
		for i := range durations {
			if f, ok := a.floorOf(durations[i].Floor, currency); ok {
				least = min(least, f)
			}
		}
	}
	switch {
	case w.deal != nil:
		take(w.deal.DurationFloors, w.deal.FloorCurrency)
	default:
		if imp.Video != nil {
			take(imp.Video.DurationFloors, imp.FloorCurrency)
		}
		if imp.Audio != nil {
			take(imp.Audio.DurationFloors, imp.FloorCurrency)
		}
	}
	return least
}
