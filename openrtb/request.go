package openrtb

import (
	"fmt"
	"log/slog"
	"unsafe"

	"github.com/tangent-dsp/tangent/money"
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
	App  *Publication // set for app inventory; both nil for others (dooh)

	Device  Device
	Consent Consent

	AuctionType        int      // at; 2 when absent, as the specification says; 1 when unreadable: shading costs less than overpaying
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

	// Unread counts the values that were present but could not be read. They
	// disable what depends on them, not the request.
	Unread int

	user rawUser
	mem  memory
}

// Imp is one impression opportunity (section 3.2.4).
type Imp struct {
	ID                            []byte
	TagID                         []byte
	Floor                         money.Nanos // bidfloor, per impression, of FloorCurrency
	FloorBad                      bool        // a floor or its currency was sent and could not be read: do not bid
	BlocksBad                     bool        // a block list or seat list of the imp or request was sent and could not be read: do not bid
	FloorCurrency                 []byte      // bidfloorcur, upper case; empty means USD
	Secure                        bool        // secure=1, or unreadable: HTTPS only
	Interstitial                  bool        // instl=1
	Exp                           int         // exp: seconds from auction to impression, 0 when absent
	Banner                        *Banner     // nil when the imp does not take banners
	HasVideo, HasNative, HasAudio bool
	PrivateAuction                bool   // pmp.private_auction=1, or unreadable: deals only
	Deals                         []Deal // those with an id and a readable floor
}

// Banner is what a banner imp takes (section 3.2.6).
type Banner struct {
	Sizes             []Size // w x h first, then format[]; without zero sizes and w x h again
	BlockedAttributes []int  // battr
	BlockedTypes      []int  // btype
	Position          int    // pos
}

// Size is width and height in CSS pixels.
type Size struct{ W, H int }

// Deal is a private deal on an imp (section 3.2.12).
type Deal struct {
	ID            []byte
	Floor         money.Nanos // per impression, of FloorCurrency
	FloorCurrency []byte      // upper case; empty means USD: a deal does not inherit the imp's
	AuctionType   int         // at; 0 when absent: the request's
}

// Publication is the site or app that the impression is on.
type Publication struct {
	ID          []byte
	Domain      []byte // lower case; a site without one has its page's host
	Bundle      []byte // app only
	Page        []byte // site only
	Categories  [][]byte
	PublisherID []byte
}

// Device is the part of device that a bidder reads (section 3.2.18).
type Device struct {
	Type         int     // devicetype, list "Device Types"; 0 when absent
	Country      [3]byte // geo.country as ISO 3166-1 alpha-3, upper case; alpha-2 is translated; zero when absent
	UserAgent    []byte
	OS           []byte
	Language     []byte
	HasIP        bool // ip or ipv6 was sent; the address itself is personal data and is not kept
	UTCOffset    int  // geo.utcoffset, minutes
	HasUTCOffset bool
}

// Consent is every privacy signal of the request. Where 2.5 and 2.6 place a
// signal differently, 2.6's place wins. Deciding is package audience's.
type Consent struct {
	COPPA       bool   // regs.coppa=1 in either place
	GDPR        int    // regs.gdpr: 1 applies, 0 does not, -1 not said
	TCF         []byte // user.consent
	USPrivacy   []byte // regs.us_privacy
	GPP         []byte // regs.gpp
	GPPSections []int  // regs.gpp_sid
	GPC         bool   // regs.ext.gpc = "1"
	LMT         bool   // device.lmt=1
	DNT         bool   // device.dnt=1
	Unreadable  bool   // a signal was present and could not be read: treat as refused
}

// rawUser holds personal data. Nothing here may be logged, stored or copied
// out but by EachUserID; Request.String and LogValue keep it out of logs.
type rawUser struct {
	buyerUID, id, ifa []byte
	eids              []eid
}

type eid struct{ source, id []byte }

// EachUserID calls visit with every user id in the request and its namespace,
// best first: "buyeruid", "ifa", each eid's source, "user". The namespace,
// too, is only valid until Release. It is the one way
// by which raw ids leave a request. Only package audience may call it, and
// only with a consent permit in hand: a test holds everybody to that.
func (r *Request) EachUserID(visit func(namespace string, id []byte) (more bool)) {
	if u := &r.user; len(u.buyerUID) > 0 && !visit("buyeruid", u.buyerUID) {
		return
	}
	if u := &r.user; len(u.ifa) > 0 && !visit("ifa", u.ifa) {
		return
	}
	for i := range r.user.eids {
		// The decoder keeps no eid without source or id.
		if e := &r.user.eids[i]; !visit(unsafe.String(&e.source[0], len(e.source)), e.id) {
			return
		}
	}
	if u := &r.user; len(u.id) > 0 {
		visit("user", u.id)
	}
}

// HasUserID says whether the request carries any user id, without showing it.
func (r *Request) HasUserID() bool {
	u := &r.user
	return len(u.buyerUID) > 0 || len(u.ifa) > 0 || len(u.id) > 0 || len(u.eids) > 0
}

// String returns a short text that is safe to log: no field of the user, the
// device or the page is in it.
func (r *Request) String() string {
	return fmt.Sprintf("bid request with %d imps", len(r.Imps))
}

// LogValue is String for log handlers that would take a request apart.
func (r *Request) LogValue() slog.Value { return slog.StringValue(r.String()) }
