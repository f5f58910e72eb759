package catalog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tangent-dsp/tangent/campaign"
	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

// media is what a video or audio creative is checked by.
type media struct {
	seconds   int // rounded up
	skippable bool
	skipAfter int // seconds, rounded down
	wrapper   bool
	files     []mediaFile
	simid     bool        // has what players run beside the files
	wires     []mediaWire // best first

	companions []companion
}

type mediaFile struct {
	mime     string // lower case
	w, h     int
	bitrate  int // kbit/s, 0 when not known
	delivery int // list "Delivery Methods"
	apis     []int
}

// mediaWire is the creative in one version of VAST.
type mediaWire struct {
	protocol    int                   // list "Creative Subtypes"
	interactive bool                  // it has what players of SIMID run
	wire        *openrtb.CreativeWire // nil within a native ad, which has the document
	beside      *openrtb.CreativeWire // with the creative's companions; nil if it has none
}

// versions is what VAST is written in: the newest of those that an imp takes.
var versions = [...]vast.Version{vast.V43, vast.V42, vast.V41, vast.V40, vast.V30, vast.V20}

// usual is what an imp gets that lists no protocols.
const usual = vast.V30

// mediaOf returns what the imp says of a format; nil when it does not take it.
func mediaOf(imp *openrtb.Imp, f campaign.Format) *openrtb.Media {
	switch {
	case f == campaign.FormatVideo && imp.Video != nil:
		return &imp.Video.Media
	case f == campaign.FormatAudio && imp.Audio != nil:
		return &imp.Audio.Media
	}
	return nil
}

// wire returns the creative in the best version that the imp takes, or nil.
func (x *media) wire(m *openrtb.Media) *openrtb.CreativeWire {
	if i := x.best(m); i >= 0 {
		return x.dressed(&x.wires[i], m)
	}
	return nil
}

// best returns which of the wires is the best version that the imp takes, or
// -1. What a player cannot run is left out only by the versions that do not
// have it.
func (x *media) best(m *openrtb.Media) int {
	for i := range x.wires {
		w := &x.wires[i]
		if w.interactive && (m == nil || !meets(simid, m.APIs)) {
			continue
		}
		if m == nil || len(m.Protocols) == 0 {
			if w.protocol == usual.Protocol(x.wrapper) {
				return i
			}
			continue
		}
		for _, p := range m.Protocols {
			if p == w.protocol {
				return i
			}
		}
	}
	return -1
}

// check says why the creative may not fill an imp. v is nil unless it is of
// video.
func (x *media) check(m *openrtb.Media, v *openrtb.Video) openrtb.Reason {
	switch {
	case m.Bad:
		return openrtb.WrongMedia
	case !m.FitsDuration(x.seconds):
		return openrtb.WrongDuration
	case x.best(m) < 0:
		return openrtb.WrongMedia
	case v != nil && &v.Media == m && v.Linearity == nonLinear:
		return openrtb.WrongMedia
	case x.skippable && !x.maySkip(m):
		return openrtb.WrongMedia
	case x.wrapper: // what it wraps is another's to fit
		return openrtb.None
	}
	some := false
	for i := range x.files {
		f := &x.files[i]
		if len(f.apis) > 0 && !meets(f.apis, m.APIs) {
			return openrtb.WrongMedia // a player may not pass over it
		}
		some = some || f.fits(m) && (v == nil || &v.Media != m || f.fills(v))
	}
	if !some {
		return openrtb.WrongMedia
	}
	return openrtb.None
}

const nonLinear = 2 // list "Linearity Modes"

// maySkip goes by skip, skipmin and skipafter.
func (x *media) maySkip(m *openrtb.Media) bool {
	return m.Skippable != 0 && (m.SkipMin <= 0 || x.seconds > m.SkipMin) && x.skipAfter >= m.SkipAfter
}

// fits says whether a player could choose the file.
func (f *mediaFile) fits(m *openrtb.Media) bool {
	mime := len(m.Mimes) == 0
	for _, want := range m.Mimes {
		mime = mime || compareFold(f.mime, want) == 0
	}
	delivery := len(m.Delivery) == 0
	for _, want := range m.Delivery {
		delivery = delivery || want == f.delivery
	}
	return mime && delivery && (f.bitrate == 0 || f.bitrate >= m.MinBitrate && atMost(f.bitrate, m.MaxBitrate))
}

// fills says whether the file has the player's ratio, within two percent,
// where black bars are not allowed (boxingallowed).
func (f *mediaFile) fills(v *openrtb.Video) bool {
	if v.Boxing || v.W <= 0 || v.H <= 0 {
		return true
	}
	a, b := f.w*v.H, f.h*v.W
	return max(a-b, b-a)*50 <= a
}

// frameworksOf is what a file needs to be played, in the numbers of list "API
// Frameworks": one of them. A script is of VPAID 2.0; 1.0 knows Flash alone.
func frameworksOf(f *campaign.MediaFile) ([]int, error) {
	switch {
	case f.API == "":
		return nil, nil
	case f.API == "VPAID" && strings.EqualFold(f.MIME, "application/x-shockwave-flash"):
		return []int{1, 2}, nil
	case f.API == "VPAID":
		return []int{2}, nil
	}
	return nil, fmt.Errorf("no framework %q", f.API)
}

// simid is the numbers of SIMID 1.0 and 1.1.
var simid = []int{8, 9}

// interactive says whether a version of VAST has what is run beside the files.
func (x *media) interactive(v vast.Version) bool { return x.simid && v >= vast.V41 }

// seconds is how long media last, rounded up.
func seconds(m *campaign.Media) int { return (m.DurationMS + 999) / 1000 }

func newMedia(m *campaign.Media) (*media, error) {
	x := &media{
		seconds: seconds(m), skippable: m.Skippable, skipAfter: m.SkipAfterMS / 1000, wrapper: m.TagURL != "",
	}
	for i := range m.Files {
		f := &m.Files[i]
		if f.Interactive() {
			x.simid = true
			continue
		}
		file := mediaFile{mime: strings.ToLower(f.MIME), w: f.W, h: f.H, bitrate: f.Bitrate, delivery: 2}
		if f.Stream {
			file.delivery = 1
		}
		var err error
		if file.apis, err = frameworksOf(f); err != nil {
			return nil, err
		}
		x.files = append(x.files, file)
	}
	for i := range m.Companions {
		c := &m.Companions[i]
		kind := staticCompanion
		if c.ImageURL == "" {
			kind = htmlCompanion
		}
		x.companions = append(x.companions, companion{openrtb.Size{W: c.Size.W, H: c.Size.H}, kind})
	}
	return x, nil
}

// saidBy says whether a version of VAST has what the media need.
func saidBy(v vast.Version, m *campaign.Media) bool { return v >= vast.V30 || !m.Skippable }

// VAST returns the document of a video or audio creative in the version that
// most players take, with its macros.
func VAST(d *campaign.Creative) (string, error) {
	if d.Media == nil {
		return "", errors.New("it has no media")
	}
	a := vastAd(d, d.Media, usual)
	a.Companions = vastCompanions(d.Media)
	return a.Document()
}

// vastAd returns media of a creative as an ad of VAST, without companions.
func vastAd(d *campaign.Creative, m *campaign.Media, v vast.Version) vast.Ad {
	id := strconv.FormatInt(int64(d.ID), 10)
	a := vast.Ad{
		Version: v, ID: id, Title: "Creative " + id, Audio: d.Kind() == campaign.FormatAudio, TagURL: m.TagURL,
		ClickTracking: d.ClickTrackers,
	}
	if d.Native == nil { // else the native ad has them
		a.Impressions = d.ImpressionTrackers
	}
	if len(d.Domains) > 0 {
		a.Advertiser = d.Domains[0]
	}
	if m.TagURL == "" {
		a.Duration = time.Duration(m.DurationMS) * time.Millisecond
		a.Skippable, a.SkipAfter = m.Skippable, time.Duration(m.SkipAfterMS)*time.Millisecond
	}
	for i := range m.Files {
		f := &m.Files[i]
		if f.Interactive() {
			if v >= vast.V41 && d.Native == nil { // native requests cannot say that they take it
				a.Interactive = append(a.Interactive, vast.Interactive{URL: f.URL, MIME: f.MIME, API: f.API})
			}
			continue
		}
		file := vast.Media{URL: f.URL, MIME: f.MIME, Width: f.W, Height: f.H, Bitrate: f.Bitrate, Streaming: f.Stream, API: f.API}
		if v >= vast.V30 {
			file.Codec = f.Codec
		}
		a.Media = append(a.Media, file)
	}
	measured(&a, m)
	return a
}
