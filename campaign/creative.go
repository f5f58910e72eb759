package campaign

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tangent-dsp/tangent/event"
)

// Creative is what a line item shows. Format says which of markup, image_url,
// media and native it has.
type Creative struct {
	ID         event.CreativeID `json:"id"`
	LineItemID event.LineItemID `json:"line_item_id"`
	Name       string           `json:"name"`
	Status     Status           `json:"status"`
	Format     Format           `json:"format,omitempty"` // empty is banner

	Size     Size    `json:"size,omitzero"`       // of banners
	Markup   string  `json:"markup,omitempty"`    // of banners: HTML, with the macros of openrtb.Markup
	ImageURL string  `json:"image_url,omitempty"` // of banners, instead of markup: an image of that size
	Media    *Media  `json:"media,omitempty"`     // of video and audio
	Native   *Native `json:"native,omitempty"`

	LandingURL         string   `json:"landing_url"`                   // where a click leads: https, or http, on one of Domains
	ImpressionTrackers []string `json:"impression_trackers,omitempty"` // of third parties, beside our pixel
	ClickTrackers      []string `json:"click_trackers,omitempty"`      // of third parties, see ClickTarget

	Domains    []string   `json:"domains"`                     // adomain: the advertiser's bare domains
	AppBundle  string     `json:"app_bundle,omitempty"`        // the app that is advertised
	Taxonomy   int        `json:"category_taxonomy,omitempty"` // of Categories, OpenRTB list "Category Taxonomies"; 0 is [Content1]
	Categories []string   `json:"categories,omitempty"`        // "IAB3-1", or the codes of another taxonomy
	Attributes []int      `json:"attributes,omitempty"`        // OpenRTB list "Creative Attributes"
	APIs       []int      `json:"apis,omitempty"`              // OpenRTB list "API Frameworks": any of these is needed to show it
	Language   string     `json:"language,omitempty"`          // ISO 639-1; empty for none
	Secure     bool       `json:"secure"`                      // every resource is HTTPS
	Weight     int        `json:"weight,omitempty"`            // of weighted rotation; 0 is 1
	Approvals  []Approval `json:"approvals,omitempty"`         // each exchange once
}

// Media is the files of video or audio, or the URL of a VAST tag that has
// them.
type Media struct {
	Files       []MediaFile `json:"files,omitempty" nullable:"false" doc:"One ad in several sizes and encodings; the player chooses."`
	TagURL      string      `json:"tag_url,omitempty" doc:"Instead of files, the URL of somebody else's VAST, which is wrapped."`
	DurationMS  int         `json:"duration_ms" doc:"How long it lasts, in milliseconds; of wrapped VAST, too." example:"15000"`
	Skippable   bool        `json:"skippable,omitempty" doc:"The user may skip it. Not with tag_url, which decides itself."`
	SkipAfterMS int         `json:"skip_after_ms,omitempty" doc:"When it may be skipped, in milliseconds." example:"5000"`
	Companions  []Companion `json:"companions,omitempty" nullable:"false" doc:"Banners to show beside it."`

	Trackers      map[string][]string `json:"trackers,omitempty" doc:"URLs of third parties, by https, that the player calls when something happens, by event: creativeView, start, firstQuartile, midpoint, thirdQuartile, complete, mute, unmute, pause, resume, rewind, skip; and error, of which there is one, in which [ERRORCODE] is the player's to fill in." example:"{\"complete\":[\"https://count.example.net/complete?cb=${CACHEBUSTER}\"]}"`
	Verifications []Verification      `json:"verifications,omitempty" nullable:"false" doc:"Scripts that measure the ad, from VAST 4.1."`
	UniversalAdID *UniversalAdID      `json:"universal_ad_id,omitempty" doc:"Its id in a registry, from VAST 4.0. Not with tag_url."`
}

// MediaFile is one file of a video or an audio ad.
type MediaFile struct {
	URL     string `json:"url" doc:"Where it is." example:"https://cdn.example.com/boots.mp4"`
	MIME    string `json:"mime" doc:"Its MIME type." example:"video/mp4"`
	W       int    `json:"w,omitempty" doc:"Width in pixels; not of audio." example:"1280"`
	H       int    `json:"h,omitempty" doc:"Height in pixels; not of audio." example:"720"`
	Bitrate int    `json:"bitrate_kbps,omitempty" doc:"In kbit/s; not known if not given." example:"1500"`
	Stream  bool   `json:"stream,omitempty" doc:"Delivered as a stream, not as a progressive download."`
	Codec   string `json:"codec,omitempty" doc:"RFC 6381." example:"avc1.42E01E"`
	API     string `json:"api,omitempty" doc:"The framework that the file itself needs, as VAST names it. A file of SIMID is run beside the others by players that know it, needs no size, and is left out elsewhere." example:"SIMID"`
}

// Interactive says whether the file is a document that is run beside the
// media, not one of them.
func (f MediaFile) Interactive() bool { return f.API == "SIMID" }

// Companion is a banner beside a video or audio ad.
type Companion struct {
	Size     Size   `json:"size" doc:"Its size."`
	ImageURL string `json:"image_url,omitempty" doc:"An image."`
	MIME     string `json:"mime,omitempty" doc:"The MIME type of the image." example:"image/png"`
	Markup   string `json:"markup,omitempty" doc:"HTML, instead of an image."`
	AltText  string `json:"alt_text,omitempty" doc:"Text in place of the image."`

	ViewTrackers []string `json:"view_trackers,omitempty" nullable:"false" doc:"URLs of third parties, by https, called when it is shown."`
}

// Native is the assets of a native ad. Where several could answer what a
// request asks for, the first that fits does.
type Native struct {
	Titles     []string      `json:"titles,omitempty" nullable:"false" doc:"One title, longest first: requests take fewer characters or more. Without macros."`
	Images     []NativeImage `json:"images,omitempty" nullable:"false" doc:"Icons and main images."`
	Data       []NativeData  `json:"data,omitempty" nullable:"false" doc:"Texts such as the sponsor or the description, without macros."`
	Video      *Media        `json:"video,omitempty" doc:"A video asset."`
	PrivacyURL string        `json:"privacy_url,omitempty" doc:"Shown where the request asks for one."`
}

// NativeImage is an image asset.
type NativeImage struct {
	Type int    `json:"type" doc:"1 icon, 3 main image." example:"3"`
	URL  string `json:"url" doc:"Where it is." example:"https://cdn.example.com/boots.jpg"`
	MIME string `json:"mime,omitempty" doc:"Its MIME type." example:"image/jpeg"`
	W    int    `json:"w" doc:"Width in pixels." example:"1200"`
	H    int    `json:"h" doc:"Height in pixels." example:"627"`
}

// NativeData is a text asset.
type NativeData struct {
	Type  int    `json:"type" doc:"List of data asset types: 1 sponsored, 2 description, 3 rating, 6 price, 12 call to action." example:"2"`
	Value string `json:"value" doc:"The text." example:"Boots that last"`
}

// ApprovalState is what an exchange thinks of a creative.
type ApprovalState string

// The states. A creative that an exchange was not shown has none.
const (
	ApprovalPending ApprovalState = "pending"
	Approved        ApprovalState = "approved"
	Rejected        ApprovalState = "rejected"
)

// Approval is an exchange's answer to a creative. A rejected one is never bid
// with there; where the exchange requires approval, only an approved one is.
type Approval struct {
	ExchangeID event.ExchangeID `json:"exchange_id" doc:"The exchange." example:"1"`
	State      ApprovalState    `json:"state" enum:"pending,approved,rejected" doc:"Its answer."`
	CreativeID string           `json:"creative_id,omitempty" doc:"The exchange's own id of the creative, sent as adid in bids there." example:"c-81726"`
}

// Rotation says which creative of a line item is shown where several may be.
type Rotation string

// The rotations.
const (
	RotateEven      Rotation = "even"      // each as often as the others
	RotateWeighted  Rotation = "weighted"  // by their weights
	RotateOptimised Rotation = "optimised" // the better it is clicked, the more often
)

// Performance is what came of showing a creative.
type Performance struct{ Impressions, Clicks int64 }

func (r Rotation) known() bool {
	return r == "" || r == RotateEven || r == RotateWeighted || r == RotateOptimised
}

// Kind returns the format, which is banner when none is given.
func (c *Creative) Kind() Format {
	if c.Format == "" {
		return FormatBanner
	}
	return c.Format
}

// LandingMacro is where a click tracker of a banner has the URL that it
// redirects to, percent-encoded.
const LandingMacro = "${LANDING_URL_ENC}"

// ClickTarget returns where our click redirect leads. For banners that is
// through every click tracker to the landing page, each redirecting to the
// next; other formats call their trackers beside it.
func (c *Creative) ClickTarget() string {
	target := c.LandingURL
	if c.Kind() != FormatBanner {
		return target
	}
	for _, tracker := range slices.Backward(c.ClickTrackers) {
		target = strings.ReplaceAll(tracker, LandingMacro, url.QueryEscape(target))
	}
	return target
}
