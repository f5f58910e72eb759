package chaos

import (
	"context"
	"fmt"
	"time"

	"github.com/tangent-dsp/tangent/api/client"
	v1 "github.com/tangent-dsp/tangent/api/v1"
	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/store"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// zoneName is the advertisers' time zone.
const zoneName = "Europe/Berlin"

// spendPerRequest is what all campaigns together can spend per bid request,
// as measured, a little less. Budgets are shares of it.
const spendPerRequest = 3000 * money.Micro

// order is a campaign with one line item or more.
type order struct {
	name    string
	budget  v1.Budget
	flight  v1.Flight
	items   []v1.LineItemSpec
	exhaust bool // the traffic can use its budget up
	user    bool // bids for known users only
	euros   bool // of the advertiser who pays in them; what it says is in dollars
}

// traffic is what all campaigns together can spend.
func traffic(cfg *Config) money.Nanos {
	return spendPerRequest * money.Nanos(cfg.Rate*cfg.Duration.Seconds())
}

// orders are the campaigns. Those whose budgets are to be used up pay most,
// and together want less than the first half of the traffic.
func orders(cfg *Config, alpha event.ExchangeID, end campaign.LocalTime) []order {
	all := traffic(cfg)
	item := func(cpm money.Nanos) v1.LineItemSpec {
		return v1.LineItemSpec{Name: "all", MaxBidCPM: cpm, Goal: v1.Goal{Kind: campaign.CPM, Amount: cpm}}
	}
	var list []order
	for i := range 8 { // the budget of one impression, to the nano, where the first price is paid
		li := item(9 * money.Unit)
		li.Targeting.Exchanges = campaign.Only(alpha)
		list = append(list, order{
			name: fmt.Sprintf("one impression %d", i+1), budget: v1.Budget{Lifetime: 9 * money.Unit / 1000}, items: []v1.LineItemSpec{li}, exhaust: true,
		})
	}
	for i := range 5 {
		list = append(list, order{
			name: fmt.Sprintf("small %d", i+1), budget: v1.Budget{Lifetime: all * money.Nanos(3+i) / 100},
			items: []v1.LineItemSpec{item(money.Nanos(60+4*i) * money.Unit / 10)}, exhaust: true, euros: i == 4,
		})
	}
	list = append(list, order{ // of its first day there is traffic for all of it
		name: "daily over midnight", budget: v1.Budget{Daily: all * 6 / 100}, items: []v1.LineItemSpec{item(8 * money.Unit)}, exhaust: true,
	})
	first, second := item(7*money.Unit), item(65*money.Unit/10)
	first.Name, first.Budget = "with a budget", v1.Budget{Lifetime: all * 2 / 100}
	second.Name = "without"
	list = append(list, order{name: "two line items", budget: v1.Budget{Lifetime: all * 5 / 100}, items: []v1.LineItemSpec{first, second}, exhaust: true})

	list = append(list, order{
		name: "paced to the end", budget: v1.Budget{Lifetime: all * 8 / 100}, flight: v1.Flight{End: end}, items: []v1.LineItemSpec{item(5 * money.Unit)},
	})
	// It pays most for a size of its own, so that it always bids.
	capped := item(95 * money.Unit / 10)
	capped.Targeting.Sizes = campaign.Only(v1.Size{W: 160, H: 600})
	capped.FrequencyCaps = []v1.FrequencyCap{{Level: campaign.CapCampaign, Impressions: 100, WindowSeconds: 86400}}
	list = append(list,
		order{name: "known users", budget: v1.Budget{Lifetime: 100 * all}, items: []v1.LineItemSpec{capped}, user: true},
		order{name: "deep", budget: v1.Budget{Lifetime: 100 * all}, items: []v1.LineItemSpec{item(4 * money.Unit)}, euros: true},
	)
	return list
}

// inEuros states an order's amounts in euros.
func (o *order) inEuros() {
	for _, n := range []*money.Nanos{&o.budget.Lifetime, &o.budget.Daily} {
		*n = *n * 4 / 5
	}
	for i := range o.items {
		o.items[i].MaxBidCPM = o.items[i].MaxBidCPM * 4 / 5
		o.items[i].Goal.Amount = o.items[i].Goal.Amount * 4 / 5
	}
}

// sold is a campaign that was set up.
type sold struct {
	order
	id        event.CampaignID
	lineItems []event.LineItemID
}

// setUp makes exchanges, advertisers and campaigns through the API, as any
// client would.
func (w *world) setUp(ctx context.Context) ([]sold, error) {
	key, _, err := w.store.CreateKey(ctx, "chaos", store.RoleAdmin)
	if err != nil {
		return nil, err
	}
	api, err := client.New(client.Config{URL: "http://" + w.control.listen, Key: key})
	if err != nil {
		return nil, err
	}
	var alpha v1.Exchange
	for name, bills := range map[string]campaign.BillingEvent{"alpha": campaign.BillOnBilling, "beta": campaign.BillOnImpression} {
		x, err := api.Exchanges.Create(ctx, v1.ExchangeSpec{
			Name: name, Seat: "seat-1", Currency: "USD", BillingEvent: bills, NoBid: campaign.NoBidNBR,
			DefaultTMaxMS: 200, NetworkMarginMS: 10,
			WinDeadlineSeconds: marketSeconds(w.cfg.horizon() / 5), HorizonSeconds: marketSeconds(w.cfg.horizon()),
		})
		if err != nil {
			return nil, err
		}
		if name == "alpha" {
			alpha = x
		}
	}
	if w.payers, err = w.addPayers(ctx, api); err != nil {
		return nil, err
	}
	zone := w.origin.Location()
	end := campaign.LocalTimeOf(w.origin.Add(w.cfg.Duration * speed).In(zone).Truncate(time.Second))
	var all []sold
	for _, o := range orders(&w.cfg, alpha.ID, end) {
		advertiser := w.payers.dollars
		if o.euros {
			advertiser = w.payers.euros
			o.inEuros()
		}
		c, err := api.Campaigns.Create(ctx, v1.CampaignSpec{AdvertiserID: advertiser, Name: o.name, Budget: o.budget, Flight: o.flight})
		if err != nil {
			return nil, err
		}
		s := sold{order: o, id: c.ID}
		for _, spec := range o.items {
			spec.CampaignID = c.ID
			li, err := api.LineItems.Create(ctx, spec)
			if err != nil {
				return nil, err
			}
			s.lineItems = append(s.lineItems, li.ID)
			if err := creatives(ctx, api, li.ID); err != nil {
				return nil, err
			}
		}
		all = append(all, s)
	}
	return all, nil
}

// creatives makes a banner in every size that the exchange asks for most.
func creatives(ctx context.Context, api *client.Client, parent event.LineItemID) error {
	for _, z := range []v1.Size{{W: 300, H: 250}, {W: 320, H: 50}, {W: 728, H: 90}, {W: 160, H: 600}} {
		_, err := api.Creatives.Create(ctx, v1.CreativeSpec{
			LineItemID: parent, Name: "boots", Size: z, Markup: `<a href="${CLICK_URL}">boots</a>`, LandingURL: "https://example.com/boots",
			Domains: []string{"example.com"}, Categories: []string{"IAB18"}, Attributes: []int{}, Secure: true,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
