package native

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/tangent-dsp/tangent/openrtb"
	"github.com/tangent-dsp/tangent/openrtb/vast"
)

// maxParts bounds a creative's parts, so that an index fits into a byte.
const maxParts = 96

// Creative is a native creative, compiled. It is immutable.
type Creative struct {
	parts    []part
	trackers []tracker
	link     piece // from the comma before it; none is the common one
	privacy  piece
	pieces   []openrtb.Markup
}

// part is what can serve an asset.
type part struct {
	json   piece
	kind   openrtb.AssetKind
	typ    int // of image or data
	length int // characters of title or data
	size   openrtb.Size
	mime   []byte                    // of an image
	plays  func(*openrtb.Video) bool // of a video: whether an asset takes it
}

// tracker is somebody else's counting: as an event tracker, and its URL alone.
type tracker struct {
	event, method int
	object, url   piece
}

// piece says which of a creative's pieces of JSON, from 1.
type piece uint16

const none piece = 0

func (c *Creative) append(dst []byte, p piece, b *openrtb.Bid, f Form) []byte {
	m := &c.pieces[p-1]
	if f.Object {
		return m.AppendBare(dst, b)
	}
	return m.Append(dst, b)
}

// The JSON of a response, apart from what is written for each request.
type (
	titleJSON struct {
		Text string `json:"text"`
	}
	imageJSON struct {
		Type int    `json:"type"`
		URL  string `json:"url"`
		W    int    `json:"w"`
		H    int    `json:"h"`
	}
	videoJSON struct {
		VASTTag string `json:"vasttag"`
	}
	dataJSON struct {
		Type  int    `json:"type"`
		Value string `json:"value"`
	}
	linkJSON struct {
		URL           string   `json:"url"`
		ClickTrackers []string `json:"clicktrackers,omitempty"`
	}
	trackerJSON struct {
		Event  int    `json:"event"`
		Method int    `json:"method"`
		URL    string `json:"url"`
	}
)

// New compiles a creative.
func New(cfg Config) (*Creative, error) {
	c := &Creative{}
	if err := c.compile(&cfg); err != nil {
		return nil, fmt.Errorf("cannot compile native creative %q: %w", cfg.ID, err)
	}
	return c, nil
}

func (c *Creative) compile(cfg *Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	w := writer{}
	c.parts = make([]part, 0, len(cfg.Titles)+len(cfg.Images)+len(cfg.Videos)+len(cfg.Data))
	for _, t := range cfg.Titles {
		c.parts = append(c.parts, part{json: w.member("title", titleJSON{t}), kind: openrtb.AssetTitle, length: utf8.RuneCountInString(t)})
	}
	for _, m := range cfg.Images {
		p := part{json: w.member("img", imageJSON{m.Type, m.URL, m.W, m.H}), kind: openrtb.AssetImage, typ: m.Type, size: openrtb.Size{W: m.W, H: m.H}}
		p.mime = []byte(imageMIME(m.URL, m.MIME))
		c.parts = append(c.parts, p)
	}
	for i := range cfg.Videos {
		p, err := w.video(&cfg.Videos[i])
		if err != nil {
			return err
		}
		c.parts = append(c.parts, p)
	}
	for _, d := range cfg.Data {
		c.parts = append(c.parts, part{json: w.member("data", dataJSON(d)), kind: openrtb.AssetData, typ: d.Type, length: utf8.RuneCountInString(d.Value)})
	}
	link := linkJSON{cfg.LandingURL, cfg.ClickTrackers}
	if link.URL == "" {
		link.URL = vast.ClickURL
	} else {
		link.ClickTrackers = append([]string{vast.ClickURL}, link.ClickTrackers...)
	}
	if link.URL != vast.ClickURL || len(link.ClickTrackers) > 0 {
		c.link = w.member("link", link)
	}
	for _, t := range cfg.Trackers {
		c.trackers = append(c.trackers, tracker{t.Event, t.Method, w.value(trackerJSON(t)), w.value(t.URL)})
	}
	if cfg.PrivacyURL != "" {
		c.privacy = w.member("privacy", cfg.PrivacyURL)
	}
	return w.finish(c)
}

// The pieces that have nothing of a creative's, in memory once.
const (
	commonLink  piece = 1 + iota // of most creatives
	commonPixel                  // our impression, as an event tracker
	commonImage                  // our impression, as an URL
)

var common = sync.OnceValue(func() *Creative {
	w, c := writer{}, &Creative{}
	w.member("link", linkJSON{URL: vast.ClickURL})
	w.value(trackerJSON{eventImpression, methodImage, vast.PixelURL})
	w.value(vast.PixelURL)
	if err := w.finish(c); err != nil {
		panic(err) // of constants
	}
	return c
})

// writer collects JSON, to be compiled together, and keeps the first error.
type writer struct {
	texts []string
	err   error
}

// finish gives a creative the pieces.
func (w *writer) finish(c *Creative) error {
	if w.err == nil {
		c.pieces, w.err = openrtb.CompileJSON(w.texts...)
	}
	return w.err
}

// member compiles a member of an object that has others before it.
func (w *writer) member(name string, v any) piece {
	return w.piece(`,"`+name+`":`, v)
}

func (w *writer) value(v any) piece { return w.piece("", v) }

func (w *writer) piece(prefix string, v any) piece {
	var text bytes.Buffer
	text.WriteString(prefix)
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false) // a VAST document would grow by half
	if err := e.Encode(v); err != nil && w.err == nil {
		w.err = err
	}
	w.texts = append(w.texts, string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))))
	return piece(len(w.texts))
}

// video compiles a video asset. Its VAST counts our impression too; one bid is
// booked once, however many of its pixels are called.
func (w *writer) video(v *Video) (part, error) {
	document, err := v.Ad.Document()
	if err != nil {
		return part{}, err
	}
	return part{json: w.member("video", videoJSON{document}), kind: openrtb.AssetVideo, plays: v.Fits}, nil
}

// imageMIME returns the MIME type of an image: what is said, else what its
// URL's ending shows, else "", which no asset that lists types takes.
func imageMIME(address, said string) string {
	if said != "" {
		return said
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	case ".svg":
		return "image/svg+xml"
	}
	return ""
}
