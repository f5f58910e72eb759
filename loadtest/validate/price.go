package validate

import (
	"encoding/json"
	"math/big"
	"strconv"

	"github.com/prebid/openrtb/v20/openrtb2"
)

// fixed is the auction type in which the deal's floor is the price.
const fixed = 3

// checkPrice holds a bid to the floor that applies to it: the deal's, else the
// one of the ad's duration, else the imp's, and the deal to its own terms
// (sections 3.2.4, 3.2.11, 3.2.12, 3.2.35).
func (c *checker) checkPrice(b *bid, seat string, imp *openrtb2.Imp, seconds int64) {
	price, ok := priceOf(b.Price)
	if !ok {
		c.add(Price, "%s", b.Price)
		return
	}
	floor, currency, floors, perSecond := imp.BidFloor, imp.BidFloorCur, mediaFloors(b, imp), mediaPerSecond(b, imp)
	if b.DealID == "" {
		if imp.PMP != nil && imp.PMP.PrivateAuction == 1 {
			c.add(Private, "a bid without a deal")
			return
		}
	} else {
		d := dealOf(imp, b.DealID)
		if d == nil {
			c.add(DealID, "%q", b.DealID)
			return
		}
		c.checkDeal(d, b, seat)
		// bidfloorcur does not inherit from the imp.
		floor, currency, floors = d.BidFloor, d.BidFloorCur, d.DurFloors
		if d.MinCPMPerSec > 0 {
			perSecond = d.MinCPMPerSec
		}
		if d.AT == fixed {
			c.checkFixed(price, floor, currency)
			return
		}
	}
	least := exact(floor)
	if f := durationFloor(floors, seconds); f != nil {
		least = f
	}
	if s := new(big.Rat).Mul(exact(perSecond), new(big.Rat).SetInt64(seconds)); s.Cmp(least) > 0 {
		least = s
	}
	least, ok = c.convert(least, currency)
	switch {
	case !ok:
		c.add(FloorRate, "no rate from %s to %s", currency, c.currency)
	case price.Cmp(least) < 0:
		c.add(BelowFloor, "%s is below %s %s", price.FloatString(6), least.FloatString(6), c.currency)
	}
}

func (c *checker) checkDeal(d *openrtb2.Deal, b *bid, seat string) {
	if len(d.WSeat) > 0 && !contains(d.WSeat, seat) {
		c.add(DealSeat, "%q", seat)
	}
	if len(d.WADomain) == 0 {
		return
	}
	for _, domain := range b.ADomain {
		if !withinAny(domain, d.WADomain) {
			c.add(DealDomain, "%q", domain)
		}
	}
}

// resolution is the finest price that we tell apart: a millionth per thousand.
var resolution = big.NewRat(1, 1_000_000)

func (c *checker) checkFixed(price *big.Rat, floor float64, currency string) {
	want, ok := c.convert(exact(floor), currency)
	if !ok {
		c.add(FloorRate, "no rate from %s to %s", currency, c.currency)
		return
	}
	if new(big.Rat).Abs(new(big.Rat).Sub(price, want)).Cmp(resolution) > 0 {
		c.add(FixedPrice, "%s is not %s %s", price.FloatString(6), want.FloatString(6), c.currency)
	}
}

// convert turns an amount into the bid's currency. An empty currency is USD.
func (c *checker) convert(amount *big.Rat, currency string) (*big.Rat, bool) {
	if currency == "" {
		currency = "USD"
	}
	if currency == c.currency || amount.Sign() == 0 {
		return amount, true
	}
	from, to := c.options.Rates[currency], c.options.Rates[c.currency]
	if from == nil || to == nil || to.Sign() == 0 {
		return nil, false
	}
	return new(big.Rat).Quo(new(big.Rat).Mul(amount, from), to), true
}

// priceOf reads a price, which must be a JSON number above zero.
func priceOf(text json.RawMessage) (*big.Rat, bool) {
	if len(text) == 0 || text[0] < '0' || text[0] > '9' || len(text) > 30 {
		return nil, false
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || f > 1e9 { // keeps exponents small, too
		return nil, false
	}
	r, ok := new(big.Rat).SetString(string(text))
	return r, ok && r.Sign() > 0
}

// exact returns the decimal number that was written, which a float only holds
// nearly.
func exact(f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok || r.Sign() < 0 {
		return new(big.Rat)
	}
	return r
}

func dealOf(imp *openrtb2.Imp, id string) *openrtb2.Deal {
	if imp.PMP == nil {
		return nil
	}
	for i := range imp.PMP.Deals {
		if imp.PMP.Deals[i].ID == id {
			return &imp.PMP.Deals[i]
		}
	}
	return nil
}

// durationFloor returns the highest floor for the duration, nil if none is.
func durationFloor(floors []openrtb2.DurFloors, seconds int64) (highest *big.Rat) {
	for _, f := range floors {
		if seconds <= 0 || seconds < f.MinDur || f.MaxDur > 0 && seconds > f.MaxDur {
			continue
		}
		if floor := exact(f.BidFloor); highest == nil || floor.Cmp(highest) > 0 {
			highest = floor
		}
	}
	return highest
}

func mediaFloors(b *bid, imp *openrtb2.Imp) []openrtb2.DurFloors {
	if m := mediaOf(formatOf(b, imp), imp); m != nil {
		return m.floors
	}
	return nil
}

func mediaPerSecond(b *bid, imp *openrtb2.Imp) float64 {
	if m := mediaOf(formatOf(b, imp), imp); m != nil {
		return m.perSecond
	}
	return 0
}
