package catalog

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/openrtb"
)

func rateTable(id uint32, at time.Time, quotes ...campaign.Quote) campaign.RateTable {
	return campaign.RateTable{ID: id, Source: "Example Bank", Base: "EUR", Start: at, Quotes: quotes}
}

// Given advertisers that pay in several currencies, when rates arrive, change
// and grow old, then a query has those that can be converted at its moment, and
// a snapshot that was loaded before converts as it did.
func TestCurrenciesOfASnapshot(t *testing.T) {
	market := clock.NewManual(noon)
	c, err := New(Config{Clock: market, MaxRateAge: 48 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	ch := campaign.Changes{Revision: 1, Exchanges: []campaign.Exchange{
		{ID: 1, Name: "north", Status: campaign.Active, Currency: "USD", OtherCurrencies: []string{"EUR"}},
		{ID: 2, Name: "south", Status: campaign.Paused, Currency: "CHF"},
	}}
	for i, currency := range []string{"EUR", "GBP", "USD"} {
		id := int64(i + 1)
		a := anAdvertiser(event.AdvertiserID(id))
		a.Currency = currency
		ch.Advertisers = append(ch.Advertisers, a)
		ch.Campaigns = append(ch.Campaigns, aCampaign(event.CampaignID(id), a.ID))
		ch.LineItems = append(ch.LineItems, aLineItem(event.LineItemID(id), event.CampaignID(id)))
		ch.Creatives = append(ch.Creatives, aCreative(event.CreativeID(id), event.LineItemID(id)))
	}
	apply(t, c, ch)
	before := c.Load()
	expect := func(s *Snapshot, now time.Time, missing, want string) {
		t.Helper()
		all, some := s.AppendCurrencies(nil, "USD", now)
		got := ""
		for _, x := range all {
			got += x.Code + " "
			if x.Factor < x.Float() || x.Code == "USD" && x.Factor != 1 {
				t.Errorf("the factor of %s is %v, its rate %v", x.Code, x.Factor, x.Float())
			}
		}
		if all == nil || got != want || some != (missing != "") {
			t.Errorf("currencies are %q, missing %v; want %q, %q", got, some, want, missing)
		}
	}
	expect(before, noon, "all", "USD ")
	if pairs, missing, _ := before.Rates(noon); pairs != 4 || missing != 4 {
		t.Errorf("%d pairs, %d missing", pairs, missing)
	}

	usd, gbp := campaign.Quote{Currency: "USD", Units: 1_250_000_000_000}, campaign.Quote{Currency: "GBP", Units: 800_000_000_000}
	apply(t, c, campaign.Changes{Revision: 2, RateTables: []campaign.RateTable{
		rateTable(1, noon.Add(-time.Hour), gbp, usd), rateTable(2, noon.Add(time.Hour), campaign.Quote{Currency: "USD", Units: 2 * money.QuoteOne}),
	}})
	now := c.Load()
	if now.Version() != 2 {
		t.Errorf("the version is %d", now.Version())
	}
	expect(before, noon, "all", "USD ")
	expect(now, noon, "", "EUR GBP USD ")
	if pairs, missing, age := now.Rates(noon); pairs != 4 || missing != 0 || age != time.Hour {
		t.Errorf("%d pairs, %d missing, the oldest is of %v", pairs, missing, age)
	}
	for _, x := range []struct {
		at    time.Time
		table uint32
		want  money.Nanos
	}{{noon, 1, 1250}, {noon.Add(time.Hour), 2, 2000}} {
		if got, ok := now.Convert("EUR", "USD", x.at); !ok || got.Table != x.table {
			t.Errorf("at %v it is %+v, %v", x.at, got, ok)
		} else if n, err := got.Down(1000); n != x.want || err != nil {
			t.Errorf("at %v 1000 are %v, %v", x.at, n, err)
		}
	}
	li, _ := now.LineItem(1)
	if n, ok := now.MediaCost(li, 1, "USD", 1251); n != 1001 || !ok {
		t.Errorf("1251 are %d, %v", n, ok)
	}
	if n, ok := now.MediaCost(li, 7, "USD", 1251); ok {
		t.Errorf("by a table that nobody has, 1251 are %d", n)
	}
	expect(now, noon.Add(48*time.Hour), "GBP", "EUR USD ")
	expect(now, noon.Add(50*time.Hour), "EUR GBP", "USD ")

	// when the clock went on and another change comes, then what is too old is forgotten
	market.Advance(48 * time.Hour)
	apply(t, c, campaign.Changes{Revision: 3, RateTables: []campaign.RateTable{rateTable(3, noon.Add(2*time.Hour), usd)}})
	if got := len(c.Load().rates.tables); got != 2 {
		t.Errorf("%d tables are kept", got)
	}
	if got := len(now.rates.tables); got != 2 {
		t.Errorf("an older snapshot has %d tables", got)
	}
}

// A walk over line items of several currencies comes in the order of what they
// are worth in one, and no exact conversion is above the bound.
func TestBoundsHoldAcrossCurrencies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quote := rapid.Int64Range(1, int64(money.MaxQuote))
		rates := rateTable(1, noon, campaign.Quote{Currency: "JPY", Units: money.Quote(quote.Draw(t, "yen"))}, campaign.Quote{Currency: "USD", Units: money.Quote(quote.Draw(t, "dollars"))})
		ch := campaign.Changes{RateTables: []campaign.RateTable{rates}}
		for id := int64(1); id <= 6; id++ {
			a := anAdvertiser(event.AdvertiserID(id))
			a.Currency = rapid.SampledFrom([]string{"EUR", "JPY", "USD"}).Draw(t, "currency")
			li := aLineItem(event.LineItemID(id), event.CampaignID(id))
			li.Goal.Amount = money.Nanos(rapid.Int64Range(1, int64(money.Unit)).Draw(t, "goal"))
			ch.Advertisers = append(ch.Advertisers, a)
			ch.Campaigns = append(ch.Campaigns, aCampaign(event.CampaignID(id), a.ID))
			ch.LineItems = append(ch.LineItems, li)
			ch.Creatives = append(ch.Creatives, aCreative(event.CreativeID(id), li.ID))
		}
		c := newCatalog(t, 0)
		apply(t, c, ch)
		_, q := one()
		q.Currencies, _ = c.Load().AppendCurrencies(nil, "USD", noon)
		if n := len(walkAll(t, c.Load(), &q)); n != 6 {
			t.Fatalf("%d line items were found", n)
		}
		var w Walk
		for c.Load().Walk(&q, &w); ; {
			li, ok := w.Next()
			if !ok {
				break
			}
			worth := money.FromFloat(li.Value)
			price, err := w.Currency().Down(worth)
			if errors.Is(err, money.ErrOverflow) {
				continue
			}
			if err != nil || float64(price) > w.Bound() {
				t.Fatalf("%d %s are %d, %v; the bound is %v", worth, li.Currency, price, err, w.Bound())
			}
		}
		if li, _ := c.Load().LineItem(1); li.Check(&Query{Now: noon, Sizes: q.Sizes, Currencies: []Currency{}}) != openrtb.NoRate {
			t.Fatal("a line item is fit for a query without currencies")
		}
	})
}
