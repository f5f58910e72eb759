package catalog

import (
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/money"
)

// Currency is one that advertisers pay in, and what it is worth in the one that
// an auction is held in.
type Currency struct {
	Code   string
	Factor float64 // at least the exact rate: for bounds
	campaign.Conversion
}

// slack makes a factor at least the rate that it stands for, and a bound that
// was multiplied by it at least the exact product: both are off by less than
// one part in 2^52.
const slack = 1 + 1e-12

// rates are the tables that bids may be converted by, and for how long.
type rates struct {
	tables campaign.RateTables
	maxAge time.Duration
}

// addRates takes tables over, and forgets those that are too old to bid by.
func (c *Catalog) addRates(tables []campaign.RateTable) {
	for _, t := range tables {
		c.rates.tables = c.rates.tables.With(t)
	}
	now := c.clock.Now()
	old := func(t campaign.RateTable) bool { return now.Sub(t.Start) > c.rates.maxAge }
	if slices.ContainsFunc(c.rates.tables, old) {
		c.rates.tables = slices.DeleteFunc(slices.Clone(c.rates.tables), old)
	}
}

// Convert returns how an amount in one currency becomes one in another now; no
// rate, or none that is young enough, and there is no conversion: on doubt we
// do not spend. The texts may be pieces of a request.
func (s *Snapshot) Convert(from, to string, now time.Time) (campaign.Conversion, bool) {
	return s.rates.tables.At(from, to, now, s.rates.maxAge)
}

// AppendCurrencies appends the currencies of line items that can be converted
// to the auction's now, for [Query.Currencies], and says whether there are
// others. The result is not nil.
func (s *Snapshot) AppendCurrencies(dst []Currency, auction string, now time.Time) (all []Currency, missing bool) {
	if dst == nil {
		dst = make([]Currency, 0, len(s.currencies))
	}
	for _, code := range s.currencies {
		x, ok := s.Convert(code, auction, now)
		if !ok {
			missing = true
			continue
		}
		factor := 1.0
		if x.Table != 0 {
			factor = x.Float() * slack
		}
		dst = append(dst, Currency{code, factor, x})
	}
	return dst, missing
}

// MediaCost returns what a price that was told of a bid is in the advertiser's
// currency, by the table that the bid was converted by. It is false when table
// or line item have left the catalog.
func (s *Snapshot) MediaCost(li *LineItem, table uint32, currency string, price money.Nanos) (money.Nanos, bool) {
	x, ok := s.rates.tables.By(table, currency, li.Currency)
	if !ok {
		return 0, false
	}
	n, err := x.Up(price)
	return n, err == nil
}

// Rates says how the rates stand that bids need: of how many pairs of an
// advertiser's and an active exchange's currency, and of how many of these
// there is none to bid by; the oldest of the others has the age.
func (s *Snapshot) Rates(now time.Time) (pairs, missing int, oldest time.Duration) {
	seen := map[[2]string]bool{}
	for _, e := range s.byName {
		for _, to := range append([]string{e.Currency}, e.OtherCurrencies...) {
			for _, from := range s.currencies {
				pair := [2]string{from, to}
				if from == to || seen[pair] {
					continue
				}
				seen[pair] = true
				pairs++
				if x, ok := s.Convert(from, to, now); ok {
					oldest = max(oldest, now.Sub(x.Start))
				} else {
					missing++
				}
			}
		}
	}
	return pairs, missing, oldest
}

// setCurrencies notes what the line items of both indexes pay in.
func (s *Snapshot) setCurrencies() {
	s.currencies = nil
	for _, ix := range [...]*index{s.base, s.delta} {
		if ix == nil {
			continue
		}
		for code := range ix.currencies {
			s.currencies = append(s.currencies, code)
		}
	}
	slices.Sort(s.currencies)
	s.currencies = slices.Compact(s.currencies)
}

// CurrencyOf returns the query's currency of a line item, or nil.
func (q *Query) CurrencyOf(li *LineItem) *Currency {
	for i := range q.Currencies {
		if q.Currencies[i].Code == li.Currency {
			return &q.Currencies[i]
		}
	}
	return nil
}
