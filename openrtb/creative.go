package openrtb

import (
	"bytes"
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
	APIs       []int  // list "API Frameworks" that the markup needs, any of them; Bid.API or the first is api
	Language   string // BCP 47, as in "pt-BR"; empty to leave out
	ImageURL   string // iurl: a sample of the creative; empty to leave out
	Bundle     string // of the app that is advertised; empty to leave out
	Markup     string // HTML or VAST, see Markup; empty for native, whose bids have AdM

	// CategoriesIn are the categories in other taxonomies (cattax), for the
	// exchanges that want cat in one of them.
	CategoriesIn map[int][]string
}

// CreativeWire is a creative as it goes into responses: JSON, escaped and
// joined when the catalog is built. It is immutable. Catalogs hold hundreds of
// thousands, so it is one text and where its members end.
type CreativeWire struct {
	kind    MarkupType
	text    []byte // from "crid" on without a comma in front, then members with one
	members []wireMember
	cats    []wireCategories // Content 1.0 first
	markup  *Markup          // nil for native
}

// wireMember is what follows in the text for the exchanges whose dialect has
// the field.
type wireMember struct {
	field Fields
	end   uint32
}

// wireCategories is where cat in one taxonomy stands in the text.
type wireCategories struct {
	taxonomy   uint32
	start, end uint32
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
	t := appendQuotedString([]byte(`"crid":`), c.ID)
	t = appendQuotedString(append(t, `,"cid":`...), c.CampaignID)
	t = appendQuotedList(append(t, `,"adomain":`...), c.Domains)
	t = appendNumbers(append(t, `,"attr":`...), c.Attributes)
	b := wireBuilder{text: t}
	b.end(0)
	b.string(FieldAdID, `,"adid":`, c.ID, true)
	if c.Size != (Size{}) || c.Type == MarkupBanner { // for all
		b.text = appendNumber(appendNumber(b.text, `,"w":`, c.Size.W), `,"h":`, c.Size.H)
		b.end(0)
	}
	b.number(FieldProtocol, `,"protocol":`, c.Protocol)
	b.number(FieldDuration, `,"dur":`, c.Duration)
	if len(c.APIs) > 0 {
		b.number(FieldAPI, `,"api":`, c.APIs[0])
		b.text = appendNumbers(append(b.text, `,"apis":`...), c.APIs)
		b.end(FieldAPIs)
	}
	// Which of the two a language goes by follows from its form: both in one
	// bid would be one too many.
	name := `,"langb":`
	if len(c.Language) == 2 {
		name = `,"language":`
	}
	b.string(FieldLanguage, name, c.Language, c.Language != "")
	b.string(FieldImageURL, `,"iurl":`, c.ImageURL, c.ImageURL != "")
	b.string(FieldBundle, `,"bundle":`, c.Bundle, c.Bundle != "")
	b.number(FieldMType, `,"mtype":`, int(c.Type))

	b.categories(1, c.Categories)
	for _, taxonomy := range slices.Sorted(maps.Keys(c.CategoriesIn)) {
		if taxonomy > 1 && len(c.CategoriesIn[taxonomy]) > 0 {
			b.categories(taxonomy, c.CategoriesIn[taxonomy])
		}
	}
	return &CreativeWire{
		kind: c.Type, markup: markup,
		text: bytes.Clone(b.text), members: slices.Clone(b.members), cats: slices.Clone(b.cats), // no room to spare
	}, nil
}

// wireBuilder writes the text of a CreativeWire, and notes where what ends.
type wireBuilder struct {
	text    []byte
	members []wireMember
	cats    []wireCategories
}

func (b *wireBuilder) end(field Fields) {
	b.members = append(b.members, wireMember{field, uint32(len(b.text))})
}

func (b *wireBuilder) string(field Fields, name, s string, sent bool) {
	if sent {
		b.text = appendQuotedString(append(b.text, name...), s)
		b.end(field)
	}
}

// number adds a member, or nothing for 0.
func (b *wireBuilder) number(field Fields, name string, n int) {
	if n != 0 {
		b.text = appendNumber(b.text, name, n)
		b.end(field)
	}
}

// categories adds cat in a taxonomy, once for all that have the same codes.
func (b *wireBuilder) categories(taxonomy int, codes []string) {
	from := len(b.text)
	b.text = appendQuotedList(append(b.text, `,"cat":`...), codes)
	c := wireCategories{uint32(taxonomy), uint32(from), uint32(len(b.text))}
	for _, o := range b.cats {
		if bytes.Equal(b.text[o.start:o.end], b.text[from:]) {
			b.text = b.text[:from]
			c.start, c.end = o.start, o.end
			break
		}
	}
	b.cats = append(b.cats, c)
}

// Type returns what the creative is.
func (w *CreativeWire) Type() MarkupType { return w.kind }

// append appends the creative's members as a bid has them, without a comma in
// front.
func (w *CreativeWire) append(dst []byte, d *Dialect, b *Bid) []byte {
	from := w.members[0].end
	dst = append(dst, w.text[:from]...)
	taxonomy := b.Taxonomy
	if taxonomy == 0 || !d.Fields.Has(FieldCategoryTaxonomy) {
		taxonomy = d.CategoryTaxonomy
	}
	cat := &w.cats[0]
	for i := range w.cats {
		if int(w.cats[i].taxonomy) == taxonomy {
			cat = &w.cats[i]
		}
	}
	dst = append(dst, w.text[cat.start:cat.end]...)
	if cat.taxonomy != 1 && d.Fields.Has(FieldCategoryTaxonomy) {
		dst = appendNumber(dst, `,"cattax":`, int(cat.taxonomy))
	}
	if b.AdID != "" {
		dst = appendQuotedString(append(dst, `,"adid":`...), b.AdID)
	}
	for _, m := range w.members[1:] {
		switch {
		case !d.Fields.Has(m.field), m.field == FieldAdID && b.AdID != "":
		case m.field == FieldAPI && b.API != 0:
			dst = appendNumber(dst, `,"api":`, b.API)
		default:
			dst = append(dst, w.text[from:m.end]...)
		}
		from = m.end
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
