package openrtb

// imps reads the list of impression opportunities.
func (p *parser) imps() {
	if p.isArray() != read {
		return
	}
	for more := p.array(); more; more = p.element() {
		if p.isObject() != read {
			continue
		}
		if len(p.m.imps) == p.maxImps {
			p.fail("there are too many imps")
			p.tooMany = true
			return
		}
		p.m.imps = append(p.m.imps, Imp{})
		imp := &p.m.imps[len(p.m.imps)-1]
		p.imp(imp)
		if len(imp.ID) == 0 {
			p.unread++
			p.m.imps = p.m.imps[:len(p.m.imps)-1]
		}
	}
}

// imp reads Imp (section 3.2.4).
func (p *parser) imp(imp *Imp) {
	var seen uint64
	var impid []byte
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				imp.ID, _ = p.text()
			}
		case "impid": // OpenRTB 1's name for it
			if p.first(&seen, 1) {
				impid, _ = p.text()
			}
		case "tagid":
			if p.first(&seen, 2) {
				imp.TagID, _ = p.text()
			}
		case "bidfloor":
			if p.first(&seen, 3) {
				var s sent
				imp.Floor, s = p.price()
				imp.FloorBad = imp.FloorBad || s == unreadable
			}
		case "bidfloorcur":
			if p.first(&seen, 4) {
				var s sent
				imp.FloorCurrency, s = p.text()
				upper(imp.FloorCurrency)
				imp.FloorBad = imp.FloorBad || s == unreadable
			}
		case "secure":
			if p.first(&seen, 5) {
				secure, s := p.flag()
				imp.Secure = secure || s == unreadable
			}
		case "instl":
			if p.first(&seen, 6) {
				imp.Interstitial, _ = p.flag()
			}
		case "exp":
			if p.first(&seen, 7) {
				imp.Exp, _ = p.duration()
			}
		case "banner":
			if p.first(&seen, 8) && p.isObject() == read {
				p.banner(imp)
			}
		case "video":
			if p.first(&seen, 9) {
				if p.format() {
					imp.Video = push(&p.m.videos)
				}
			}
		case "native":
			if p.first(&seen, 10) {
				if p.format() {
					imp.Native = push(&p.m.natives)
				}
			}
		case "audio":
			if p.first(&seen, 11) {
				if p.format() {
					imp.Audio = push(&p.m.audios)
				}
			}
		case "pmp":
			if p.first(&seen, 12) {
				switch p.isObject() {
				case read:
					p.pmp(imp)
				case unreadable:
					imp.PrivateAuction = true
				}
			}
		default:
			p.skip()
		}
	}
	if len(imp.ID) == 0 {
		imp.ID = impid
	}
}

// format steps over a format that Tangent does not serve yet, and returns
// whether it is offered.
func (p *parser) format() bool {
	if p.isObject() != read {
		return false
	}
	p.skip()
	return true
}

// banner reads Banner (section 3.2.6) and its Format objects (3.2.10).
func (p *parser) banner(imp *Imp) {
	var seen uint64
	var b Banner
	var own Size
	// The first size is w x h, which may come after format: leave it room.
	from := len(p.m.sizes)
	p.m.sizes = append(p.m.sizes, Size{})
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "w":
			if p.first(&seen, 0) {
				own.W, _ = p.integer()
			}
		case "h":
			if p.first(&seen, 1) {
				own.H, _ = p.integer()
			}
		case "format":
			if p.first(&seen, 2) && p.isArray() == read {
				for more := p.array(); more; more = p.element() {
					if p.isObject() != read {
						continue
					}
					if s := p.size(); s.W > 0 && s.H > 0 {
						p.m.sizes = append(p.m.sizes, s)
					}
				}
			}
		case "battr":
			if p.first(&seen, 3) {
				var s sent
				b.BlockedAttributes, s = p.integers(&p.m.ints)
				imp.BlocksBad = imp.BlocksBad || s == unreadable
			}
		case "btype":
			if p.first(&seen, 4) {
				var s sent
				b.BlockedTypes, s = p.integers(&p.m.ints)
				imp.BlocksBad = imp.BlocksBad || s == unreadable
			}
		case "pos":
			if p.first(&seen, 5) {
				b.Position, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	b.Sizes = p.m.sizes[from+1 : len(p.m.sizes) : len(p.m.sizes)]
	if own.W > 0 && own.H > 0 {
		p.m.sizes[from] = own
		b.Sizes = without(p.m.sizes[from:len(p.m.sizes):len(p.m.sizes)], own)
	}
	p.m.banner = append(p.m.banner, b)
	imp.Banner = &p.m.banner[len(p.m.banner)-1]
}

// without removes every s but the first, which it is, in place.
func without(sizes []Size, s Size) []Size {
	to := 1
	for _, other := range sizes[1:] {
		if other != s {
			sizes[to] = other
			to++
		}
	}
	return sizes[:to]
}

func (p *parser) size() (s Size) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "w":
			if p.first(&seen, 0) {
				s.W, _ = p.integer()
			}
		case "h":
			if p.first(&seen, 1) {
				s.H, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	return s
}

// pmp reads Pmp (section 3.2.11).
func (p *parser) pmp(imp *Imp) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "private_auction":
			if p.first(&seen, 0) {
				private, s := p.flag()
				imp.PrivateAuction = private || s == unreadable
			}
		case "deals":
			if p.first(&seen, 1) && p.isArray() == read {
				from := len(p.m.deals)
				for more := p.array(); more; more = p.element() {
					if p.isObject() == read {
						p.deal()
					}
				}
				imp.Deals = p.m.deals[from:len(p.m.deals):len(p.m.deals)]
			}
		default:
			p.skip()
		}
	}
}

// deal reads Deal (section 3.2.12) onto the slab, if it can be bid for.
func (p *parser) deal() {
	var seen uint64
	var d Deal
	usable := true
	for more := p.object(); more; more = p.member() {
		var s sent
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				d.ID, s = p.text()
			}
		case "bidfloor":
			if p.first(&seen, 1) {
				d.Floor, s = p.price()
			}
		case "bidfloorcur":
			if p.first(&seen, 2) {
				d.FloorCurrency, s = p.text()
				upper(d.FloorCurrency)
			}
		case "at":
			if p.first(&seen, 3) {
				d.AuctionType, s = p.integer()
			}
		default:
			p.skip()
		}
		usable = usable && s != unreadable
	}
	if usable && len(d.ID) > 0 {
		p.m.deals = append(p.m.deals, d)
	}
}
