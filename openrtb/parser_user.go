package openrtb

// user reads User (section 3.2.20). Its ids go where only EachUserID reaches.
func (p *parser) user() {
	r := p.r
	var seen uint64
	var kwarray [][]byte
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				r.user.id, _ = p.text()
			}
		case "buyeruid":
			if p.first(&seen, 1) {
				r.user.buyerUID, _ = p.text()
			}
		case "consent":
			if p.first(&seen, 2) {
				r.Consent.TCF = p.signal()
			}
		case "eids":
			if p.first(&seen, 3) {
				r.user.eids = p.eids()
			}
		case "ext":
			if p.first(&seen, 4) && p.signals(p.isObject()) {
				p.userExt()
			}
		case "yob":
			if p.first(&seen, 5) {
				// A year that is none says nothing, and many write 0.
				if n, s := p.integer(); s == read && n >= 1900 && n < 2100 {
					r.user.attributes.YearOfBirth = n
				}
			}
		case "gender":
			if p.first(&seen, 6) {
				text, _ := p.text()
				upper(text)
				if len(text) == 1 && (text[0] == 'M' || text[0] == 'F' || text[0] == 'O') {
					r.user.attributes.Gender = text[0]
				}
			}
		case "keywords":
			if p.first(&seen, 7) {
				r.user.attributes.Keywords = p.keywords()
			}
		case "kwarray":
			if p.first(&seen, 8) {
				kwarray = p.keywords()
			}
		case "data":
			if p.first(&seen, 9) {
				r.user.attributes.Data = p.dataSegments()
			}
		default:
			p.skip()
		}
	}
	if len(r.user.attributes.Keywords) == 0 {
		r.user.attributes.Keywords = kwarray
	}
}

// userExt reads what OpenRTB 2.5 kept in user.ext.
func (p *parser) userExt() {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "consent":
			if p.first(&seen, 0) {
				p.old.TCF = p.signal()
			}
		case "eids":
			if p.first(&seen, 1) {
				p.oldEIDs = p.eids()
			}
		case "pipl_consent":
			if p.first(&seen, 2) {
				c := &p.r.Consent
				var s sent
				c.PIPLConsent, s = p.flag()
				c.HasPIPLConsent = p.signals(s)
			}
		default:
			p.skip()
		}
	}
}

// regs reads Regs (section 3.2.3) into c; and, when it is not regs.ext
// itself, regs.ext, where OpenRTB 2.5 kept the same names.
func (p *parser) regs(c *Consent, top bool) {
	c.GDPR = -1
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "coppa":
			if p.first(&seen, 0) {
				c.COPPA = p.signalFlag()
			}
		case "gdpr":
			if p.first(&seen, 1) {
				applies, s := p.flag()
				p.signals(s)
				if s == read {
					c.GDPR = 0
					if applies {
						c.GDPR = 1
					}
				}
			}
		case "us_privacy":
			if p.first(&seen, 2) {
				c.USPrivacy = p.signal()
			}
		case "gpp":
			if p.first(&seen, 3) {
				c.GPP = p.signal()
			}
		case "gpp_sid":
			if p.first(&seen, 4) {
				var s sent
				c.GPPSections, s = p.integers(&p.m.ints)
				p.signals(s)
			}
		case "gpc":
			if p.first(&seen, 5) {
				c.GPC = p.signalFlag()
			}
		case "pipl":
			if p.first(&seen, 7) {
				c.PIPL = p.signalFlag()
			}
		case "ext":
			switch {
			case !top:
				p.skip()
			case p.first(&seen, 6) && p.signals(p.isObject()):
				p.regs(&p.old, false)
			}
		default:
			p.skip()
		}
	}
}

// signal reads a privacy signal that is a text.
func (p *parser) signal() []byte {
	text, s := p.text()
	p.signals(s)
	return text
}

// signalFlag reads a privacy signal that is 0 or 1.
func (p *parser) signalFlag() bool {
	set, s := p.flag()
	p.signals(s)
	return set
}
