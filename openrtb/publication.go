package openrtb

// Publication is the site, app or screen that the impression is on (sections
// 3.2.13 to 3.2.15).
type Publication struct {
	ID                []byte
	Name              []byte
	Domain            []byte // bare and in lower case, if it is one; a site without one has its page's host
	Bundle            []byte // app only
	StoreURL          []byte // app only
	Page              []byte // site only
	Categories        [][]byte
	SectionCategories [][]byte // sectioncat
	PageCategories    [][]byte // pagecat
	CategoryTaxonomy  int      // cattax, of the lists above; 1 (IAB Content 1.0) when absent, -1 when unreadable
	Keywords          [][]byte // keywords or kwarray, as they are written, without space around them
	Mobile            bool     // site only: mobile=1, laid out for phones
	HasPrivacyPolicy  bool     // privacypolicy=1
	PartnerDomain     []byte   // inventorypartnerdomain, lower case
	VenueTypes        [][]byte // venuetype, dooh only
	VenueTaxonomy     int      // venuetypetax, dooh only; 1 (OpenOOH) when absent

	PublisherID         []byte
	PublisherName       []byte
	PublisherDomain     []byte // lower case
	PublisherCategories [][]byte

	Content *Content // nil when nothing is said about it
}

// Content is what the page or stream is about (section 3.2.16).
type Content struct {
	ID                []byte
	Title             []byte
	Series            []byte
	Season            []byte
	Genre             []byte
	Language          []byte // ISO 639-1, or langb (BCP 47), lower case
	Rating            []byte // contentrating, as in MPAA
	UserRating        []byte
	URL               []byte
	Categories        [][]byte
	CategoryTaxonomy  int // cattax; 1 when absent, -1 when unreadable
	Keywords          [][]byte
	Length            int    // seconds; 0 when absent
	Live              int    // livestream: 1 live, 0 not; -1 when absent
	MediaRating       int    // qagmediarating: 1 all, 2 over 12, 3 mature; 0 when absent
	Context           int    // list "Content Contexts"; 0 when absent
	ProductionQuality int    // prodq; 0 when absent
	Embeddable        int    // embeddable: 1 is, 0 not; -1 when absent
	Channel           []byte // name
	ChannelDomain     []byte // lower case
	Network           []byte // name
	NetworkDomain     []byte // lower case
	Data              []DataSegment
}
