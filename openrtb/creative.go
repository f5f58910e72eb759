package openrtb

import (
	"errors"
	"fmt"
	"maps"
	"slices"
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
	ID         string     // crid, and adid of bids that have none
	CampaignID string     // cid
	Domains    []string   // adomain: bare domains
	Categories []string   // cat, IAB Content Taxonomy 1.0
	Attributes []int      // attr, list "Creative Attributes"
	Size       Size
	Protocol   int    // of VAST, list "Creative Subtypes - Audio/Video"; 0 to leave out
	Duration   int    // dur: seconds of video or audio, 0 to leave out
	APIs       []int  // list "API Frameworks" that the markup needs; the first is api
	Language   string // BCP 47, as in "pt-BR"; empty to leave out
	ImageURL   string // iurl: a sample of the creative; empty to leave out
	Bundle     string // of the app that is advertised; empty to leave out
	Markup     string // HTML or VAST, see Markup; empty for native, whose bids have AdM

	// CategoriesIn are the categories in other taxonomies (cattax), for the
	// exchanges that want cat in one of them.
	CategoriesIn map[int][]string
}

// CreativeWire is a creative as it goes into responses: JSON, escaped and
// joined when the catalog is built. It is immutable.
type CreativeWire struct {
	kind   MarkupType
	head   []byte // from "crid" on, without a comma in front
	parts  []creativePart
	cats   []categoryPart // Content 1.0 first
	markup *Markup        // nil for native
}

// creativePart is a member, with a comma in front, that goes to the exchanges
// whose dialect has the field.
type creativePart struct {
	field Fields
	text  []byte
}

// categoryPart is cat in one taxonomy.
type categoryPart struct {
	taxonomy int
	text     []byte
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
	h := appendQuotedString([]byte(`"crid":`), c.ID)
	h = appendQuotedString(append(h, `,"cid":`...), c.CampaignID)
	h = appendQuotedList(append(h, `,"adomain":`...), c.Domains)
	h = appendNumbers(append(h, `,"attr":`...), c.Attributes)
	size := appendNumber(appendNumber(nil, `,"w":`, c.Size.W), `,"h":`, c.Size.H)
	w := &CreativeWire{kind: c.Type, head: h, markup: markup}
	w.add(FieldAdID, appendQuotedString([]byte(`,"adid":`), c.ID), true)
	w.add(0, size, c.Size != (Size{}) || c.Type == MarkupBanner) // for all
	w.add(FieldProtocol, appendNumber(nil, `,"protocol":`, c.Protocol), c.Protocol != 0)
	w.add(FieldDuration, appendNumber(nil, `,"dur":`, c.Duration), c.Duration != 0)
	if len(c.APIs) > 0 {
		w.add(FieldAPI, appendNumber(nil, `,"api":`, c.APIs[0]), true)
		w.add(FieldAPIs, appendNumbers([]byte(`,"apis":`), c.APIs), true)
	}
	// Which of the two a language goes by follows from its form: both in one
	// bid would be one too many.
	name := `,"langb":`
	if len(c.Language) == 2 {
		name = `,"language":`
	}
	w.add(FieldLanguage, appendQuotedString([]byte(name), c.Language), c.Language != "")
	w.add(FieldImageURL, appendQuotedString([]byte(`,"iurl":`), c.ImageURL), c.ImageURL != "")
	w.add(FieldBundle, appendQuotedString([]byte(`,"bundle":`), c.Bundle), c.Bundle != "")
	w.add(FieldMType, appendNumber(nil, `,"mtype":`, int(c.Type)), true)

	w.cats = []categoryPart{{1, appendQuotedList([]byte(`,"cat":`), c.Categories)}}
	for _, taxonomy := range slices.Sorted(maps.Keys(c.CategoriesIn)) {
		if taxonomy > 1 && len(c.CategoriesIn[taxonomy]) > 0 {
			w.cats = append(w.cats, categoryPart{taxonomy, appendQuotedList([]byte(`,"cat":`), c.CategoriesIn[taxonomy])})
		}
	}
	return w, nil
}

// Type returns what the creative is.
func (w *CreativeWire) Type() MarkupType { return w.kind }

func (w *CreativeWire) add(field Fields, text []byte, sent bool) {
	if sent {
		w.parts = append(w.parts, creativePart{field, text})
	}
}

// append appends the creative's members as a bid has them, without a comma in
// front.
func (w *CreativeWire) append(dst []byte, d *Dialect, b *Bid) []byte {
	dst = append(dst, w.head...)
	taxonomy := b.Taxonomy
	if taxonomy == 0 || !d.Fields.Has(FieldCategoryTaxonomy) {
		taxonomy = d.CategoryTaxonomy
	}
	cat := &w.cats[0]
	for i := range w.cats {
		if w.cats[i].taxonomy == taxonomy {
			cat = &w.cats[i]
		}
	}
	dst = append(dst, cat.text...)
	if cat.taxonomy != 1 && d.Fields.Has(FieldCategoryTaxonomy) {
		dst = appendNumber(dst, `,"cattax":`, cat.taxonomy)
	}
	if b.AdID != "" {
		dst = appendQuotedString(append(dst, `,"adid":`...), b.AdID)
	}
	for i := range w.parts {
		f := w.parts[i].field
		if d.Fields.Has(f) && (f != FieldAdID || b.AdID == "") {
			dst = append(dst, w.parts[i].text...)
		}
	}
	return dst
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

func appendNumbers(dst []byte, list []int) []byte {
	dst = append(dst, '[')
	for i, n := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
	}
	return append(dst, ']')
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
