package catalog

import (
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/event"
	"github.com/tangent-dsp/tangent/openrtb"
)

// Query is what targeting may depend on, for one imp. Byte slices are only
// read, and only during the walk and its checks.
type Query struct {
	Now      time.Time        // market time, read once per request
	Exchange event.ExchangeID // who asks
	// Currencies are those that line items may pay in, see
	// [Snapshot.AppendCurrencies]; none if the list is empty, any if it is nil.
	// Bounds of two currencies do not compare, so a walk without it is in an
	// order that means nothing where a catalog holds several.
	Currencies []Currency
	Sizes      []openrtb.Size // what the imp takes
	Country    [3]byte        // ISO 3166-1 alpha-3, upper case; zero when unknown
	DeviceType int            // OpenRTB list "Device Types"; 0 when unknown
	Site       []byte         // the site's domain, any case; empty when there is none
	App        []byte         // the app's bundle, any case; empty when there is none

	// UserKnown says that Segments and Exposures are the whole truth, but for
	// what the user's consent does not open: a line item that targets segments
	// or caps frequency does not bid without.
	UserKnown   bool
	NoSegments  bool // Segments may not be read
	NoExposures bool // Exposures may not be read

	Segments  []event.SegmentID   // ascending
	Exposures []campaign.Exposure // in any order
}
