package openrtb

import (
	"errors"
	"fmt"
	"math"
	"unique"
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
// thousands: what many of them say is kept once, and what is a creative's own
// in one piece of memory.
type CreativeWire struct {
	said   unique.Handle[declaration]
	markup Markup // without code for native; before its text are crid and cid, then iurl
	kind   MarkupType
	vast   uint8  // protocol
	crid   uint16 // where the value of crid ends in the text,
	head   uint16 // where cid does,
	image  uint16 // and where iurl does
	w, h   int32
}

// NewCreativeWire prepares a creative. What exchanges refuse bids without is
// always there, if need be as an empty list.
func NewCreativeWire(c CreativeConfig) (*CreativeWire, error) {
	all, err := NewCreativeWires(nil, c)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// NewCreativeWires prepares the versions of a creative, which have its ID,
// campaign and image, the first one's. What one version says as another does,
// or as the phrases do, is kept once.
func NewCreativeWires(phrases *Phrases, versions ...CreativeConfig) ([]*CreativeWire, error) {
	c := &versions[0]
	text := appendQuotedString(nil, c.ID)
	crid := len(text)
	text = appendQuotedString(text, c.CampaignID)
	head := len(text)
	if c.ImageURL != "" {
		text = appendQuotedString(text, c.ImageURL)
	}
	image := len(text)
	if image > math.MaxUint16 {
		return nil, fmt.Errorf("cannot prepare creative %.100q: its ids and the URL of its image are %d bytes, allowed is %d", c.ID, image, math.MaxUint16)
	}
	p := press{phrases: phrases, own: text}
	if len(versions) > 1 {
		p.at = map[uint64]uint32{}
	}
	wires := make([]CreativeWire, len(versions))
	all := make([]*CreativeWire, len(versions))
	for i := range versions {
		v, w := &versions[i], &wires[i]
		if v.Type == 0 {
			v.Type = MarkupBanner
		}
		err := v.compile(&p)
		if err == nil {
			w.said, err = v.declare()
		}
		if err != nil {
			return nil, fmt.Errorf("cannot prepare creative %q: %w", c.ID, err)
		}
		w.kind, w.vast, w.w, w.h = v.Type, uint8(v.Protocol), int32(v.Size.W), int32(v.Size.H)
		w.crid, w.head, w.image = uint16(crid), uint16(head), uint16(image)
		all[i] = w
	}
	for i, m := range p.markups() {
		m.html = wires[i].kind == MarkupBanner
		wires[i].markup = m
	}
	return all, nil
}

// Size returns the size that the creative was prepared with.
func (w *CreativeWire) Size() Size { return Size{W: int(w.w), H: int(w.h)} }

// Type returns what the creative is.
func (w *CreativeWire) Type() MarkupType { return w.kind }

// append appends the creative's members as a bid has them, without a comma in
// front.
func (w *CreativeWire) append(dst []byte, d *Dialect, b *Bid) []byte {
	said := w.said.Value()
	from := said.members[0].end
	dst = append(append(dst, `"crid":`...), w.markup.text[:w.crid]...)
	dst = append(append(dst, `,"cid":`...), w.markup.text[w.crid:w.head]...)
	dst = append(dst, said.text[:from]...)
	taxonomy := b.Taxonomy
	if taxonomy == 0 || !d.Fields.Has(FieldCategoryTaxonomy) {
		taxonomy = d.CategoryTaxonomy
	}
	cat := &said.cats[0]
	for i := range said.cats[:said.taxonomies] {
		if int(said.cats[i].taxonomy) == taxonomy {
			cat = &said.cats[i]
		}
	}
	dst = append(dst, said.text[cat.start:cat.end]...)
	if cat.taxonomy != 1 && d.Fields.Has(FieldCategoryTaxonomy) {
		dst = appendNumber(dst, `,"cattax":`, int(cat.taxonomy))
	}
	if b.AdID != "" {
		dst = appendQuotedString(append(dst, `,"adid":`...), b.AdID)
	}
	for i := range said.members[1:said.count] {
		m := &said.members[1+i]
		switch {
		case m.field == fieldSize:
			dst = appendNumber(appendNumber(dst, `,"w":`, int(w.w)), `,"h":`, int(w.h))
		case !d.Fields.Has(m.field), m.field == FieldAdID && b.AdID != "":
		case m.field == FieldAdID:
			dst = append(append(dst, `,"adid":`...), w.markup.text[:w.crid]...)
		case m.field == FieldImageURL:
			if w.image > w.head {
				dst = append(append(dst, `,"iurl":`...), w.markup.text[w.head:w.image]...)
			}
		case m.field == FieldProtocol:
			dst = appendNumber(dst, `,"protocol":`, int(w.vast))
		case m.field == FieldAPI && b.API != 0:
			dst = appendNumber(dst, `,"api":`, b.API)
		default:
			dst = append(dst, said.text[from:m.end]...)
		}
		from = m.end
	}
	return dst
}

// compile adds the markup to a press.
func (c *CreativeConfig) compile(p *press) error {
	switch c.Type {
	case MarkupBanner:
		return p.add(c.Markup, macroNames[:macroPixel])
	case MarkupVideo, MarkupAudio:
		return p.addVAST(c.Markup)
	case MarkupNative:
		if c.Markup != "" {
			return errors.New("native markup is made for each request")
		}
		p.codes = append(p.codes, nil)
		return nil
	}
	return fmt.Errorf("there is no markup type %d", c.Type)
}
