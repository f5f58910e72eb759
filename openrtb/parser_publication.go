package openrtb

// place is which of the three a publication is.
type place uint8

const (
	site place = iota
	app
	dooh
)

// publication reads Site, App or DOOH (sections 3.2.13 to 3.2.15).
func (p *parser) publication(kind place) *Publication {
	pub := push(&p.m.places)
	pub.CategoryTaxonomy, pub.VenueTaxonomy = 1, 1
	var seen uint64
	var kwarray [][]byte
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				pub.ID, _ = p.text()
			}
		case "domain":
			if p.first(&seen, 1) {
				pub.Domain = p.domain()
			}
		case "bundle":
			switch {
			case kind != app:
				p.skip()
			case p.first(&seen, 2):
				pub.Bundle, _ = p.text()
				pub.Bundle = trimBlanks(pub.Bundle) // lists of apps must find it
			}
		case "page":
			switch {
			case kind != site:
				p.skip()
			case p.first(&seen, 3):
				pub.Page, _ = p.text()
			}
		case "cat":
			if p.first(&seen, 4) {
				pub.Categories, _ = p.texts(&p.m.texts)
			}
		case "publisher":
			if p.first(&seen, 5) && p.isObject() == read {
				p.publisher(pub)
			}
		case "name":
			if p.first(&seen, 6) {
				pub.Name, _ = p.text()
			}
		case "storeurl":
			switch {
			case kind != app:
				p.skip()
			case p.first(&seen, 7):
				pub.StoreURL, _ = p.text()
			}
		case "sectioncat":
			if p.first(&seen, 8) {
				pub.SectionCategories, _ = p.texts(&p.m.texts)
			}
		case "pagecat":
			if p.first(&seen, 9) {
				pub.PageCategories, _ = p.texts(&p.m.texts)
			}
		case "cattax":
			if p.first(&seen, 10) {
				p.taxonomy(&pub.CategoryTaxonomy)
			}
		case "keywords":
			if p.first(&seen, 11) {
				pub.Keywords = p.keywords()
			}
		case "kwarray":
			if p.first(&seen, 12) {
				kwarray = p.keywords()
			}
		case "mobile":
			if p.first(&seen, 13) {
				pub.Mobile, _ = p.flag()
			}
		case "privacypolicy":
			if p.first(&seen, 14) {
				pub.HasPrivacyPolicy, _ = p.flag()
			}
		case "inventorypartnerdomain":
			if p.first(&seen, 15) {
				pub.PartnerDomain = p.domain()
			}
		case "content":
			if p.first(&seen, 16) && p.isObject() == read {
				pub.Content = p.content()
			}
		case "venuetype":
			switch {
			case kind != dooh:
				p.skip()
			case p.first(&seen, 17):
				pub.VenueTypes, _ = p.texts(&p.m.texts)
			}
		case "venuetypetax":
			switch {
			case kind != dooh:
				p.skip()
			case p.first(&seen, 18):
				p.taxonomy(&pub.VenueTaxonomy)
			}
		default:
			p.skip()
		}
	}
	if len(pub.Keywords) == 0 {
		pub.Keywords = kwarray
	}
	return pub
}

// publisher reads Publisher (section 3.2.17).
func (p *parser) publisher(pub *Publication) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				pub.PublisherID, _ = p.text()
			}
		case "name":
			if p.first(&seen, 1) {
				pub.PublisherName, _ = p.text()
			}
		case "domain":
			if p.first(&seen, 2) {
				pub.PublisherDomain = p.domain()
			}
		case "cat":
			if p.first(&seen, 3) {
				pub.PublisherCategories, _ = p.texts(&p.m.texts)
			}
		default:
			p.skip()
		}
	}
}

// taxonomy reads the name of a taxonomy; one that cannot be read is none.
func (p *parser) taxonomy(to *int) {
	n, s := p.integer()
	switch {
	case s == read && n > 0:
		*to = n
	case s == unreadable:
		*to = -1
	}
}

// content reads Content (section 3.2.16).
func (p *parser) content() *Content {
	c := push(&p.m.contents)
	c.CategoryTaxonomy, c.Live, c.Embeddable = 1, -1, -1
	var seen uint64
	var kwarray [][]byte
	var langb []byte
	var bad bool
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				c.ID, _ = p.text()
			}
		case "title":
			if p.first(&seen, 1) {
				c.Title, _ = p.text()
			}
		case "series":
			if p.first(&seen, 2) {
				c.Series, _ = p.text()
			}
		case "season":
			if p.first(&seen, 3) {
				c.Season, _ = p.text()
			}
		case "genre":
			if p.first(&seen, 4) {
				c.Genre, _ = p.text()
			}
		case "language":
			if p.first(&seen, 5) {
				c.Language = p.lowerText()
			}
		case "langb":
			if p.first(&seen, 6) {
				langb = p.lowerText()
			}
		case "contentrating":
			if p.first(&seen, 7) {
				c.Rating, _ = p.text()
			}
		case "userrating":
			if p.first(&seen, 8) {
				c.UserRating, _ = p.text()
			}
		case "url":
			if p.first(&seen, 9) {
				c.URL, _ = p.text()
			}
		case "cat":
			if p.first(&seen, 10) {
				c.Categories, _ = p.texts(&p.m.texts)
			}
		case "cattax":
			if p.first(&seen, 11) {
				p.taxonomy(&c.CategoryTaxonomy)
			}
		case "keywords":
			if p.first(&seen, 12) {
				c.Keywords = p.keywords()
			}
		case "kwarray":
			if p.first(&seen, 13) {
				kwarray = p.keywords()
			}
		case "len":
			if p.first(&seen, 14) {
				c.Length, _ = p.duration()
			}
		case "livestream":
			if p.first(&seen, 15) {
				p.flagInto(&c.Live, &bad)
			}
		case "qagmediarating":
			if p.first(&seen, 16) {
				c.MediaRating, _ = p.integer()
			}
		case "context":
			if p.first(&seen, 17) {
				c.Context, _ = p.integer()
			}
		case "prodq":
			if p.first(&seen, 18) {
				c.ProductionQuality, _ = p.integer()
			}
		case "embeddable":
			if p.first(&seen, 19) {
				p.flagInto(&c.Embeddable, &bad)
			}
		case "channel":
			if p.first(&seen, 20) && p.isObject() == read {
				c.Channel, c.ChannelDomain = p.channel()
			}
		case "network":
			if p.first(&seen, 21) && p.isObject() == read {
				c.Network, c.NetworkDomain = p.channel()
			}
		case "data":
			if p.first(&seen, 22) {
				c.Data = p.dataSegments()
			}
		default:
			p.skip()
		}
	}
	if len(c.Keywords) == 0 {
		c.Keywords = kwarray
	}
	if len(c.Language) == 0 {
		c.Language = langb
	}
	return c
}

// channel reads Channel or Network (sections 3.2.23 and 3.2.24).
func (p *parser) channel() (name, domain []byte) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "name":
			if p.first(&seen, 0) {
				name, _ = p.text()
			}
		case "domain":
			if p.first(&seen, 1) {
				domain = p.domain()
			}
		default:
			p.skip()
		}
	}
	return name, domain
}
