package demo

import (
	"fmt"
	"time"

	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Campaigns is how many campaigns the advertiser has.
const Campaigns = 50

// zone is the advertiser's; the market day begins at its midnight.
const zone = "America/New_York"

// exchanges are set up as the exchange process plays them: alpha runs
// first-price auctions and bills by burl, beta second-price ones and bills by
// our pixel.
func exchanges() []v1.ExchangeSpec {
	spec := v1.ExchangeSpec{
		Seat: "tangent-demo", Currency: "USD", DefaultTMaxMS: 120, NetworkMarginMS: 10,
		WinDeadlineSeconds: 300, HorizonSeconds: 3600,
	}
	alpha, beta := spec, spec
	alpha.Name, alpha.BillingEvent, alpha.NoBid = "alpha", campaign.BillOnBilling, campaign.NoBidNBR
	beta.Name, beta.BillingEvent, beta.NoBid = "beta", campaign.BillOnImpression, campaign.NoBid204
	return []v1.ExchangeSpec{alpha, beta}
}

// order is one campaign with what belongs to it.
type order struct {
	campaign v1.CampaignSpec
	items    []itemOrder
}

type itemOrder struct {
	item      v1.LineItemSpec
	creatives []v1.CreativeSpec
}

var (
	goods   = []string{"Boots", "Bikes", "Books", "Tents", "Lamps", "Chairs", "Coffee", "Tea", "Toys", "Watches"}
	sizes   = []v1.Size{{W: 300, H: 250}, {W: 320, H: 50}, {W: 728, H: 90}, {W: 160, H: 600}}
	regions = [][]string{nil, {"USA"}, {"DEU", "FRA"}, {"GBR", "USA"}, nil, {"BRA", "IND", "JPN"}}
	hours   = []*v1.Daypart{nil, nil, {From: 7, To: 23}, nil, {From: 12, To: 24}}
	week    = []time.Weekday{0, 1, 2, 3, 4, 5, 6}
)

// orders are the advertiser's campaigns. What differs between them goes by
// their number alone, so that every demo has the same ones. spend is what all
// budgets come to together per day; days is the flight's length.
func orders(spend money.Nanos, start campaign.LocalTime, end campaign.LocalTime, days int) []order {
	all := make([]order, Campaigns)
	for i := range all {
		good := goods[i%len(goods)]
		// Budgets differ by up to seven times; their shares sum to about one.
		daily := spend / Campaigns * money.Nanos(1+i%7) / 4
		budget := v1.Budget{Daily: daily}
		if i%5 == 4 {
			budget = v1.Budget{Lifetime: daily * money.Nanos(days)}
		}
		o := order{campaign: v1.CampaignSpec{
			Name:   fmt.Sprintf("%02d %s", i+1, good),
			Flight: v1.Flight{Start: start, End: end},
			Budget: budget,
		}}
		for n := range 1 + i%2 {
			o.items = append(o.items, newItem(i, n, good, daily))
		}
		all[i] = o
	}
	return all
}

func newItem(i, n int, good string, daily money.Nanos) itemOrder {
	size := sizes[(i+n)%len(sizes)]
	li := v1.LineItemSpec{
		Name:      fmt.Sprintf("%s %dx%d", good, size.W, size.H),
		MaxBidCPM: 12 * money.Unit,
	}
	if i%5 < 3 {
		li.Goal = v1.Goal{Kind: campaign.CPM, Amount: money.Nanos(3+i%6) * money.Unit}
	} else {
		li.Goal = v1.Goal{Kind: campaign.CPC, Amount: money.Nanos(4+i%5) * money.Unit / 4}
		li.ClickRate = 0.003 + 0.001*float64(i%3)
	}
	if n == 1 && i%4 == 1 {
		li.Budget.Daily = daily / 2 // a budget of its own, under its campaign's
	}
	li.Targeting.Countries.Include = regions[i%len(regions)]
	if i%3 == 0 {
		li.Targeting.DeviceTypes.Include = devices(size)
	}
	if h := hours[i%len(hours)]; h != nil {
		li.Targeting.Dayparts = []v1.Daypart{{Days: week, From: h.From, To: h.To}}
	}
	if i%3 == 1 {
		for s := range 12 { // a dozen of the forty segments
			li.Targeting.Segments.Include = append(li.Targeting.Segments.Include, event.SegmentID(1+(i+3*s)%40))
		}
	}
	if i%6 == 4 {
		li.Targeting.Segments.Exclude = []event.SegmentID{event.SegmentID(1 + i%40)}
	}
	if i%4 == 2 {
		li.FrequencyCaps = []v1.FrequencyCap{{Level: campaign.CapCampaign, Impressions: 3, WindowSeconds: 86400}}
	}
	return itemOrder{item: li, creatives: creatives(i, n, good)}
}

// devices are the OpenRTB device types that show a size.
func devices(size v1.Size) []int {
	if size.W == 320 {
		return []int{1, 4, 5} // mobile or tablet, phone, tablet
	}
	return []int{2} // PC
}

// creatives are a banner in each of two sizes.
func creatives(i, n int, good string) []v1.CreativeSpec {
	var specs []v1.CreativeSpec
	for k := range 2 {
		size := sizes[(i+n+k)%len(sizes)]
		specs = append(specs, v1.CreativeSpec{
			Name: fmt.Sprintf("%s %dx%d", good, size.W, size.H),
			Size: size,
			Markup: fmt.Sprintf(`<a href="${CLICK_URL}" target="_blank"><img src="https://static.shop.example.com/%s-%dx%d.png" width="%d" height="%d" alt="%s"></a>`,
				good, size.W, size.H, size.W, size.H, good),
			LandingURL: "https://shop.example.com/" + good,
			Domains:    []string{"shop.example.com"},
			Categories: []string{"IAB22"},
			Attributes: []int{},
			Secure:     true,
		})
	}
	return specs
}
