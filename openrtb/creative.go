package openrtb

import (
	"errors"
	"fmt"
	"strconv"
)

// MarkupType is what a creative is (list "Creative Markup Types").
type MarkupType uint8

// The markup types. What an exchange is told is their number.
const (
	MarkupBanner MarkupType = 1 + iota
	MarkupVideo
	MarkupAudio
	MarkupNative
)

// CreativeConfig is what a response says about a creative.
type CreativeConfig struct {
	Type       MarkupType // 0 is MarkupBanner
	ID         string     // crid and adid
	CampaignID string     // cid
	Domains    []string   // adomain: bare domains
	Categories []string   // cat, IAB Content Taxonomy 1.0
	Attributes []int      // attr, list "Creative Attributes"
	Size       Size
	Protocol   int    // of VAST, list "Creative Subtypes - Audio/Video"; 0 to leave out
	Duration   int    // dur: seconds of video or audio, 0 to leave out
	Markup     string // HTML or VAST, see Markup; empty for native, whose bids have AdM
}

// CreativeWire is a creative as it goes into responses: JSON, escaped and
// joined when the catalog is built. It is immutable.
type CreativeWire struct {
	head   []byte  // from "adid" to the colon after adm
	markup *Markup // nil for native
}

// NewCreativeWire prepares a creative. What exchanges refuse bids without is
// always there, if need be as an empty list.
func NewCreativeWire(c CreativeConfig) (*CreativeWire, error) {
	if c.Type == 0 {
		c.Type = MarkupBanner
	}
	markup, err := c.compile()
	if err != nil {
		return nil, fmt.Errorf("cannot prepare creative %q: %w", c.ID, err)
	}
	h := appendQuotedString([]byte(`"adid":`), c.ID)
	h = appendQuotedString(append(h, `,"crid":`...), c.ID)
	h = appendQuotedString(append(h, `,"cid":`...), c.CampaignID)
	h = appendQuotedList(append(h, `,"adomain":`...), c.Domains)
	h = appendQuotedList(append(h, `,"cat":`...), c.Categories)
	h = append(h, `,"attr":[`...)
	for i, a := range c.Attributes {
		if i > 0 {
			h = append(h, ',')
		}
		h = strconv.AppendInt(h, int64(a), 10)
	}
	h = append(h, ']')
	if c.Size != (Size{}) || c.Type == MarkupBanner {
		h = appendNumber(h, `,"w":`, c.Size.W)
		h = appendNumber(h, `,"h":`, c.Size.H)
	}
	if c.Protocol != 0 {
		h = appendNumber(h, `,"protocol":`, c.Protocol)
	}
	if c.Duration != 0 {
		h = appendNumber(h, `,"dur":`, c.Duration)
	}
	h = appendNumber(h, `,"mtype":`, int(c.Type))
	h = append(h, `,"adm":`...)
	return &CreativeWire{head: h, markup: markup}, nil
}

func (c *CreativeConfig) compile() (*Markup, error) {
	switch c.Type {
	case MarkupBanner:
		return CompileMarkup(c.Markup)
	case MarkupVideo, MarkupAudio:
		return CompileVAST(c.Markup)
	case MarkupNative:
		if c.Markup != "" {
			return nil, errors.New("native markup is made for each request")
		}
		return nil, nil
	}
	return nil, fmt.Errorf("there is no markup type %d", c.Type)
}

func appendNumber(dst []byte, name string, n int) []byte {
	return strconv.AppendInt(append(dst, name...), int64(n), 10)
}

func appendQuotedList(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, s := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuotedString(dst, s)
	}
	return append(dst, ']')
}
