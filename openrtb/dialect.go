package openrtb

// NoBidStyle is how an exchange wants to hear that there is no bid.
type NoBidStyle uint8

// The styles.
const (
	NoBidNoContent NoBidStyle = iota // 204 without a body
	NoBidReason                      // 200 with the request's id and nbr
	NoBidEmpty                       // 200 with the request's id and no seatbid
)

// Fields are members of a bid that exchanges differ on. What all of them read
// or need is always sent: see NewCreativeWire.
type Fields uint32

// The fields.
const (
	FieldAdID Fields = 1 << iota
	FieldMType
	FieldDuration
	FieldProtocol
	FieldAPI  // one framework
	FieldAPIs // a list of them
	FieldLanguage
	FieldCategoryTaxonomy // cattax; left out for Content 1.0
	FieldImageURL         // iurl: a sample of the creative
	FieldBundle
	FieldExp
	FieldNURL
	FieldBURL
	FieldLURL
	FieldSlotInPod
	FieldBidID // of the response
	fieldsEnd  = iota
)

const allFields Fields = 1<<fieldsEnd - 1

// Has says whether all of these fields are among f.
func (f Fields) Has(fields Fields) bool { return f&fields == fields }

// NativeForm is where an exchange wants native markup.
type NativeForm uint8

// The forms.
const (
	NativeText   NativeForm = iota // adm: a string that holds JSON, as the specification says
	NativeObject                   // adm: JSON
	NativeADM                      // adm_native: JSON
)

// Dialect is how one exchange speaks: what it wants to get, and how it says
// what an impression cost. It is immutable. Which event bills is not of the
// dialect but of the contract; see campaign.Exchange.
type Dialect struct {
	Name    string
	Version string // OpenRTB version of responses to requests that do not name theirs
	NoBid   NoBidStyle
	Fields  Fields

	// CategoryTaxonomy is the taxonomy (cattax) that the exchange reads cat
	// in; creatives that have no categories in it are sent with those of
	// Content 1.0. 0 is 1.
	CategoryTaxonomy int

	Native        NativeForm
	NativeWrapped bool // native markup always in {"native":...}, as 1.0 has it

	PriceMacro string // in notice URLs: "${AUCTION_PRICE}"; Google's is "%%WINNING_PRICE%%"
	Currency   bool   // the exchange fills in ${AUCTION_CURRENCY}
	MinToWin   bool   // it fills in ${AUCTION_MIN_TO_WIN}
	Loss       bool   // it fills in ${AUCTION_LOSS}

	// Gzip says whether responses may be packed for clients that accept it.
	Gzip bool
}

// The presets. Each returns a copy to build on.

// Generic25 is OpenRTB 2.5 by the text.
func Generic25() Dialect {
	return Dialect{
		Name: "generic-2.5", Version: "2.5", PriceMacro: "${AUCTION_PRICE}", Currency: true, Loss: true, Gzip: true,
		Fields: allFields &^ (FieldMType | FieldDuration | FieldAPIs | FieldSlotInPod | FieldCategoryTaxonomy),
	}
}

// Generic26 is OpenRTB 2.6 by the text.
func Generic26() Dialect {
	return Dialect{
		Name: "generic-2.6", Version: "2.6", PriceMacro: "${AUCTION_PRICE}", Currency: true, MinToWin: true, Loss: true, Gzip: true,
		Fields: allFields &^ FieldAPI,
	}
}

// GoogleStyle is what Google's OpenRTB takes: an encrypted price in a macro of
// its own, no content for no bid, billing by the impression URL, no nurl.
func GoogleStyle() Dialect {
	return Dialect{
		Name: "google", Version: "2.5", PriceMacro: "%%WINNING_PRICE%%", Gzip: true,
		Fields: FieldAdID | FieldDuration | FieldProtocol | FieldAPIs | FieldLanguage | FieldBundle | FieldBURL | FieldSlotInPod | FieldMType | FieldExp,
	}
}

// PrebidStyle is what Prebid Server's adapters take: mtype to tell formats
// apart, notices in bid.nurl and bid.burl, no loss notices.
func PrebidStyle() Dialect {
	return Dialect{
		Name: "prebid", Version: "2.6", PriceMacro: "${AUCTION_PRICE}", Currency: true, Gzip: true,
		Fields: allFields &^ (FieldAPI | FieldLURL | FieldBidID),
	}
}

// Dialects returns the presets by name, the default one first.
func Dialects() []Dialect {
	return []Dialect{Generic26(), Generic25(), GoogleStyle(), PrebidStyle()}
}

// DialectByName returns the preset of that name.
func DialectByName(name string) (Dialect, bool) {
	for _, d := range Dialects() {
		if d.Name == name {
			return d, true
		}
	}
	return Dialect{}, false
}

// Queries are what is appended to notice URLs, with the exchange's macros.
// Each says nothing that the exchange would leave as it is.
type Queries struct {
	Win, Billing, Loss, View string
}

// Queries returns the dialect's queries: p is the price, c its currency, m
// the minimum to win, l the loss reason.
func (d *Dialect) Queries() Queries {
	price := "?p=" + d.PriceMacro
	if d.Currency {
		price += "&c=${AUCTION_CURRENCY}" // in HTML, too: the ampersand is safe before "c="
	}
	q := Queries{Win: price, View: price}
	if d.MinToWin {
		q.Win += "&m=${AUCTION_MIN_TO_WIN}"
	}
	q.Billing, q.Loss = q.Win, q.Win
	if d.Loss {
		q.Loss += "&l=${AUCTION_LOSS}"
	}
	return q
}

// QuantityQuery goes behind a query of a bid for an imp that counts for more
// than one impression, or less: an exchange that says so fills this in.
const QuantityQuery = "&q=${AUCTION_MULTIPLIER}"

// AppendNoBid appends the response without bids that the exchange wants.
// False says that it wants none: 204.
func (d *Dialect) AppendNoBid(dst, requestID []byte, reason Reason) ([]byte, bool) {
	switch d.NoBid {
	case NoBidReason:
		return AppendNoBid(dst, requestID, reason), true
	case NoBidEmpty:
		dst = appendQuoted(append(dst, `{"id":`...), requestID)
		return append(dst, `,"seatbid":[]}`...), true
	}
	return dst, false
}

// generic is how responses without a dialect speak.
var generic = Dialect{Name: "generic", Fields: allFields &^ FieldAPI}
