package openrtb

import (
	"fmt"
	"strconv"
)

// mtypeBanner is the markup type of banners (list "Creative Markup Types").
const mtypeBanner = 1

// CreativeConfig is what a response says about a banner creative.
type CreativeConfig struct {
	ID         string   // crid and adid
	CampaignID string   // cid
	Domains    []string // adomain: bare domains
	Categories []string // cat, IAB Content Taxonomy 1.0
	Attributes []int    // attr, list "Creative Attributes"
	Size       Size
	Markup     string // see Markup
}

// CreativeWire is a creative as it goes into responses: JSON, escaped and
// joined when the catalog is built. It is immutable.
type CreativeWire struct {
	head   []byte // from "adid" to the opening quote of adm
	markup *Markup
}

// NewCreativeWire prepares a creative. What exchanges refuse bids without is
// always there, if need be as an empty list.
func NewCreativeWire(c CreativeConfig) (*CreativeWire, error) {
	markup, err := CompileMarkup(c.Markup)
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
	h = strconv.AppendInt(append(h, `],"w":`...), int64(c.Size.W), 10)
	h = strconv.AppendInt(append(h, `,"h":`...), int64(c.Size.H), 10)
	h = strconv.AppendInt(append(h, `,"mtype":`...), mtypeBanner, 10)
	h = append(h, `,"adm":"`...)
	return &CreativeWire{head: h, markup: markup}, nil
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
