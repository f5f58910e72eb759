package openrtb

import "github.com/tangent-dsp/tangent/money"

// Imp is one impression opportunity (section 3.2.4). It may take several
// formats; the bid says by its markup type which one it is.
type Imp struct {
	ID                    []byte
	Again                 bool // an imp in front has this id: a bid for one could not be told from one for the other
	TagID                 []byte
	Floor                 money.Nanos // bidfloor, per impression, of FloorCurrency
	FloorBad              bool        // a floor or its currency was sent and could not be read: do not bid
	BlocksBad             bool        // a block list or seat list of the imp or request was sent and could not be read: do not bid
	FloorCurrency         []byte      // bidfloorcur, upper case; empty means USD
	Secure                bool        // secure=1, or unreadable: HTTPS only
	Interstitial          bool        // instl=1
	Rewarded              bool        // rwdd=1, or the like in ext: the user gains from watching
	NativeBrowser         bool        // clickbrowser=1: a click opens the device's browser, not one inside the app
	ServerSideInsertion   int         // ssai: 0 unknown, 1 client, 2 server with the client's tracking, 3 all server
	Exp                   int         // exp: seconds from auction to impression, 0 when absent
	Quantity              float64     // qty.multiplier: how many impressions one showing counts for (DOOH); 1 when absent
	QuantityBad           bool        // qty was sent and could not be read: what an impression costs is not known
	Viewability           float64     // metric "viewability", 0 to 1; -1 when unknown
	DisplayManager        []byte      // displaymanager: the SDK or player that renders
	DisplayManagerVersion []byte      // displaymanagerver: its version
	Banner                *Banner     // nil when the imp does not take banners; likewise the others
	Video                 *Video
	Audio                 *Audio
	Native                *Native
	PrivateAuction        bool   // pmp.private_auction=1, or unreadable: deals only
	Deals                 []Deal // those with an id and a readable floor, of a request's first 1024
}

// Banner is what a banner imp takes (section 3.2.6).
type Banner struct {
	ID                []byte  // of a companion: its name in the video's bid
	Sizes             []Size  // w x h first, then format[]; without zero sizes and w x h again
	Ratios            []Ratio // format[] that give a ratio rather than a size
	MinSize, MaxSize  Size    // wmin x hmin, wmax x hmax of OpenRTB 2.3; 0 where absent
	BlockedAttributes []int   // battr
	BlockedTypes      []int   // btype
	Position          int     // pos, list "Placement Positions"; 0 when unknown
	Mimes             [][]byte
	APIs              []int // api, list "API Frameworks"
	ExpandDirections  []int // expdir
	VCM               int   // of a companion: 0 beside the video, 1 its end card; -1 when absent
	MimesBad          bool  // mimes or api was sent and could not be read
}

// Size is width and height in CSS pixels.
type Size struct{ W, H int }

// Ratio is a size that follows the room there is (section 3.2.10): W by H is
// the ratio, MinWidth the least width in CSS pixels.
type Ratio struct{ W, H, MinWidth int }

// Deal is a private deal on an imp (section 3.2.12).
type Deal struct {
	ID              []byte
	Floor           money.Nanos // per impression, of FloorCurrency
	FloorCurrency   []byte      // upper case; empty means USD: a deal does not inherit the imp's
	AuctionType     int         // at; 0 when absent: the request's
	AllowedSeats    [][]byte    // wseat; empty allows all
	AllowedDomains  [][]byte    // wadomain: bare domains in lower case; empty allows all
	Guaranteed      bool        // guar=1: the deal must be bid on
	MinCPMPerSecond money.Nanos // mincpmpersec, per impression and second, of FloorCurrency
	DurationFloors  []DurationFloor
}

// DurationFloor is the floor of creatives of a duration (section 3.2.35):
// from MinDuration to MaxDuration seconds, 0 where it is open.
type DurationFloor struct {
	MinDuration, MaxDuration int
	Floor                    money.Nanos // per impression, in the currency of the imp or deal
}

// FloorOf returns the floor of a creative of so many seconds in a list of
// duration floors: the highest of those that fit. False says none does.
func FloorOf(floors []DurationFloor, seconds int) (floor money.Nanos, ok bool) {
	for i := range floors {
		f := &floors[i]
		if seconds >= f.MinDuration && (f.MaxDuration == 0 || seconds <= f.MaxDuration) {
			floor, ok = max(floor, f.Floor), true
		}
	}
	return floor, ok
}
