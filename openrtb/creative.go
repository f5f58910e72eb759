package openrtb

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
	head   []byte
	markup *Markup
}

// NewCreativeWire prepares a creative.
func NewCreativeWire(c CreativeConfig) (*CreativeWire, error) { return nil, nil }
