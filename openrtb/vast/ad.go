package vast

import "time"

// Version is a version of VAST: major and minor digit, 42 for 4.2.
type Version int

// The versions that can be written.
const (
	V20 Version = 20
	V30 Version = 30
	V40 Version = 40
	V41 Version = 41
	V42 Version = 42
	V43 Version = 43
)

// Macros in URLs, see openrtb.Markup.
const (
	ClickURL    = "${CLICK_URL}"
	PixelURL    = "${PIXEL_URL}"
	CacheBuster = "${CACHEBUSTER}"
)

// Ad is one linear ad. URLs are absolute http or https, or a macro.
type Ad struct {
	Version     Version
	ID          string // of the ad and its creative
	Title       string
	Description string // left out when empty
	Advertiser  string // its name; from 3.0, left out when empty
	Audio       bool   // the linear is heard, not seen

	// TagURL makes the ad a wrapper around the VAST at that URL. A wrapper has
	// no media files and no duration: they are the wrapped ad's.
	TagURL string

	Duration  time.Duration // of the media files, whole milliseconds
	Skippable bool          // from 3.0, and not for wrappers
	SkipAfter time.Duration // when a skippable ad may be skipped, whole milliseconds
	Media     []Media       // at least one unless a wrapper
	// Interactive is what a player that knows its framework runs beside the
	// media; others pass over it. From 4.1.
	Interactive []Interactive

	// LandingURL is where a click leads; empty for our redirect.
	LandingURL    string
	ClickTracking []string
	Impressions   []string // beside our pixel
	Error         string   // called when the ad cannot be played; may hold [ERRORCODE]
	Tracking      []Tracking
	Companions    []Companion

	Verifications []Verification // from 4.1
	UniversalID   UniversalID    // from 4.0; "unknown" when zero
}

// Media is one file of the ad, of several that a player chooses from.
type Media struct {
	URL       string
	MIME      string // video/mp4
	Width     int    // pixels, 0 for audio
	Height    int
	Bitrate   int    // kbit/s, 0 when unknown
	Streaming bool   // delivered as a stream, not as a progressive download
	Codec     string // RFC 6381; from 3.0, left out when empty
	API       string // the framework that the file needs, such as VPAID; left out when empty
}

// Interactive is a document that is run beside the media.
type Interactive struct {
	URL  string
	MIME string // text/html
	API  string // SIMID
}

// Tracking is a URL to call when something happens.
type Tracking struct {
	Event  string // of the version's list: start, firstQuartile, complete
	Offset time.Duration
	URL    string
}

// Companion is a banner that is shown beside the ad. It has one of the three
// resources.
type Companion struct {
	Width, Height int
	StaticURL     string // an image
	StaticType    string // its MIME type
	IFrameURL     string
	HTML          string // \r\n and \r become \n
	LandingURL    string // empty for our redirect
	AltText       string
	ViewTracking  []string // called when it is shown
}

// Verification is a measurement vendor's script (Open Measurement).
type Verification struct {
	Vendor      string // "company.example-omid"
	ScriptURL   string
	Parameters  string
	NotExecuted string // called when the script was not run; may hold [REASON]
}

// UniversalID identifies a creative everywhere, in a registry such as
// "ad-id.org".
type UniversalID struct{ Registry, Value string }

// Protocol returns the number of the version in the list "Creative Subtypes -
// Audio/Video", by which exchanges say what they take; 0 for no version.
func (v Version) Protocol(wrapper bool) int {
	for _, p := range [...]struct {
		version         Version
		inline, wrapper int
	}{{V20, 2, 5}, {V30, 3, 6}, {V40, 7, 8}, {V41, 11, 12}, {V42, 13, 14}, {V43, 15, 16}} {
		if p.version == v && wrapper {
			return p.wrapper
		} else if p.version == v {
			return p.inline
		}
	}
	return 0
}
