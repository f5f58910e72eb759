package openrtb

// Reason says why Tangent does not bid: on a request, on an imp, or with one
// line item or creative. It is the one closed list that drives the response
// (nbr), the metric label, the delivery funnel and docs/reasons.md.
type Reason uint8

// Scope is how much a reason refuses.
type Scope uint8

// The scopes, widest first.
const (
	ScopeRequest  Scope = iota // the whole bid request
	ScopeImp                   // one impression opportunity
	ScopeLineItem              // one line item for one imp
	ScopeCreative              // one creative of a line item for one imp
)

// The reasons. None is not a refusal.
const (
	None Reason = iota

	// The request.
	UnknownExchange
	Malformed
	TooLarge
	NoImps
	Draining
	Stopped
	Overload
	Throttled
	NoTime
	NoCurrency
	SeatBlocked
	ChainIncomplete
	ChainBlocked
	SellerNotKnown
	SellerUnauthorised
	Crawler
	DataCentre
	Suspicious
	DryRun

	// The imp.
	NoFormat
	FloorUnreadable
	FloorCurrencyUnknown
	BlocksUnreadable
	QuantityUnreadable
	PublicURLInsecure
	ImpRepeated
	DealsOnly
	NoLineItem

	// The line item.
	NotActive
	OutsideFlight
	WrongExchange
	NoRate
	WrongCountry
	WrongDevice
	WrongInventory
	WrongDeal
	WrongPlace
	WrongNetwork
	NotAuthorised
	WrongContent
	WrongKeywords
	WrongPlacement
	OutsideDaypart
	WrongDemographics
	WrongUserData
	UserUnknown
	WrongSegments
	WrongRecency
	FrequencyCapped
	Repeated
	NoPrice
	BelowFloor
	NoMoney
	Outbid
	NotReached

	// The creative.
	WrongSize
	WrongMedia
	WrongDuration
	WrongAssets
	NotSecure
	NotApproved
	BlockedAdvertiser
	BlockedApp
	BlockedCategory
	BlockedAttribute
	BlockedType
	WrongLanguage
	DealDomain

	reasonCount
)

// ReasonCount is how long an array by Reason is, None included.
const ReasonCount = int(reasonCount)

// ReasonInfo describes a reason.
type ReasonInfo struct {
	Name  string // metric label and docs, snake case
	Scope Scope
	NBR   int    // no-bid reason code of the response (list "No-Bid Reason Codes"); 0 is unknown error
	Doc   string // one sentence for operators
}
