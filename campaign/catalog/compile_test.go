package catalog

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/clock"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// TestUnfitLineItemsStayOut: on doubt a line item does not bid, and the
// others do.
func TestUnfitLineItemsStayOut(t *testing.T) {
	for name, spoil := range map[string]func(*campaign.Changes){
		"budget without a node":   func(ch *campaign.Changes) { ch.LineItems[0].Budget.Daily = money.Unit },
		"campaign without budget": func(ch *campaign.Changes) { ch.Campaigns[0].Budget = campaign.Budget{} },
		"no such zone":            func(ch *campaign.Changes) { ch.Advertisers[0].TimeZone = "Europe/Nowhere" },
		"no zone":                 func(ch *campaign.Changes) { ch.Advertisers[0].TimeZone = "" },
		"no currency":             func(ch *campaign.Changes) { ch.Advertisers[0].Currency = "" },
		"no goal":                 func(ch *campaign.Changes) { ch.LineItems[0].Goal.Kind = "reach" },
		"cpc without click rate":  func(ch *campaign.Changes) { ch.LineItems[0].Goal.Kind = campaign.CPC },
		"roas without return": func(ch *campaign.Changes) {
			li := &ch.LineItems[0]
			li.Goal, li.ConversionRate, li.ConversionRatePer, li.OrderValue = campaign.Goal{Kind: campaign.ROAS}, 0.1, campaign.PerImpression, money.Unit
		},
		"clicks without a rate": func(ch *campaign.Changes) { ch.LineItems[0].Goal = campaign.Goal{Kind: campaign.MaxClicks} },
		"no maximum bid":        func(ch *campaign.Changes) { ch.LineItems[0].MaxBidCPM = 0 },
		"no campaign":           func(ch *campaign.Changes) { ch.Campaigns = nil },
		"no such device":        func(ch *campaign.Changes) { ch.LineItems[0].Targeting.DeviceTypes.Include = []int{64} },
		"no such country":       func(ch *campaign.Changes) { ch.LineItems[0].Targeting.Countries.Exclude = []string{"DE"} },
	} {
		t.Run(name, func(t *testing.T) {
			all, q := one()
			spoil(&all)
			all.Advertisers = append(all.Advertisers, anAdvertiser(2))
			all.Campaigns = append(all.Campaigns, aCampaign(2, 2))
			all.LineItems = append(all.LineItems, aLineItem(2, 2))
			all.Creatives = append(all.Creatives, aCreative(2, 2))
			c := newCatalog(t, 0)
			err := c.Apply(all)
			if err == nil || !strings.Contains(err.Error(), "line item 1") {
				t.Errorf("the error does not name line item 1: %v", err)
			}
			if got := walkAll(t, c.Load(), &q); !slices.Equal(got, []event.LineItemID{2}) {
				t.Errorf("%v bid, want 2", got)
			}
			// when it is mended, then it bids
			good, _ := one()
			apply(t, c, good)
			if got := walkAll(t, c.Load(), &q); len(got) != 2 {
				t.Errorf("%v bid after it was mended", got)
			}
		})
	}
}

func TestABrokenCreativeLeavesTheOthers(t *testing.T) {
	all, q := one()
	bad := aCreative(2, 1)
	bad.Markup = ""
	all.Creatives = append(all.Creatives, bad)
	c := newCatalog(t, 0)
	if err := c.Apply(all); err == nil || !strings.Contains(err.Error(), "creative 2") {
		t.Errorf("the error does not name creative 2: %v", err)
	}
	if got := walkAll(t, c.Load(), &q); len(got) != 1 {
		t.Errorf("%v bid, want the line item with its good creative", got)
	}
}

func TestValueIsWhatAnImpressionIsWorth(t *testing.T) {
	for _, c := range []struct {
		goal    campaign.Goal
		rate    float64
		maxCPM  money.Nanos
		value   float64
		highest money.Nanos
	}{
		{campaign.Goal{Kind: campaign.CPM, Amount: 2 * money.Unit}, 0, 5 * money.Unit, 2e6, 5e6},
		{campaign.Goal{Kind: campaign.CPM, Amount: 9 * money.Unit}, 0, 5 * money.Unit, 5e6, 5e6},
		{campaign.Goal{Kind: campaign.CPC, Amount: money.Unit}, 0.002, 5 * money.Unit, 2e6, 5e6},
		{campaign.Goal{Kind: campaign.CPM, Amount: 9 * money.Unit}, 0, 1999, 1, 1}, // never rounded up
	} {
		all, _ := one()
		d := &all.LineItems[0]
		d.Goal, d.ClickRate, d.MaxBidCPM = c.goal, c.rate, c.maxCPM
		cat := newCatalog(t, 0)
		apply(t, cat, all)
		li, _ := cat.Load().LineItem(1)
		if li.Value != c.value || li.Bound < li.Value || li.MaxBid != c.highest {
			t.Errorf("%+v: value %v, bound %v, max bid %v", c, li.Value, li.Bound, li.MaxBid)
		}
	}
}

// TestNodePeriodsAreTheAdvertisersDays, around midnight and where clocks
// change.
func TestNodePeriodsAreTheAdvertisersDays(t *testing.T) {
	all, _ := one()
	all.LineItems[0].Budget = campaign.Budget{Daily: 1, DailyNode: 1, Lifetime: 1, LifetimeNode: 2}
	all.Campaigns[0].Budget = campaign.Budget{Daily: 1, DailyNode: 3, Lifetime: 1, LifetimeNode: 4}
	all.Campaigns[0].Flight = campaign.Flight{Start: local("2026-01-01"), End: local("2027-01-01")}
	c := newCatalog(t, 0)
	apply(t, c, all)
	li, _ := c.Load().LineItem(1)
	for at, day := range map[string]event.Period{
		"2026-12-02T22:59:59Z": 20261202, "2026-12-02T23:00:00Z": 20261203, // Berlin is an hour ahead
		"2026-03-29T00:59:59Z": 20260329, "2026-06-30T22:00:00Z": 20260701, "2026-06-30T21:59:59Z": 20260630,
		"2026-10-24T22:00:00Z": 20261025, "2026-10-25T22:59:59Z": 20261025, "2026-10-25T23:00:00Z": 20261026,
		"1969-12-31T23:00:00Z": 19700101,
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		want := []event.NodePeriod{{Node: 1, Period: day}, {Node: 2}, {Node: 3, Period: day}, {Node: 4}}
		if got := li.AppendNodePeriods(nil, now); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", at, got, want)
		}
	}
	if b := li.Budgets[2]; !b.Daily || b.Start.IsZero() || b.End.Sub(b.Start) != 365*24*time.Hour {
		t.Errorf("the campaign's budget has the flight %v to %v", b.Start, b.End)
	}
}

// TestDaysAndHoursEqualPackageTime compares the arithmetic with time's own.
func TestDaysAndHoursEqualPackageTime(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"} {
		a := campaign.Advertiser{TimeZone: name}
		loc, err := a.Location()
		if err != nil {
			t.Fatal(err)
		}
		z := &zone{loc: loc}
		for at := time.Date(1965, 1, 1, 0, 29, 59, 0, time.UTC); at.Year() < 2030; at = at.Add(7*time.Hour + 13*time.Minute) {
			l := at.In(loc)
			if got, want := z.day(at.Unix()), campaign.PeriodOf(at, loc); got != want {
				t.Fatalf("%s %v: day %d, want %d", name, at, got, want)
			}
			if got, want := z.hourOfWeek(at.Unix()), uint(int(l.Weekday())*24+l.Hour()); got != want {
				t.Fatalf("%s %v: hour %d, want %d", name, at, got, want)
			}
		}
	}
}

func TestEndedFlightsLeaveTheMask(t *testing.T) {
	all, q := one()
	all.LineItems[0].Flight.End = local("2026-12-03")
	market := clock.NewManual(noon)
	c, err := New(Config{Clock: market})
	if err != nil {
		t.Fatal(err)
	}
	apply(t, c, all)
	walked := func() bool {
		var w Walk
		c.Load().Walk(&q, &w)
		_, ok := w.Next()
		return ok
	}
	if !walked() {
		t.Fatal("it is not walked during its flight")
	}
	market.Advance(24 * time.Hour)
	apply(t, c, campaign.Changes{})
	if !walked() {
		t.Fatal("it left at once: a query that is a little behind would miss it")
	}
	market.Advance(24 * time.Hour)
	apply(t, c, campaign.Changes{})
	if walked() {
		t.Fatal("it is walked for ever")
	}
	// when the flight is extended, then it is back
	all.LineItems[0].Flight.End = local("2026-12-31")
	apply(t, c, campaign.Changes{LineItems: all.LineItems})
	if !walked() {
		t.Fatal("it does not come back")
	}
}

func TestStaleChangesAreRefused(t *testing.T) {
	all, _ := one()
	c := newCatalog(t, 0)
	all.Revision = 7
	apply(t, c, all)
	all.Revision = 6
	if err := c.Apply(all); !errors.Is(err, ErrStale) {
		t.Fatalf("got %v, want ErrStale", err)
	}
	if c.Load().Version() < 7 || c.Revision() != 7 {
		t.Fatalf("version %d, revision %d", c.Load().Version(), c.Revision())
	}
}

// TestChangesMayComeInAnyOrder: children before their parents.
func TestChangesMayComeInAnyOrder(t *testing.T) {
	all, q := one()
	c := newCatalog(t, 0)
	apply(t, c, campaign.Changes{Creatives: all.Creatives})
	_ = c.Apply(campaign.Changes{LineItems: all.LineItems}) // says that it is incomplete
	_ = c.Apply(campaign.Changes{Campaigns: all.Campaigns})
	apply(t, c, campaign.Changes{Advertisers: all.Advertisers})
	if got := walkAll(t, c.Load(), &q); len(got) != 1 {
		t.Fatalf("%v bid, want the line item", got)
	}
}

func TestExchangesByNameAreActive(t *testing.T) {
	c := newCatalog(t, 0)
	ex := campaign.Exchange{ID: 3, Name: "north", Status: campaign.Active, Currency: "USD"}
	apply(t, c, campaign.Changes{Exchanges: []campaign.Exchange{ex}})
	if e, ok := c.Load().Exchange([]byte("north")); !ok || e.ID != 3 || e.Currency != "USD" {
		t.Fatalf("got %+v, %v", e, ok)
	}
	ex.Status = campaign.Paused
	apply(t, c, campaign.Changes{Exchanges: []campaign.Exchange{ex}})
	if _, ok := c.Load().Exchange([]byte("north")); ok {
		t.Fatal("a paused exchange is found by name")
	}
	if e, ok := c.Load().ExchangeByID(3); !ok || e.Status != campaign.Paused {
		t.Fatal("notices of a paused exchange are not known any more")
	}
}
