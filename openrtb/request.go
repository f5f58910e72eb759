package openrtb

import (
	"fmt"
	"log/slog"
)

// Request is what a bidder reads of a bid request. All byte slices point into
// memory that the request owns; they are valid until Release and must not be
// kept or changed. Text is unescaped UTF-8. A field that the exchange did not
// send, or that could not be read, has its zero value unless said otherwise.
// Where a zero value would be the unsafe guess, the safe one is said.
type Request struct {
	ID   []byte
	Imps []Imp

	Site *Publication // set for web inventory
	App  *Publication // set for app inventory
	DOOH *Publication // set for digital out-of-home inventory

	Device  Device
	Consent Consent

	AuctionType        int      // at; 2 when absent, as the specification says; 1 when unreadable: shading costs less than overpaying
	AuctionTypeGiven   bool     // false: what to take it for is the exchange's to say
	TMax               int      // milliseconds, 0 when absent
	Test               bool     // test=1: auctioned, never billable
	Currencies         [][]byte // cur, upper case; empty means USD; when unreadable one empty text, which is no currency
	BlockedCategories  [][]byte // bcat
	AllowedCategories  [][]byte // acat; empty allows all
	CategoryTaxonomy   int      // cattax, of both lists; 1 (IAB Content 1.0) when absent, -1 when unreadable
	BlockedAdvertisers [][]byte // badv: bare domains in lower case
	BlockedApps        [][]byte // bapp
	AllowedSeats       [][]byte // wseat
	BlockedSeats       [][]byte // bseat
	Languages          [][]byte // wlang (ISO 639-1), or wlangb (BCP 47), lower case; empty allows all
	AllImps            bool     // allimps=1: these are all the imps of the page or screen

	SupplyChain *SupplyChain // source.schain; nil when it was not sent

	// Unread counts the values that were present but could not be read. They
	// disable what depends on them, not the request.
	Unread int

	user rawUser
	mem  memory
}

// Consent is every privacy signal of the request. Where 2.5 and 2.6 place a
// signal differently, both places count: the stricter flag, and of two texts
// that differ nobody knows which is meant. Deciding is package audience's.
type Consent struct {
	COPPA       bool   // regs.coppa=1 in either place
	GDPR        int    // regs.gdpr: 1 applies in either place, 0 does not, -1 not said
	TCF         []byte // user.consent
	USPrivacy   []byte // regs.us_privacy
	GPP         []byte // regs.gpp
	GPPSections []int  // regs.gpp_sid
	GPC         bool   // regs.ext.gpc = "1"
	LMT         bool   // device.lmt=1
	DNT         bool   // device.dnt=1
	HasATT      bool   // device.ext.atts was sent
	ATT         int    // device.ext.atts: 0 not determined, 1 restricted, 2 denied, [ATTAuthorized]
	// What exchanges in China pass of its Personal Information Protection Law.
	// No standard names these fields.
	PIPL           bool // regs.ext.pipl=1: the law applies
	HasPIPLConsent bool // user.ext.pipl_consent was sent
	PIPLConsent    bool // user.ext.pipl_consent=1: the user consented
	Unreadable     bool // a signal was present and could not be read: treat as refused
}

// ATTAuthorized is the answer of Apple's App Tracking Transparency that lets an
// app track.
const ATTAuthorized = 3

// String returns a short text that is safe to log: no field of the user, the
// device or the page is in it.
func (r *Request) String() string {
	return fmt.Sprintf("bid request with %d imps", len(r.Imps))
}

// LogValue is String for log handlers that would take a request apart.
func (r *Request) LogValue() slog.Value { return slog.StringValue(r.String()) }
