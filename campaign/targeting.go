package campaign

import (
	"time"

	"github.com/tangent-dsp/tangent/event"
)

// Targeting is where, when and to whom a line item bids. What is not given
// does not restrict; all that is given must hold. Sites, apps and inventory
// lists are one rule: a line item that includes several of them takes any.
//
// What a request does not say is in no list: an include list refuses it, an
// exclude list lets it pass. Texts compare without regard to ASCII case. The
// tags are the published documentation.
type Targeting struct {
	Exchanges        List[event.ExchangeID] `json:"exchanges,omitzero" doc:"Ids of exchanges."`
	Deals            List[string]           `json:"deals,omitzero" doc:"Ids of deals, as the imp names them. With an include list the line item bids where one of them is offered, and under no other."`
	AnyDeal          bool                   `json:"any_deal,omitempty" doc:"Bids also under deals that no line item includes. Without it, a line item that includes no deals bids in the open auction only."`
	Seats            List[string]           `json:"seats,omitzero" doc:"Buyer seats that the request (wseat) or a deal of the imp invites."`
	Publishers       List[string]           `json:"publishers,omitzero" doc:"Publisher ids, as the exchange numbers them."`
	Sites            List[string]           `json:"sites,omitzero" doc:"Domains; subdomains belong to them."`
	Apps             List[string]           `json:"apps,omitzero" doc:"App bundles."`
	InventoryLists   List[InventoryListID]  `json:"inventory_lists,omitzero" doc:"Ids of inventory lists: one rule with sites and apps."`
	Placements       List[string]           `json:"placements,omitzero" doc:"Placements (tagid), as the exchange names them."`
	AuthorisedOnly   bool                   `json:"authorised_only,omitempty" doc:"Only from sellers that the publisher's ads.txt or app-ads.txt authorises."`
	Categories       List[string]           `json:"categories,omitzero" doc:"Categories of site, app, section, page or content: IAB Content Taxonomy 1.0 such as IAB3 or IAB3-1, which belongs to IAB3; of other taxonomies the number in OpenRTB's list and the code, such as 6:150."`
	Genres           List[string]           `json:"genres,omitzero" doc:"Genres of the content."`
	ContentLangs     List[string]           `json:"content_languages,omitzero" doc:"Languages of the content, ISO 639-1 such as de."`
	ContentRatings   List[string]           `json:"content_ratings,omitzero" doc:"Ratings of the content, such as PG-13."`
	ContentLength    Range                  `json:"content_length,omitzero" doc:"Length of the content in seconds."`
	Livestream       *bool                  `json:"livestream,omitempty" doc:"Only live content, or only content that is not."`
	Keywords         List[string]           `json:"keywords,omitzero" doc:"Words or phrases of up to four words, in the keywords, the title or the URL of page, app or content."`
	ContentData      List[DataSegment]      `json:"content_data,omitzero" doc:"Segments that data providers put the content in."`
	Positions        List[int]              `json:"positions,omitzero" doc:"OpenRTB list of placement positions, such as 1 for above the fold."`
	MinViewability   int                    `json:"min_viewability,omitempty" doc:"Least viewability that the exchange predicts, in percent." example:"60"`
	Formats          List[Format]           `json:"formats,omitzero" doc:"What the imp takes, and which creatives are shown: banner, video, native, audio."`
	Sizes            List[Size]             `json:"sizes,omitzero" doc:"Narrows the creatives' sizes."`
	Skippable        *bool                  `json:"skippable,omitempty" doc:"Only video or audio that can be skipped, or only that which cannot."`
	Rewarded         *bool                  `json:"rewarded,omitempty" doc:"Only imps that reward the user, or only those that do not."`
	VideoPlacements  List[int]              `json:"video_placements,omitzero" doc:"OpenRTB list of video placements (plcmt): 1 in stream, 2 accompanying content, 3 interstitial, 4 without content. Of OpenRTB 2.5's placement, 2 to 4 are 4, and 5 is 3."`
	Rolls            List[Roll]             `json:"rolls,omitzero" doc:"When video or audio plays: pre, mid or post, that is before, amid or behind the content (startdelay)."`
	PlaybackMethods  List[int]              `json:"playback_methods,omitzero" doc:"OpenRTB list of playback methods, such as 1 for beginning by itself, with sound: one that the imp names."`
	NativeContexts   List[int]              `json:"native_contexts,omitzero" doc:"Where native ads are: 1 content, 2 social, 3 product."`
	NativePlacements List[int]              `json:"native_placements,omitzero" doc:"What native ads look like (plcmttype): 1 in the feed, 2 in one unit with content, 3 beside it, 4 recommended."`
	Countries        List[string]           `json:"countries,omitzero" doc:"ISO 3166-1 alpha-3 codes, such as DEU."`
	Regions          List[string]           `json:"regions,omitzero" doc:"Codes of ISO 3166-2, such as US-CA."`
	Cities           List[string]           `json:"cities,omitzero" doc:"Country and name of the city, such as DEU-Berlin."`
	Zips             List[string]           `json:"zips,omitzero" doc:"Country and postal code, such as USA-94105; a code's area covers all codes in it."`
	Metros           List[int]              `json:"metros,omitzero" doc:"Nielsen's market areas, such as 807."`
	Areas            List[Area]             `json:"areas,omitzero" doc:"Circles around points."`
	IPRanges         List[string]           `json:"ip_ranges,omitzero" doc:"Ranges of IP addresses, such as 203.0.113.0/24."`
	DeviceTypes      List[int]              `json:"device_types,omitzero" doc:"OpenRTB list of device types, 1 to 8."`
	Makes            List[string]           `json:"makes,omitzero" doc:"Makers of the device, such as Apple."`
	Models           List[string]           `json:"models,omitzero" doc:"Models of the device, such as Pixel 8."`
	OSs              List[Software]         `json:"operating_systems,omitzero" doc:"Operating systems: android, ios, windows, macos, linux, chromeos, tvos, fireos, roku, tizen, webos, playstation, xbox, kaios, harmonyos."`
	Browsers         List[Software]         `json:"browsers,omitzero" doc:"Browsers: chrome, safari, firefox, edge, opera, samsung, uc, yandex, brave, vivaldi, duckduckgo, silk, miui, huawei, ie, webview."`
	Carriers         List[string]           `json:"carriers,omitzero" doc:"Carriers or internet providers, as the request names them."`
	Connections      List[int]              `json:"connection_types,omitzero" doc:"OpenRTB list of connection types, 1 to 7."`
	Languages        List[string]           `json:"languages,omitzero" doc:"Languages of the device, ISO 639-1 such as de; de-AT belongs to de."`
	Segments         List[event.SegmentID]  `json:"segments,omitzero" doc:"Users in any of these segments, in none of those."`
	SegmentRule      *SegmentRule           `json:"segment_rule,omitempty" doc:"A boolean expression over segments, beside segments."`
	Ages             Range                  `json:"ages,omitzero" doc:"Age in years, where the request gives it and privacy rules allow to use it."`
	Genders          List[string]           `json:"genders,omitzero" doc:"M, F or O, where the request gives it and privacy rules allow to use it."`
	UserKeywords     List[string]           `json:"user_keywords,omitzero" doc:"Words or phrases of up to four words, in the keywords of the user, where the request gives them and privacy rules allow to use them."`
	UserData         List[DataSegment]      `json:"user_data,omitzero" doc:"Segments that data providers put the user in, where the request gives them and privacy rules allow to use them."`
	Dayparts         []Daypart              `json:"dayparts,omitempty" nullable:"false" doc:"Hours of the week in the advertiser's time zone: any of them."`
	UserDayparts     []Daypart              `json:"user_dayparts,omitempty" nullable:"false" doc:"Hours of the week in the user's local time: any of them. None holds where that is not known."`
	Recency          List[Recency]          `json:"recency,omitzero" doc:"What the user did lately: any of those included, none of those excluded."`
}

// List is what to take and what to leave. Exclude wins.
type List[T any] struct {
	Include []T `json:"include,omitempty" nullable:"false" doc:"Only these; all if not given."`
	Exclude []T `json:"exclude,omitempty" nullable:"false" doc:"Never these, even if included."`
}

// IsZero says whether the list restricts nothing. It is of a pointer so that
// encoding/json need not copy a list to ask: there are thirty in a line item.
func (l *List[T]) IsZero() bool { return len(l.Include)+len(l.Exclude) == 0 }

// Only returns a list that includes values.
func Only[T any](values ...T) List[T] { return List[T]{Include: values} }

// Range is from Min to Max, both included; 0 is an open bound.
type Range struct {
	Min int `json:"min,omitempty" doc:"The least; open if not given."`
	Max int `json:"max,omitempty" doc:"The most; open if not given."`
}

// Contains says whether n is in the range.
func (r Range) Contains(n int) bool { return n >= r.Min && (r.Max == 0 || n <= r.Max) }

// Format is a kind of ad.
type Format string

// The formats.
const (
	FormatBanner Format = "banner"
	FormatVideo  Format = "video"
	FormatNative Format = "native"
	FormatAudio  Format = "audio"
)

// Roll is when in its content a video or audio ad plays.
type Roll string

// The rolls, in the order of OpenRTB's list "Start Delay Modes".
const (
	PreRoll  Roll = "pre"
	MidRoll  Roll = "mid"
	PostRoll Roll = "post"
)

// Size is width and height in CSS pixels.
type Size struct {
	W int `json:"w" doc:"Width in CSS pixels." example:"300"`
	H int `json:"h" doc:"Height in CSS pixels." example:"250"`
}

// Area is everywhere within a distance of a point.
type Area struct {
	Lat      float64 `json:"lat" doc:"Latitude in degrees, -90 to 90." example:"52.52"`
	Lon      float64 `json:"lon" doc:"Longitude in degrees, -180 to 180." example:"13.405"`
	RadiusKM float64 `json:"radius_km" doc:"Kilometres around the point." example:"5"`
}

// Software is an operating system or a browser, in some versions.
type Software struct {
	Name       string `json:"name" doc:"Its name in lower case." example:"android"`
	MinVersion string `json:"min_version,omitempty" doc:"The first version; open if not given." example:"12"`
	MaxVersion string `json:"max_version,omitempty" doc:"The last version: 14 includes 14.5; open if not given." example:"14"`
}

// DataSegment is a segment of a data provider, as a request says it.
type DataSegment struct {
	Provider string `json:"provider,omitempty" doc:"Id of the data provider, or its name where it has none; any if not given." example:"data.example.com"`
	Taxonomy int    `json:"taxonomy,omitempty" doc:"Number of the taxonomy that the id is of (segtax); any if not given." example:"4"`
	ID       string `json:"id" doc:"Id of the segment, or its name where it has none. The same id is another segment of another provider or taxonomy: one of both is needed." example:"243"`
	Value    string `json:"value,omitempty" doc:"The segment's value; any if not given."`
}

// Daypart is a stretch of hours on some days of the week. From is included,
// To is not; To 24 is midnight.
type Daypart struct {
	Days []time.Weekday `json:"days" nullable:"false" doc:"Days of the week; 0 is Sunday."`
	From int            `json:"from" doc:"First hour, 0 to 23." example:"8"`
	To   int            `json:"to" doc:"Hour at which it ends, 1 to 24." example:"20"`
}

// SegmentRule is a boolean expression over segments: exactly one of Segment,
// All, Any and Not is given.
type SegmentRule struct {
	Segment     event.SegmentID `json:"segment,omitempty" doc:"The user is in this segment."`
	WithinHours int             `json:"within_hours,omitempty" doc:"With segment: was put or confirmed in it within so many hours." example:"48"`
	All         []SegmentRule   `json:"all,omitempty" nullable:"false" doc:"All of these hold."`
	Any         []SegmentRule   `json:"any,omitempty" nullable:"false" doc:"One of these holds."`
	Not         *SegmentRule    `json:"not,omitempty" doc:"This does not hold."`
}

// Recency is something that a user did within the last seconds: an excluded
// impression is a minimum gap between two, an excluded conversion leaves
// buyers alone.
type Recency struct {
	Did           TouchKind `json:"did" enum:"impression,click,conversion" doc:"What the user did: impression is having seen an ad."`
	Level         CapLevel  `json:"level" enum:"line_item,campaign,advertiser" doc:"Whose: of this line item, its campaign or its advertiser."`
	WithinSeconds int       `json:"within_seconds" doc:"How lately." example:"604800"`
}

// Modifier multiplies the value of what it applies to.
type Modifier struct {
	When   Targeting `json:"when" doc:"What it applies to. All that is given must hold, as in targeting, also where something is not known."`
	Factor float64   `json:"factor" doc:"0.1 to 10. The factors that apply multiply, in their order; the product stays within 0.1 and 10." example:"1.5"`
}

// FrequencyCurve says what an impression is worth to a user who saw some
// already.
type FrequencyCurve struct {
	Level         CapLevel  `json:"level,omitempty" enum:"line_item,campaign,advertiser" doc:"What is counted."`
	WindowSeconds int       `json:"window_seconds,omitempty" doc:"Within the last so many seconds." example:"86400"`
	Factors       []float64 `json:"factors,omitempty" nullable:"false" doc:"Of the value for the first impression, the second, and so on; the last goes on. Above 0, at most 1, never rising."`
}

// IsZero says whether there is no curve.
func (c *FrequencyCurve) IsZero() bool {
	return len(c.Factors) == 0 && c.Level == "" && c.WindowSeconds == 0
}
