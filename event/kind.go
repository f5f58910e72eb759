package event

// Kind is what happened to a bid. The list is closed: a kind is added here,
// in the protobuf enum of the same numbers, and nowhere else.
type Kind uint8

// The kinds, in the order in which a bid usually meets them.
const (
	KindUnknown    Kind = 0 // from a newer version: kept, not understood
	KindWin        Kind = 1 // win notice: the auction is ours, not yet money
	KindLoss       Kind = 2 // loss notice
	KindBilling    Kind = 3 // billing notice
	KindImpression Kind = 4 // our pixel in the page
	KindClick      Kind = 5 // our click redirect
	KindConversion Kind = 6 // an advertiser told of an order after a click; never money of a budget
)

var kindNames = [...]string{"unknown", "win", "loss", "billing", "impression", "click", "conversion"}

// Kinds returns every known kind.
func Kinds() []Kind {
	return []Kind{KindWin, KindLoss, KindBilling, KindImpression, KindClick, KindConversion}
}

// String returns the kind's name, as metrics and the API spell it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[KindUnknown]
}

// ParseKind returns the kind of a name, or false.
func ParseKind(name string) (Kind, bool) {
	for k, n := range kindNames {
		if n == name && k != 0 {
			return Kind(k), true
		}
	}
	return KindUnknown, false
}
