package campaign

import (
	"cmp"
	"slices"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// RateTable says what one unit of a currency is worth in others, from a moment
// on: what a source published at once. Tables are added and never changed: what
// a bid was converted by is what its bill is converted by, whenever that comes.
type RateTable struct {
	ID     uint32    // of tokens, events and bookings; never 0
	Source string    // who says so
	Base   string    // ISO 4217
	Start  time.Time // whole milliseconds
	Quotes []Quote   // what one unit of Base is worth, ascending by currency, each once
}

// Quote is what one unit of a table's base is worth in a currency.
type Quote struct {
	Currency string      `json:"currency"`
	Units    money.Quote `json:"rate"`
}

// Conversion is how one currency becomes another at one moment.
type Conversion struct {
	Table uint32 // 0: both are the same
	Start time.Time
	money.Rate
}

// What a table may hold at most.
const (
	MaxQuotes      = 400 // there are some 180 currencies
	MaxRateSource  = 100
	MaxCurrencies  = 16        // of an exchange, the first apart
	MaxRateTableID = 1<<32 - 1 // tokens carry ids in 32 bits
)

// DefaultRateAge is how old a rate may be to bid by: a source that rests over
// the longest weekend is younger.
const DefaultRateAge = 6 * 24 * time.Hour

// Validate returns what is wrong with the table by itself, as Problems. It does
// not look at the id.
func (t *RateTable) Validate() error {
	c := newCheck()
	c.text("source", t.Source, 1, MaxRateSource)
	c.currency("base", t.Base)
	y := t.Start.Year()
	c.want(y >= minYear && y <= maxYear, "effective_from", "must be in the years %d to %d", minYear, maxYear)
	if c.count("quotes", len(t.Quotes), 1, MaxQuotes) {
		for i, q := range t.Quotes {
			c := c.in("quotes").at(i)
			c.currency("currency", q.Currency)
			c.want(q.Currency != t.Base, "currency", "must not be the base")
			c.want(q.Units > 0 && q.Units <= money.MaxQuote, "rate", "must be a decimal string above 0, at most 1000000, of at most twelve decimals")
			c.want(i == 0 || t.Quotes[i-1].Currency < q.Currency, "currency", "must be there once")
		}
	}
	return c.err()
}

// Sort puts the quotes into their order, as Validate wants it.
func (t *RateTable) Sort() {
	slices.SortFunc(t.Quotes, func(a, b Quote) int { return cmp.Compare(a.Currency, b.Currency) })
}

// units returns what one unit of the base is worth in a currency.
func (t *RateTable) units(currency string) (money.Quote, bool) {
	if currency == t.Base {
		return money.QuoteOne, true
	}
	// Written out: a function value would make every caller's text escape.
	from, to := 0, len(t.Quotes)
	for from < to {
		if m := (from + to) / 2; t.Quotes[m].Currency < currency {
			from = m + 1
		} else {
			to = m
		}
	}
	if from == len(t.Quotes) || t.Quotes[from].Currency != currency {
		return 0, false
	}
	return t.Quotes[from].Units, true
}

// Rate returns the rate from one currency to another, if the table knows both.
func (t *RateTable) Rate(from, to string) (money.Rate, bool) {
	a, ok1 := t.units(from)
	b, ok2 := t.units(to)
	if !ok1 || !ok2 {
		return money.Rate{}, false
	}
	return money.NewRate(a, b), true
}

// RateTables are in the order of Start, then of ids.
type RateTables []RateTable

// With returns the tables with one more. The receiver stays as it is.
func (r RateTables) With(t RateTable) RateTables {
	i, there := slices.BinarySearchFunc(r, t, func(a, b RateTable) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID))
	})
	if there {
		return r
	}
	return slices.Insert(slices.Clone(r), i, t)
}

// At returns how a currency becomes another at a moment: by the newest table in
// effect that knows both, if it is not older than maxAge (0: however old). A
// currency and itself need no table.
func (r RateTables) At(from, to string, now time.Time, maxAge time.Duration) (Conversion, bool) {
	if from == to {
		return Conversion{Rate: money.One()}, true
	}
	for i := len(r) - 1; i >= 0; i-- {
		t := &r[i]
		if t.Start.After(now) {
			continue
		}
		if maxAge > 0 && now.Sub(t.Start) > maxAge {
			break
		}
		if rate, ok := t.Rate(from, to); ok {
			return Conversion{t.ID, t.Start, rate}, true
		}
	}
	return Conversion{}, false
}

// By returns the conversion of a table: what a bid was made by. Table 0 is for
// a currency and itself alone.
func (r RateTables) By(table uint32, from, to string) (Conversion, bool) {
	if table == 0 || from == to {
		return Conversion{Rate: money.One()}, from == to
	}
	for i := len(r) - 1; i >= 0; i-- {
		if t := &r[i]; t.ID == table {
			rate, ok := t.Rate(from, to)
			return Conversion{t.ID, t.Start, rate}, ok
		}
	}
	return Conversion{}, false
}
