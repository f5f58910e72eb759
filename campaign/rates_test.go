package campaign

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/money"
)

func quote(t *testing.T, currency, units string) Quote {
	t.Helper()
	q, err := money.ParseQuote(units)
	if err != nil {
		t.Fatal(err)
	}
	return Quote{currency, q}
}

// Given tables of several days, when a conversion is asked for, then it is that
// of the newest one in effect that knows both currencies, and is not too old.
func TestRateTablesAt(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }
	var r RateTables
	for _, table := range []RateTable{
		{ID: 3, Source: "b", Base: "USD", Start: day(2), Quotes: []Quote{quote(t, "CHF", "0.9")}},
		{ID: 1, Source: "a", Base: "EUR", Start: day(1), Quotes: []Quote{quote(t, "JPY", "160"), quote(t, "USD", "1.25")}},
		{ID: 2, Source: "a", Base: "EUR", Start: day(3), Quotes: []Quote{quote(t, "USD", "1.20")}},
		{ID: 4, Source: "c", Base: "EUR", Start: day(3), Quotes: []Quote{quote(t, "GBP", "0.8")}},
	} {
		if err := table.Validate(); err != nil {
			t.Fatal(err)
		}
		r = r.With(table).With(table)
	}
	if len(r) != 4 {
		t.Fatalf("there are %d tables", len(r))
	}
	for _, c := range []struct {
		from, to string
		at       time.Time
		table    uint32
		of100    string // what 100 are, rounded down; "" for no conversion
	}{
		{"EUR", "USD", day(1), 1, "125"},
		{"USD", "EUR", day(2), 1, "80"},
		{"EUR", "USD", day(3), 2, "120"},
		{"USD", "EUR", day(3), 2, "83.333333333"},
		{"JPY", "USD", day(3), 1, "0.78125"}, // by the older one, which knows both
		{"USD", "CHF", day(3), 3, "90"},
		{"GBP", "EUR", day(3), 4, "125"},
		{"USD", "USD", day(1), 0, "100"},
		{"XXX", "XXX", day(1), 0, "100"},
		{"EUR", "USD", day(1).Add(-1), 0, ""}, // not yet in effect
		{"GBP", "USD", day(3), 0, ""},         // no table knows both
		{"EUR", "USD", day(5), 2, "120"},
		{"EUR", "USD", day(5).Add(1), 0, ""}, // too old
		{"JPY", "EUR", day(3).Add(1), 0, ""}, // the one that knows it is too old
	} {
		got, ok := r.At(c.from, c.to, c.at, 48*time.Hour)
		n, _ := got.Down(100 * money.Unit)
		if ok != (c.of100 != "") || got.Table != c.table || ok && n.String() != c.of100 {
			t.Errorf("%s to %s at %v: %+v, %v, 100 are %v; want table %d, %q", c.from, c.to, c.at, got, ok, n, c.table, c.of100)
		}
		if !ok {
			continue
		}
		if by, ok := r.By(got.Table, c.from, c.to); !ok || by != got {
			t.Errorf("by table %d: %+v, %v; want %+v", got.Table, by, ok, got)
		}
	}
	if _, ok := r.At("EUR", "USD", day(300), 0); !ok {
		t.Error("there is no rate however old")
	}
	for _, c := range []struct {
		table    uint32
		from, to string
	}{{9, "EUR", "USD"}, {2, "EUR", "GBP"}, {0, "EUR", "USD"}} {
		if got, ok := r.By(c.table, c.from, c.to); ok {
			t.Errorf("table %d converts %s to %s by %+v", c.table, c.from, c.to, got)
		}
	}
}

func TestRateTableValidate(t *testing.T) {
	good := RateTable{Source: "Example Bank", Base: "EUR", Start: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)}
	two := []Quote{quote(t, "CHF", "0.9"), quote(t, "USD", "1.1")}
	for name, c := range map[string]struct {
		change func(*RateTable)
		field  string
	}{
		"good":           {func(*RateTable) {}, ""},
		"no source":      {func(t *RateTable) { t.Source = "" }, "source"},
		"no base":        {func(t *RateTable) { t.Base = "eur" }, "base"},
		"no start":       {func(t *RateTable) { t.Start = time.Time{} }, "effective_from"},
		"no quotes":      {func(t *RateTable) { t.Quotes = nil }, "quotes"},
		"unsorted":       {func(t *RateTable) { t.Quotes = []Quote{two[1], two[0]} }, "quotes[1].currency"},
		"twice":          {func(t *RateTable) { t.Quotes = []Quote{two[0], two[0]} }, "quotes[1].currency"},
		"the base":       {func(t *RateTable) { t.Quotes = []Quote{{"EUR", 1}} }, "quotes[0].currency"},
		"no currency":    {func(t *RateTable) { t.Quotes = []Quote{{"", 1}} }, "quotes[0].currency"},
		"nothing":        {func(t *RateTable) { t.Quotes = []Quote{{"USD", 0}} }, "quotes[0].rate"},
		"below nothing":  {func(t *RateTable) { t.Quotes = []Quote{{"USD", -1}} }, "quotes[0].rate"},
		"more than fits": {func(t *RateTable) { t.Quotes = []Quote{{"USD", money.MaxQuote + 1}} }, "quotes[0].rate"},
	} {
		table := good
		table.Quotes = []Quote{two[1], two[0]}
		table.Sort()
		c.change(&table)
		err := table.Validate()
		var p Problems
		switch {
		case c.field == "":
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		case !errors.As(err, &p) || !strings.HasPrefix(p[0].Field, c.field):
			t.Errorf("%s: %v; want a problem of %s", name, err, c.field)
		}
	}
}
