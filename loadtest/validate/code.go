package validate

// Code is what is wrong, as statistics count it.
type Code string

// The codes. Those of fields are named after them.
const (
	JSON       Code = "json"        // the response is not a JSON object
	ResponseID Code = "response_id" // not the request's
	Currency   Code = "currency"    // cur is not among those asked for
	Seat       Code = "seat"        // not in wseat, or in bseat

	BidID        Code = "bid_id" // none, or used twice
	ImpID        Code = "impid"  // none that the request has
	Duplicate    Code = "duplicate"
	Price        Code = "price" // not a number above zero
	BelowFloor   Code = "below_floor"
	FloorRate    Code = "floor_rate"  // the floor's currency has no rate
	FixedPrice   Code = "fixed_price" // at=3, and not the deal's price
	DealID       Code = "dealid"
	Private      Code = "private_auction"
	DealSeat     Code = "deal_seat"
	DealDomain   Code = "deal_domain"
	CrID         Code = "crid"
	CID          Code = "cid"
	ADomain      Code = "adomain" // none, or not bare
	Cat          Code = "cat"     // left out
	Attr         Code = "attr"    // left out
	AdM          Code = "adm"
	MType        Code = "mtype" // not what the imp takes or adm is
	Size         Code = "size"
	Exp          Code = "exp"
	BAdv         Code = "badv"
	BCat         Code = "bcat"
	ACat         Code = "acat"
	CatTax       Code = "cattax" // categories of another taxonomy than the blocks
	BApp         Code = "bapp"
	BAttr        Code = "battr"
	BType        Code = "btype"
	ExpDir       Code = "expdir"
	WLang        Code = "wlang"
	WLangB       Code = "wlangb"
	Insecure     Code = "secure"
	Macro        Code = "macro" // ours was left, or an unknown one
	NURL         Code = "nurl"
	BURL         Code = "burl"
	LURL         Code = "lurl"
	VAST         Code = "vast"     // not well-formed, or without what it must have
	Duration     Code = "duration" // of the ad, or dur beside it
	Protocol     Code = "protocol"
	MIME         Code = "mime"
	Linearity    Code = "linearity"
	Skip         Code = "skip"
	API          Code = "api"
	Bitrate      Code = "bitrate"
	Boxing       Code = "boxingallowed"
	Delivery     Code = "delivery"
	Pod          Code = "pod"       // longer, or more ads, than the break takes
	Slot         Code = "slotinpod" // not what the imp guarantees, or taken
	Companion    Code = "companion" // beside the ad, and not asked for
	Native       Code = "native"    // not the JSON that it should be
	NativeAsset  Code = "native_asset"
	NativeNeeds  Code = "native_required"
	NativeLength Code = "native_length"
	NativeImage  Code = "native_image"
	NativeLink   Code = "native_link"
	NativeTrack  Code = "native_tracker"
)

// Violation is one thing that is wrong.
type Violation struct {
	Code      Code
	Seat, Bid int    // indexes into seatbid and its bid; -1 for the response
	Detail    string // what was found; without user data
}
