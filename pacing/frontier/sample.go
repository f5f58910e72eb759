package frontier

import (
	"github.com/tangent-dsp/tangent/landscape"
)

// Sample is one opportunity of a line item: an imp that it was eligible for and
// scored on. Prices are nanos per impression in the auction's currency. There
// is nothing in it of user, page or request.
type Sample struct {
	At        uint32 // Unix seconds
	Hash      uint32 // of request, imp and line item: who is sampled follows from it
	Level     uint8  // it stands for 2^Level opportunities
	Mechanism landscape.Mechanism
	Shade     bool // first-price bids are shaded there
	Context   landscape.Key

	Value    float32 // before the multiplier, per impression, as parts of what an outcome is worth
	Outcomes float32 // of the goal that are expected, per impression
	Floor    float32 // the least to bid; of a fixed price, the price
	Rival    float32 // what the best other line item here would have bid at most: below it, that one bids
	Quantity float32 // of impressions that it counts for
	Rate     float32 // nanos of the auction's currency that one of the advertiser's is
	// Multiplier is what the line item bid with then, from value to money; 0 is
	// not known.
	Multiplier float32

	// What a showing costs the advertiser, fees and currency included: Fixed and
	// Slope times the price.
	Fixed, Slope float32
}

// Span is how far back samples go. Traffic, prices and users have a day.
const Span = 24

// Hour is what was met and billed in one hour, whoever was sampled.
type Hour struct {
	Hour   int64   `json:"h"`           // Unix hours
	Met    int64   `json:"n,omitempty"` // opportunities
	Worth  int64   `json:"a,omitempty"` // nanos: what these were worth before the multiplier
	Billed int64   `json:"w,omitempty"` // impressions
	Spent  int64   `json:"c,omitempty"` // nanos: what the advertiser pays for them
	Value  float64 `json:"v,omitempty"` // nanos: what they were worth before the multiplier
}
