package why

import (
	"slices"
	"testing"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/campaign/catalog"
	"github.com/tangent-dsp/tangent/money"
	"github.com/tangent-dsp/tangent/pacing/ledger"
)

func TestObstacles(t *testing.T) {
	hour := func(h int) campaign.LocalTime { return campaign.LocalTimeOf(noon.Add(time.Duration(h) * time.Hour)) }
	for name, c := range map[string]struct {
		change func(*Facts)
		want   []string // codes; a dash before what is partial
	}{
		"nothing":                {func(*Facts) {}, nil},
		"guard":                  {func(f *Facts) { f.Guard.Stopped = true }, []string{"guard_stopped"}},
		"booking":                {func(f *Facts) { f.Stalled = "it stands still" }, []string{"booking_stalled"}},
		"no bidder, no requests": {func(f *Facts) { f.Bidders, f.Requests = 0, 0 }, []string{"no_bidder", "no_requests"}},
		"no exchange":            {func(f *Facts) { f.Exchanges = nil }, []string{"no_exchange_active"}},
		"exchange paused":        {func(f *Facts) { f.Exchanges[0].Status = campaign.Paused }, []string{"no_exchange_active"}},
		"exchange not targeted": {func(f *Facts) {
			f.LineItem.Targeting.Exchanges.Exclude = append(f.LineItem.Targeting.Exchanges.Exclude, 1)
		}, []string{"no_exchange_targeted"}},
		"dry run": {func(f *Facts) { f.Exchanges[0].DryRun = true }, []string{"dry_run"}},
		"dry run at one of two": {func(f *Facts) {
			f.Exchanges = append(f.Exchanges, campaign.Exchange{ID: 2, Status: campaign.Active})
			f.Exchanges[1].DryRun = true
		}, []string{"-dry_run"}},
		"all paused": {func(f *Facts) {
			f.Advertiser.Status, f.Campaign.Status, f.LineItem.Status = campaign.Paused, campaign.Paused, campaign.Archived
		}, []string{"advertiser_paused", "campaign_paused", "line_item_archived"}},
		"flight to come":    {func(f *Facts) { f.Campaign.Flight.Start = hour(1) }, []string{"flight_not_begun"}},
		"flight begins now": {func(f *Facts) { f.Campaign.Flight.Start = hour(0) }, nil},
		"flight over":       {func(f *Facts) { f.LineItem.Flight.End = hour(0) }, []string{"flight_over"}},
		"no budget":         {func(f *Facts) { f.Campaign.Budget = campaign.Budget{} }, []string{"no_budget"}},
		"balance":           {func(f *Facts) { f.Budgets = []ledger.NodeReport{{Advertiser: 1}} }, []string{"balance_empty"}},
		"balance overdrawn": {func(f *Facts) { f.Budgets = []ledger.NodeReport{{Advertiser: 1, Limit: 5, Booked: 6}} }, []string{"balance_empty"}},
		"today's budget": {func(f *Facts) {
			f.Budgets = []ledger.NodeReport{{Campaign: 1, Daily: true, Period: 20261201, Limit: 5, Booked: 5}}
		}, []string{"daily_budget_used_up"}},
		"yesterday's budget": {func(f *Facts) {
			f.Budgets = []ledger.NodeReport{{Campaign: 1, Daily: true, Period: 20261130, Limit: 5, Booked: 5}}
		}, nil},
		"lifetime budget":  {func(f *Facts) { f.Budgets = []ledger.NodeReport{{LineItem: 1, Limit: 5, Booked: 5}} }, []string{"budget_used_up"}},
		"limit taken away": {func(f *Facts) { f.Budgets = []ledger.NodeReport{{LineItem: 1, Booked: 5}} }, nil},
		"with bidders":     {func(f *Facts) { f.Budgets = []ledger.NodeReport{{LineItem: 1, Limit: 5, Outstanding: 5}} }, nil},
		"no creative":      {func(f *Facts) { f.Creatives[0].Status = campaign.Archived }, []string{"no_creative"}},
		"creative paused":  {func(f *Facts) { f.Creatives[0].Status = campaign.Paused }, []string{"creatives_paused"}},
		"approval wanted":  {func(f *Facts) { f.Exchanges[0].RequiresApproval = true }, []string{"not_approved"}},
		"rejected": {func(f *Facts) {
			f.Creatives[0].Approvals = []campaign.Approval{{ExchangeID: 1, State: campaign.Rejected}}
		}, []string{"not_approved"}},
		"pending, not wanted": {func(f *Facts) {
			f.Creatives[0].Approvals = []campaign.Approval{{ExchangeID: 1, State: campaign.ApprovalPending}}
		}, nil},
		"rejected at one of two": {func(f *Facts) {
			f.Exchanges = append(f.Exchanges, campaign.Exchange{ID: 2, Status: campaign.Active})
			f.Creatives[0].Approvals = []campaign.Approval{{ExchangeID: 1, State: campaign.Rejected}}
		}, []string{"-not_approved"}},
		"daypart": {func(f *Facts) {
			f.LineItem.Targeting.Dayparts = []campaign.Daypart{{Days: []time.Weekday{0}, From: 0, To: 24}}
		}, []string{"-outside_daypart"}},
		"beside a max goal": {func(f *Facts) { f.Open = 7 }, []string{"-mixed_goals"}},
		"bids never win":    {func(f *Facts) { f.Counts.Bids, f.Counts.Lost = 9, 8 }, []string{"-no_wins"}},
		"bids win":          {func(f *Facts) { f.Counts.Bids, f.Counts.Won = 9, 1 }, nil},
		"no win notices":    {func(f *Facts) { f.Counts.Bids, f.Spending.Bookings = 9, 1 }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := Facts{
				Now: noon, Zone: time.UTC, Bidders: 1, Requests: 1, Counts: &catalog.Counts{},
				Exchanges:  []campaign.Exchange{{ID: 1, Name: "alpha", Status: campaign.Active}},
				Advertiser: campaign.Advertiser{ID: 1, Status: campaign.Active},
				Campaign:   campaign.Campaign{ID: 1, Status: campaign.Active, Budget: campaign.Budget{Daily: money.Unit}},
				LineItem:   campaign.LineItem{ID: 1, Status: campaign.Active},
				Creatives:  []campaign.Creative{{ID: 1, Status: campaign.Active}},
			}
			c.change(&f)
			var got []string
			for _, o := range f.Obstacles() {
				code := o.Code
				if o.Partial {
					code = "-" + code
				}
				if got = append(got, code); o.Detail == "" || o.Remedy == "" {
					t.Errorf("%s says not enough: %+v", code, o)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}
