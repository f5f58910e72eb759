package openrtb

// LossReason is an exchange's word on why a bid lost (list "Loss Reason
// Codes"). Codes from 500 on are the exchange's own.
type LossReason int32

// LossInfo describes a loss reason.
type LossInfo struct {
	Name string // metric label and docs, snake case
	Doc  string // one sentence for operators
}

// exchangeLoss is where the exchange's own codes begin.
const exchangeLoss LossReason = 500

// losses is the table behind every method of LossReason.
var losses = map[LossReason]LossInfo{
	0:   {"won", "the bid won"},
	1:   {"internal_error", "the exchange failed"},
	2:   {"expired", "the impression opportunity expired"},
	3:   {"invalid_response", "the exchange could not read our response"},
	4:   {"invalid_deal", "the bid named a deal that the imp does not have"},
	5:   {"invalid_auction", "the bid named another auction"},
	6:   {"invalid_advertiser_domain", "adomain is not a domain that the exchange takes"},
	7:   {"missing_markup", "the bid had no markup"},
	8:   {"missing_creative", "the bid had no crid"},
	9:   {"missing_price", "the bid had no price"},
	10:  {"missing_approval_data", "the bid lacks what the exchange wants for creative approval"},
	100: {"below_floor", "the bid was below the imp's floor"},
	101: {"below_deal_floor", "the bid was below the deal's floor"},
	102: {"outbid", "another bid was higher"},
	103: {"lost_to_deal", "a bid for a deal went first"},
	104: {"seat_blocked", "our seat is blocked"},
	200: {"creative_refused", "the creative was refused, for a reason not told"},
	201: {"creative_pending", "the creative waits for the exchange's approval"},
	202: {"creative_disapproved", "the exchange disapproved the creative"},
	203: {"creative_size", "the creative's size is not allowed"},
	204: {"creative_format", "the creative's format is not allowed"},
	205: {"creative_advertiser", "the advertiser is blocked"},
	206: {"creative_app_store_id", "the advertised app's store id is blocked"},
	207: {"creative_not_secure", "the creative is not HTTPS"},
	208: {"creative_language", "the creative's language is blocked"},
	209: {"creative_category", "a category of the creative is blocked"},
	210: {"creative_attribute", "an attribute of the creative is blocked"},
	211: {"creative_type", "the ad type is blocked"},
	212: {"creative_animation", "the creative's animation is too long"},
	213: {"creative_deal", "the creative is not allowed in the deal"},
	214: {"creative_skadnetwork", "the creative's SKAdNetwork data is not valid"},
	215: {"creative_app_bundle", "the advertised app's bundle is blocked"},
}

// Info returns the row of the table. Every exchange's own codes share one
// row, and so do those that no list knows, so that the metric stays closed.
func (l LossReason) Info() LossInfo {
	if info, ok := losses[l]; ok {
		return info
	}
	if l >= exchangeLoss {
		return LossInfo{"exchange_specific", "a code of the exchange's own (500 and above)"}
	}
	return LossInfo{"unknown", "a code that no list knows, or none"}
}

// String returns the loss reason's name.
func (l LossReason) String() string { return l.Info().Name }

// Priced says whether a loss may be for the price: another bid was higher, or
// went first, or the exchange did not say. Other bids lost whatever they were.
func (l LossReason) Priced() bool {
	return l <= 0 || l >= 100 && l <= 103 || l >= exchangeLoss
}
