package campaign

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

func sampleAdvertiser() Advertiser {
	return Advertiser{Name: "Example Shoes", Status: Active, TimeZone: "Europe/Berlin", Currency: "EUR"}
}

func sampleCampaign() Campaign {
	return Campaign{AdvertiserID: 1, Name: "Spring", Status: Active, Budget: Budget{Lifetime: 1000 * money.Unit, Daily: 50 * money.Unit},
		Flight: Flight{Start: mustTime("2026-03-01"), End: mustTime("2026-04-01")}}
}

func sampleLineItem() LineItem {
	return LineItem{
		CampaignID: 1, Name: "Runners", Status: Active,
		Goal: Goal{Kind: CPC, Amount: money.Unit / 2}, MaxBidCPM: 4 * money.Unit, ClickRate: 0.002,
		Targeting: Targeting{
			Exchanges: Only(event.ExchangeID(1)), Sizes: Only(Size{300, 250}), DeviceTypes: Only(1, 4),
			Countries: List[string]{Include: []string{"DEU", "AUT"}},
			Sites:     List[string]{Exclude: []string{"news.example.com"}},
			Apps:      List[string]{Include: []string{"com.example.app"}},
			Segments:  List[event.SegmentID]{Include: []event.SegmentID{7}, Exclude: []event.SegmentID{8}},
			Dayparts:  []Daypart{{Days: []time.Weekday{time.Monday, time.Sunday}, From: 8, To: 24}},
		},
		FrequencyCaps: []FrequencyCap{{Level: CapLineItem, Impressions: 3, Window: 24 * time.Hour}},
	}
}

func sampleCreative() Creative {
	return Creative{LineItemID: 1, Name: "Banner", Status: Active, Size: Size{300, 250}, Markup: `<a href="${CLICK_URL}">shoes</a>`,
		LandingURL: "https://shoes.example.com/?from=ad", Domains: []string{"example.com"}, Categories: []string{"IAB18-1"},
		Attributes: []int{1}, Secure: true}
}

func sampleExchange() Exchange {
	return Exchange{Name: "example-exchange", Status: Active, Seat: "seat 1", Currency: "EUR", BillingEvent: BillOnBilling, NoBid: NoBid204,
		DefaultTMax: 120 * time.Millisecond, NetworkMargin: 20 * time.Millisecond, WinDeadline: time.Minute, Horizon: time.Hour}.WithDefaults()
}

func mustTime(s string) LocalTime {
	l, err := ParseLocalTime(s)
	if err != nil {
		panic(err)
	}
	return l
}

// zones are those whose clocks have surprised people: half hours, changes at
// midnight, days left out.
var zones = []string{"UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "America/Havana", "Asia/Kolkata", "Asia/Kathmandu",
	"Australia/Lord_Howe", "Pacific/Apia", "Pacific/Kiritimati", "Asia/Beirut", "America/Scoresbysund", "Africa/Casablanca", "Africa/Cairo"}

func drawZone(t *rapid.T) *time.Location {
	loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// drawInstant is often near a change of clocks.
func drawInstant(t *rapid.T, loc *time.Location) time.Time {
	at := time.Unix(rapid.Int64Range(1577836800, 2208988800).Draw(t, "unix"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")) // 2020 to 2040
	if rapid.Bool().Draw(t, "near change") {
		if _, end := at.In(loc).ZoneBounds(); !end.IsZero() {
			at = end.Add(time.Duration(rapid.Int64Range(-36e11, 36e11).Draw(t, "off"))*4 + time.Duration(rapid.IntRange(-1, 1).Draw(t, "ns")))
		}
	}
	return at
}

func drawLocal(t *rapid.T, label string) LocalTime {
	return LocalTimeOf(time.Unix(rapid.Int64Range(1577836800, 2208988800).Draw(t, label), 0).UTC())
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}
