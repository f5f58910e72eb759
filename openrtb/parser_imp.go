package openrtb

import "bytes"

// imps reads the list of impression opportunities, of which the first are
// kept that have an id.
func (p *parser) imps() {
	if p.isArray() != read {
		return
	}
	for more := p.array(); more; more = p.element() {
		if len(p.m.imps) == p.maxImps {
			p.skip() // the first are as good as others
			continue
		}
		if p.isObject() != read {
			continue
		}
		imp := push(&p.m.imps)
		imp.Quantity, imp.Viewability = 1, -1
		p.imp(imp)
		if len(imp.ID) == 0 {
			p.unread++
			p.m.imps = p.m.imps[:len(p.m.imps)-1]
			continue
		}
		for i := range p.m.imps[:len(p.m.imps)-1] {
			imp.Again = imp.Again || bytes.Equal(imp.ID, p.m.imps[i].ID)
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
			if p.first(&seen, 9) && p.isObject() == read {
				imp.Video = push(&p.m.videos)
				p.video(imp.Video, imp)
			}
		case "native":
			if p.first(&seen, 10) && p.isObject() == read {
				imp.Native = push(&p.m.natives)
				p.native(imp.Native)
			}
		case "audio":
			if p.first(&seen, 11) && p.isObject() == read {
				imp.Audio = push(&p.m.audios)
				p.audio(imp.Audio)
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
		case "rwdd":
			if p.first(&seen, 13) {
				p.rewarded(imp)
			}
		case "clickbrowser":
			if p.first(&seen, 14) {
				imp.NativeBrowser, _ = p.flag()
			}
		case "ssai":
			if p.first(&seen, 15) {
				imp.ServerSideInsertion, _ = p.integer()
			}
		case "qty":
			if p.first(&seen, 16) {
				switch p.isObject() {
				case read:
					p.quantity(imp)
				case unreadable:
					imp.QuantityBad = true
				}
			}
		case "metric":
			if p.first(&seen, 17) && p.isArray() == read {
				for more := p.array(); more; more = p.element() {
					if p.isObject() == read {
						p.metric(imp)
					}
				}
			}
		case "displaymanager":
			if p.first(&seen, 18) {
				imp.DisplayManager, _ = p.text()
			}
		case "displaymanagerver":
			if p.first(&seen, 19) {
				imp.DisplayManagerVersion, _ = p.text()
			}
		case "ext":
			if p.first(&seen, 20) && p.isObject() == read {
				p.impExt(imp, true)
			}
		default:
			p.skip()
		}
	}
	if len(imp.ID) == 0 {
		imp.ID = impid
	}
}

// rewarded reads a flag that says that the user gains from watching, wherever
// it stands.
func (p *parser) rewarded(imp *Imp) {
	set, _ := p.flag()
	imp.Rewarded = imp.Rewarded || set
}

// impExt reads where exchanges put rewarded before OpenRTB 2.6: imp.ext, and
// in it prebid.
func (p *parser) impExt(imp *Imp, top bool) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "rewarded":
			if p.first(&seen, 0) {
				p.rewarded(imp)
			}
		case "is_rewarded_inventory":
			if p.first(&seen, 1) {
				p.rewarded(imp)
			}
		case "prebid":
			switch {
			case !top:
				p.skip()
			case p.first(&seen, 2) && p.isObject() == read:
				p.impExt(imp, false)
			}
		default:
			p.skip()
		}
	}
}

// quantity reads Qty (section 3.2.31).
func (p *parser) quantity(imp *Imp) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "multiplier":
			if p.first(&seen, 0) {
				n, s := p.float()
				switch {
				case s == read && n > 0 && n <= maxQuantity:
					imp.Quantity = n
				case s != absent:
					imp.QuantityBad = true
				}
			}
		default:
			p.skip()
		}
	}
}

// maxQuantity is how many people one showing can be said to reach.
const maxQuantity = 1e6

// metric reads Metric (section 3.2.5). Viewability is a share; some say it in
// percent.
func (p *parser) metric(imp *Imp) {
	var seen uint64
	var kind []byte
	value := -1.0
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "type":
			if p.first(&seen, 0) {
				kind, _ = p.text()
			}
		case "value":
			if p.first(&seen, 1) {
				if n, s := p.float(); s == read {
					value = n
				}
			}
		default:
			p.skip()
		}
	}
	if value > 1 {
		value /= 100
	}
	if string(kind) == "viewability" && value >= 0 && value <= 1 {
		imp.Viewability = value
	}
}
