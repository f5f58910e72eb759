package catalog

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// LineItem is a line item as bidders read it: compiled from its campaign, its
// advertiser and its creatives, never changed afterwards. Hundreds of thousands
// are in memory, so what many of them say alike is apart, and shared.
type LineItem struct {
	own
	*schedule // nil until it is compiled
	*house
	ID event.LineItemID
	// Bound is at least as much as any bid for the line item, in nanos per
	// impression of its own currency, while multipliers stay at most 1. Walks
	// are in its order, converted: see [Walk.Bound].
	Bound     float64
	Creatives []Creative // paused ones included, archived ones not

	live  *liveness
	tally *tallyRef
}

// own is what a line item itself says, of which versions are made.
type own struct {
	*terms
	ClickRate float64 // clicks per impression; 0 when not configured
	// Worth is what one outcome of the goal is worth, in nanos: an impression,
	// a click, an order, or a nano of order value. Of a goal without an amount
	// it is so much that lambda alone says what is bid.
	Worth float64
	// Value is what an impression is worth before the multiplier, by the
	// configured rates: nanos per impression, at most MaxBid.
	Value float64
	// Most is at least as much as its modifiers can make of Value where nothing
	// is capped by MaxBid.
	Most      float64
	MaxBid    money.Nanos      // per impression
	Outcome   campaign.Outcome // that its goal counts
	NeedsUser bool             // segments, recency, frequency caps or curve: no bid unless the user is known

	rules rules
}

// terms is what few line items have of their own, or many alike.
type terms struct {
	OrderRate   float64         // orders per impression; 0 when not configured
	OrderValue  money.Nanos     // of an order on average; 0 when not configured
	Limits      campaign.Limits // on what outcomes cost, fees included
	MinDelivery float64         // share of the innermost budget to spend though limits would hold it back
	// CostLimit is what may be spent at most per nano of value, fees included,
	// by the tightest of Limits and the configured rates; 0 for no limit. Value
	// is outcomes times Worth.
	CostLimit float64
	Rotation  campaign.Rotation
	Caps      []campaign.FrequencyCap
	Dayparts  []campaign.Daypart // in Location; none is always
	BySize    bool               // its value depends on the banner's size: see Query.Size

	modifiers []modifier
	curve     campaign.FrequencyCurve
	formats   campaign.List[campaign.Format] // which creatives it shows
	sizes     campaign.List[campaign.Size]   // and which banners
	flight    campaign.Flight                // narrows the campaign's
	budget    campaign.Budget                // beside the campaign's
}

var noTerms terms // of most

// schedule is when a line item may bid and what of: its campaign's, unless it
// has a flight or a budget of its own.
type schedule struct {
	Campaign event.CampaignID
	// Start and End are the flight, the campaign's narrowed by its own. Start
	// is included, End is not; a zero time is an open bound.
	Start, End time.Time
	Budgets    []Budget // innermost first: see AppendNodePeriods

	start, end int64 // Unix seconds of the flight; extreme when open
}

// house is what is the advertiser's.
type house struct {
	Advertiser event.AdvertiserID
	Currency   string // of every amount of its line items

	fees campaign.FeeRules
	zone *zone
}

// Budget is one budget node on a line item's path.
type Budget struct {
	Node   event.NodeID
	Amount money.Nanos // per day, or for the flight
	Daily  bool        // else for the flight
	Pace   campaign.Pace
	// Balance says that it is the advertiser's funding. Payments move it, so
	// its amount is the ledger's to say, and 0 here.
	Balance bool
	// Start and End are the flight of the budget's owner, which may be wider
	// than the line item's. A zero time is an open bound.
	Start, End time.Time
}

// MaxBudgets is how many budgets a line item has at most: its own and its
// campaign's, each daily and lifetime, and its advertiser's balance.
const MaxBudgets = 5

func (li *LineItem) owners() campaign.Owners {
	return campaign.Owners{LineItem: li.ID, Campaign: li.Campaign, Advertiser: li.Advertiser}
}

// AppendNodePeriods appends the budgets that a bid leaving now is held
// against, innermost first: the line item's day, its lifetime, its campaign's
// day, its campaign's lifetime, its advertiser's balance, those that exist. Days are the advertiser's.
func (li *LineItem) AppendNodePeriods(dst []event.NodePeriod, now time.Time) []event.NodePeriod {
	var day event.Period
	for i := range li.Budgets {
		b := &li.Budgets[i]
		period := event.Lifetime
		if b.Daily {
			if day == 0 {
				day = li.zone.day(now.Unix())
			}
			period = day
		}
		dst = append(dst, event.NodePeriod{Node: b.Node, Period: period})
	}
	return dst
}

// Cost returns what the advertiser pays for a showing that is billed at a price,
// counts for so many impressions, and whose bid leaves now: budgets bear it.
func (li *LineItem) Cost(price money.Nanos, sold event.Impressions, now time.Time) money.Nanos {
	return li.fees.Cost(price, sold, now)
}

// MostCost returns the most that an impression can cost, whatever rule about
// fees is in effect.
func (li *LineItem) MostCost() money.Nanos { return li.fees.Most(li.MaxBid) }

// Location returns the advertiser's time zone.
func (li *LineItem) Location() *time.Location { return li.zone.loc }

// Paused says whether the line item, its campaign or its advertiser is paused
// or archived at this moment, by status or by switch.
func (li *LineItem) Paused() bool { return li.live.bits.Load() != 0 }

// Creative returns the creative of that id.
func (li *LineItem) Creative(id event.CreativeID) (*Creative, bool) {
	for i := range li.Creatives {
		if li.Creatives[i].ID == id {
			return &li.Creatives[i], true
		}
	}
	return nil, false
}
