package openrtb

import "bytes"

// device reads Device (section 3.2.18).
func (p *parser) device() {
	r := p.r
	d := &r.Device
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "devicetype":
			if p.first(&seen, 0) {
				d.Type, _ = p.integer()
			}
		case "geo":
			if p.first(&seen, 1) && p.isObject() == read {
				p.geo(d)
			}
		case "ua":
			if p.first(&seen, 2) {
				d.UserAgent, _ = p.text()
			}
		case "os":
			if p.first(&seen, 3) {
				d.OS, _ = p.text()
			}
		case "language":
			if p.first(&seen, 4) {
				d.Language, _ = p.text()
			}
		case "ip":
			if p.first(&seen, 5) {
				_, s := p.text()
				d.HasIP = d.HasIP || s == read
			}
		case "ipv6":
			if p.first(&seen, 6) {
				_, s := p.text()
				d.HasIP = d.HasIP || s == read
			}
		case "ifa":
			if p.first(&seen, 7) {
				ifa, _ := p.text()
				// All zeros is how a device with limited tracking answers:
				// it is everybody's id.
				if len(bytes.Trim(ifa, "0-")) > 0 {
					r.user.ifa = ifa
				}
			}
		case "lmt":
			if p.first(&seen, 8) {
				r.Consent.LMT = p.signalFlag()
			}
		case "dnt":
			if p.first(&seen, 9) {
				r.Consent.DNT = p.signalFlag()
			}
		case "ext":
			if p.first(&seen, 63) && p.signals(p.isObject()) {
				p.deviceExt()
			}
		default:
			p.skip()
		}
	}
}

// deviceExt reads the answer of App Tracking Transparency, as the IAB's
// extension for iOS 14 has it. Another number than those is no answer.
func (p *parser) deviceExt() {
	c := &p.r.Consent
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "atts":
			if p.first(&seen, 0) {
				n, s := p.integer()
				if s == read && (n < 0 || n > ATTAuthorized) {
					s = p.bad()
				}
				c.ATT, c.HasATT = n, p.signals(s)
			}
		default:
			p.skip()
		}
	}
}

// geo reads the device's Geo (section 3.2.19).
func (p *parser) geo(d *Device) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "country":
			if p.first(&seen, 0) {
				text, s := p.text()
				if s == read {
					var known bool
					if d.Country, known = alpha3(text); !known {
						p.unread++
					}
				}
			}
		case "utcoffset":
			if p.first(&seen, 1) {
				var s sent
				d.UTCOffset, s = p.integer()
				d.HasUTCOffset = s == read
			}
		default:
			p.skip()
		}
	}
}

// publication reads Site (section 3.2.13), or App (section 3.2.14).
func (p *parser) publication(pub *Publication, site bool) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				pub.ID, _ = p.text()
			}
		case "domain":
			if p.first(&seen, 1) {
				pub.Domain, _ = p.text()
				lower(pub.Domain)
			}
		case "bundle": // an app's
			switch {
			case site:
				p.skip()
			case p.first(&seen, 2):
				pub.Bundle, _ = p.text()
			}
		case "page": // a site's
			switch {
			case !site:
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
		default:
			p.skip()
		}
	}
}

func (p *parser) publisher(pub *Publication) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "id":
			if p.first(&seen, 0) {
				pub.PublisherID, _ = p.text()
			}
		default:
			p.skip()
		}
	}
}
