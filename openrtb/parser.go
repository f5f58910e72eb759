package openrtb

import "slices"

// parser reads a bid request with a cursor. Its methods read one object each.
type parser struct {
	cursor
	r       *Request
	m       *memory
	maxImps int

	blocksBad bool    // a list of the request's
	old       Consent // what was found in the places of OpenRTB 2.5
	oldEIDs   []EID
	oldBlocks struct{ categories, advertisers [][]byte } // OpenRTB 1's
}

// first says that the key, which has this bit among its object's keys, was
// not there before; otherwise it fails the text.
func (p *parser) first(seen *uint64, bit uint) bool {
	if *seen&(1<<bit) != 0 {
		p.fail(msgRepeat)
		return false
	}
	*seen |= 1 << bit
	return true
}

// parse reads the whole text.
func (p *parser) parse() error {
	p.space()
	if p.b[p.i] != '{' {
		return &DecodeError{Reason: Malformed, Offset: p.i, Msg: "the body is not a JSON object"}
	}
	p.request()
	if p.msg == "" {
		if p.space(); p.i != p.end {
			p.fail(msgTail)
		}
	}
	switch {
	case p.msg != "":
		return &DecodeError{Reason: Malformed, Offset: p.at, Msg: p.msg}
	case len(p.r.ID) == 0:
		return &DecodeError{Reason: Malformed, Msg: "the request has no id"}
	}
	p.finish()
	return nil
}

// request reads BidRequest (section 3.2.1).
func (p *parser) request() {
	r := p.r
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				r.ID, _ = p.text()
			}
		case "imp":
			if p.first(&seen, 1) {
				p.imps()
			}
		case "site":
			if p.first(&seen, 2) && p.isObject() == read {
				r.Site = p.publication(site)
			}
		case "app":
			if p.first(&seen, 3) && p.isObject() == read {
				r.App = p.publication(app)
			}
		case "device":
			if p.first(&seen, 4) && p.signals(p.isObject()) {
				p.device()
			}
		case "user":
			if p.first(&seen, 5) && p.signals(p.isObject()) {
				p.user()
			}
		case "regs":
			if p.first(&seen, 6) && p.signals(p.isObject()) {
				p.regs(&r.Consent, true)
			}
		case "at":
			if p.first(&seen, 7) {
				n, s := p.integer()
				switch {
				case s == read && n > 0:
					r.AuctionType, r.AuctionTypeGiven = n, true
				case s == unreadable:
					r.AuctionType, r.AuctionTypeGiven = 1, true
				}
			}
		case "tmax":
			if p.first(&seen, 8) {
				r.TMax, _ = p.duration()
			}
		case "test":
			if p.first(&seen, 9) {
				r.Test, _ = p.flag()
			}
		case "cur":
			if p.first(&seen, 10) {
				r.Currencies = p.currencies()
			}
		case "bcat":
			if p.first(&seen, 11) {
				r.BlockedCategories = p.blocks()
			}
		case "cattax":
			if p.first(&seen, 12) {
				p.taxonomy(&r.CategoryTaxonomy)
			}
		case "badv":
			if p.first(&seen, 13) {
				r.BlockedAdvertisers = p.blockedDomains()
			}
		case "bapp":
			if p.first(&seen, 14) {
				r.BlockedApps = p.blocks()
			}
		case "wseat":
			if p.first(&seen, 15) {
				r.AllowedSeats = p.allows()
			}
		case "bseat":
			if p.first(&seen, 16) {
				r.BlockedSeats = p.blocks()
			}
		case "acat":
			if p.first(&seen, 17) {
				r.AllowedCategories = p.allows()
			}
		case "dooh":
			if p.first(&seen, 18) && p.isObject() == read {
				r.DOOH = p.publication(dooh)
			}
		case "source":
			if p.first(&seen, 19) && p.isObject() == read {
				p.source(true)
			}
		case "wlang":
			if p.first(&seen, 20) {
				p.languages()
			}
		case "wlangb":
			if p.first(&seen, 21) {
				p.languages()
			}
		case "allimps":
			if p.first(&seen, 22) {
				r.AllImps, _ = p.flag()
			}
		case "restrictions":
			if p.first(&seen, 23) {
				switch p.isObject() {
				case read:
					p.restrictions()
				case unreadable:
					p.blocksBad = true
				}
			}
		default:
			p.skip()
		}
	}
}

// currencies reads cur. One that cannot be read must not pass for none, which
// would mean USD.
func (p *parser) currencies() [][]byte {
	from := len(p.m.texts)
	list, s := p.texts(&p.m.texts)
	if s == unreadable && len(list) == 0 {
		p.m.texts = append(p.m.texts, nil)
		return p.m.texts[from : from+1 : from+1]
	}
	for _, cur := range list {
		upper(cur)
	}
	return list
}

// languages reads wlang or wlangb. The specification allows one of the two;
// of both, a creative must be in one.
func (p *parser) languages() {
	list := p.allows()
	for _, language := range list {
		lower(language)
	}
	if p.r.Languages == nil {
		p.r.Languages = list
		return
	}
	from := len(p.m.texts)
	p.m.texts = append(append(p.m.texts, p.r.Languages...), list...)
	p.r.Languages = p.m.texts[from:len(p.m.texts):len(p.m.texts)]
}

// signals takes note of an object that holds privacy signals, and returns
// whether it is there to be read.
func (p *parser) signals(s sent) bool {
	if s == unreadable {
		p.r.Consent.Unreadable = true
	}
	return s == read
}

// finish settles what depends on more than one object.
func (p *parser) finish() {
	r := p.r
	r.Imps = p.m.imps
	r.Unread = p.unread
	if p.blocksBad {
		for i := range r.Imps {
			r.Imps[i].BlocksBad = true
		}
	}
	if len(r.BlockedCategories) == 0 {
		r.BlockedCategories = p.oldBlocks.categories
	}
	if len(r.BlockedAdvertisers) == 0 {
		r.BlockedAdvertisers = p.oldBlocks.advertisers
	}
	c := &r.Consent
	c.COPPA = c.COPPA || p.old.COPPA
	c.GPC = c.GPC || p.old.GPC
	c.PIPL = c.PIPL || p.old.PIPL
	c.GDPR = max(c.GDPR, p.old.GDPR)
	c.TCF = oneOf(c, c.TCF, p.old.TCF)
	c.USPrivacy = oneOf(c, c.USPrivacy, p.old.USPrivacy)
	c.GPP = oneOf(c, c.GPP, p.old.GPP)
	c.GPPSections = oneOf(c, c.GPPSections, p.old.GPPSections)
	if len(r.user.eids) == 0 {
		r.user.eids = p.oldEIDs
	}
	if s := r.Site; s != nil && len(s.Domain) == 0 {
		s.Domain = hostOf(s.Page)
	}
}

// lower and upper change ASCII letters in place.
func lower(b []byte) {
	for i, c := range b {
		if c-'A' < 26 {
			b[i] = c | 0x20
		}
	}
}

func upper(b []byte) {
	for i, c := range b {
		if c-'a' < 26 {
			b[i] = c &^ 0x20
		}
	}
}

// oneOf returns what a privacy signal says in either of its places. Where they
// disagree nobody knows which is meant.
func oneOf[T comparable](c *Consent, now, old []T) []T {
	if len(now) == 0 {
		return old
	}
	if len(old) > 0 && !slices.Equal(now, old) {
		c.Unreadable = true
	}
	return now
}
