package openrtb

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/money"
)

// Purpose is what a token is for. Each has keys of its own, so that a token
// that a browser sees cannot be used where money moves, and the news of an
// auction's end cannot be sent where bills go.
type Purpose uint8

// The purposes.
const (
	ForBilling    Purpose = 1 // the billing notice: between the exchange and us
	ForView       Purpose = 2 // the impression pixel
	ForClick      Purpose = 3 // the click redirect
	ForConversion Purpose = 4 // the click id, which goes with a person to the advertiser
	ForAuction    Purpose = 5 // win and loss notices, which also go through pages of some exchanges

	purposes Purpose = 6
)

var purposeNames = [purposes]string{"none", "billing", "view", "click", "conversion", "auction"}

// String returns the purpose's name. It is part of the keys' derivation.
func (p Purpose) String() string {
	if p < purposes {
		return purposeNames[p]
	}
	return purposeNames[0]
}

// The room in a token.
const (
	MaxNodes   = 5  // budgets that a bid holds against
	MaxUserKey = 32 // bytes
)

// Token is all that a notice needs to know about its bid, so that any machine
// can book it without asking another.
type Token struct {
	Bid               event.BidID
	Issued            time.Time // market time when the bid left; whole milliseconds
	Exchange          event.ExchangeID
	Imp               uint8 // index of the imp in its request
	AuctionType       int
	BillingEvent      event.Kind // which notice bills on this exchange
	Test              bool       // never billable
	Advertiser        event.AdvertiserID
	Campaign          event.CampaignID
	LineItem          event.LineItemID
	Creative          event.CreativeID
	Nodes             [MaxNodes]event.NodePeriod // the first NodeCount are set
	NodeCount         int
	Price             money.Nanos // the most that this bid can be billed: per impression, times Quantity
	Quantity          Quantity    // impressions that it counts for
	Currency          [3]byte
	RateID            uint32        // which exchange rate made Price, 0 for none
	CostHeld          money.Nanos   // what was held against each node
	Horizon           time.Duration // a notice is late after it; whole milliseconds
	CatalogVersion    uint64
	MultiplierVersion uint64
	PredictedValue    float64   // nanos per impression
	Landscape         uint64    // the win-price context
	Arm               uint16    // experiment arm
	Deal              uint64    // 0 for the open auction
	Clicked           time.Time // of ForConversion alone: when the person clicked; whole milliseconds
	UserKey           []byte    // kept user key and its uses, at most MaxUserKey bytes; nil for none
}

// NodePeriods returns the budgets that the bid holds against.
func (t *Token) NodePeriods() []event.NodePeriod { return t.Nodes[:t.NodeCount] }

// SetNodePeriods sets the budgets, or returns false when there is no room.
func (t *Token) SetNodePeriods(nodes []event.NodePeriod) bool {
	if len(nodes) > MaxNodes {
		return false
	}
	t.NodeCount = copy(t.Nodes[:], nodes)
	return true
}
