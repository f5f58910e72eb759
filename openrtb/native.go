package openrtb

// Native is what a native imp takes: its native request, of Dynamic Native
// Ads 1.0, 1.1 or 1.2 (section numbers are of 1.2), and what the imp says
// around it.
type Native struct {
	Version           []byte // of the native request, else of the imp; empty when neither says
	Context           int    // list 7.1: 1 content, 2 social, 3 product
	ContextSubtype    int    // list 7.2
	PlacementType     int    // plcmttype, list 7.3
	PlacementCount    int    // plcmtcnt: identical placements; 1 when absent
	Sequence          int    // seq
	Layout            int    // of 1.0, 0 when absent
	Assets            []Asset
	EventTrackers     []EventTracker
	Privacy           bool  // privacy=1: a privacy link is shown
	AssetsURL         bool  // aurlsupport=1
	DurationURL       bool  // durlsupport=1
	APIs              []int // of the imp
	BlockedAttributes []int // of the imp
	Wrapped           bool  // the request was in {"native":{...}}, as 1.0 had it: the response must be, too

	// Bad says that the request could not be read, or that a restriction in it
	// could not: do not bid this format.
	Bad bool
}

// AssetKind tells the assets apart.
type AssetKind uint8

// The kinds of assets.
const (
	AssetTitle AssetKind = iota + 1
	AssetImage
	AssetVideo
	AssetData
)

// Asset is one part of a native ad (section 4.2). Which fields are set
// depends on Kind.
type Asset struct {
	ID       int
	Required bool // the bid must have it
	Kind     AssetKind
	Type     int   // image: list 7.4, 1 icon, 3 main; data: list 7.5
	Length   int   // title, data: most characters; 0 when absent
	Size     Size  // image: exact; 0 where absent
	MinSize  Size  // image: least; 0 where absent
	Video    Video // video, with all that an imp of video can say
	Mimes    [][]byte
}

// EventTracker is a way to count that the publisher supports (section 4.7).
type EventTracker struct {
	Event   int   // list 7.6: 1 impression, 2 and 3 viewable, 4 video viewable
	Methods []int // list 7.7: 1 image, 2 script
}

// SupportsTracker says whether an event may be counted by a method: it may
// when the request lists it. One that lists none is of 1.0 or 1.1, where
// impressions are counted by images.
func (n *Native) SupportsTracker(event, method int) bool {
	if len(n.EventTrackers) == 0 {
		return event == 1 && method == 1
	}
	for i := range n.EventTrackers {
		t := &n.EventTrackers[i]
		if t.Event != event {
			continue
		}
		for _, m := range t.Methods {
			if m == method {
				return true
			}
		}
	}
	return false
}
