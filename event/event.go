package event

import (
	"time"

	"github.com/tangent-dsp/tangent/money"
)

// MaxBillAge is how old a bid may be when its bill comes for that to be booked.
// Older ones have expired: they are kept for reconciliation only.
const MaxBillAge = 30 * 24 * time.Hour

// Event is one thing that happened to a bid, as the log keeps it. Times are
// market time in UTC; amounts are per showing, in
// Currency: of one impression, or of as many as the imp counted it for.
type Event struct {
	Kind       Kind
	Bid        BidID
	OccurredAt time.Time // what the sender claims, else ReceivedAt
	ReceivedAt time.Time // when we were told
	IssuedAt   time.Time // when the bid left

	Exchange   ExchangeID
	Advertiser AdvertiserID
	Campaign   CampaignID
	LineItem   LineItemID
	Creative   CreativeID
	ImpIndex   uint8        // position of the imp in the bid request
	Nodes      []NodePeriod // the budgets that the bid holds against

	Currency   string      // three letters, ISO 4217
	BidPrice   money.Nanos // the most that this bid can be billed
	Price      money.Nanos // what the notice said; 0 unless PriceState is PriceOK
	PriceState PriceState
	// Impressions is what the showing counts for, at most what was bid for; 0
	// is one: see Sold.
	Impressions Impressions
	RateID      uint32      // the table of exchange rates that made BidPrice; 0 where the advertiser's currency is Currency
	CostHeld    money.Nanos // what the bid held of each budget, in the advertiser's currency; 0 before it was told

	Test     bool          // the bid was for a test request: nobody sees it, nothing of it counts
	Billable bool          // this kind bills on this exchange, and it is neither test nor audit
	Late     bool          // received beyond the horizon, still booked
	Expired  bool          // received beyond MaxBillAge: not booked
	Horizon  time.Duration // how long after IssuedAt the bid's hold lasts

	UserKey    []byte // kept user key and the uses that a consent permit allows, or nil
	LossReason int32  // OpenRTB list "Loss Reason Codes"; 0 if none was given
	MinToWin   money.Nanos

	CatalogVersion    uint64
	MultiplierVersion uint64
	PredictedValue    float64 // nanos that the impression was predicted to be worth
	Arm               uint16  // how the bid was made of its worth; 0 if it was not shaded
	Landscape         uint64  // the context of its win price; 0 for none

	// Of a conversion alone, whose Currency is the advertiser's.
	Order      []byte      // keyed hash of the advertiser and its order id
	OrderValue money.Nanos // what the order is worth to the advertiser; 0 if it did not say
	Verified   bool        // an authenticated server of the advertiser told it; else any browser may have
	ClickedAt  time.Time   // the click that it came after

	// Unknown holds the protobuf fields and enum values that a newer version
	// wrote, so that passing an event on loses nothing.
	Unknown []byte
}

// Sold returns how many impressions the showing counts for.
func (e *Event) Sold() Impressions {
	if e.Impressions <= 0 {
		return OneImpression
	}
	return e.Impressions
}

// Batch is a run of events of one producer, as the log keeps it.
type Batch struct {
	Sequence    uint64 // the log's number of the last message in this batch; grows, with gaps
	Producer    uint64 // the opening of the log that wrote it, a random number; 0 if several did
	First       uint64 // the producer's number of Events[0], counting from 1; 0 if several wrote it
	Events      []Event
	Redelivered bool   // a consumer may have seen it already; false promises nothing
	Unknown     []byte // protobuf fields of the envelope from a newer version
}
