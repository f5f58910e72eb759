package openrtb

import "bytes"

// device reads Device (section 3.2.18).
func (p *parser) device() {
	r := p.r
	d := &r.Device
	var seen uint64
	var langb []byte
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
				var s sent
				r.user.ip, s = p.text()
				d.HasIP = d.HasIP || s == read
			}
		case "ipv6":
			if p.first(&seen, 6) {
				var s sent
				r.user.ipv6, s = p.text()
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
		case "make":
			if p.first(&seen, 10) {
				d.Make, _ = p.text()
			}
		case "model":
			if p.first(&seen, 11) {
				d.Model, _ = p.text()
			}
		case "osv":
			if p.first(&seen, 12) {
				d.OSVersion, _ = p.text()
			}
		case "carrier":
			if p.first(&seen, 13) {
				d.Carrier, _ = p.text()
			}
		case "mccmnc":
			if p.first(&seen, 14) {
				d.MCCMNC, _ = p.text()
			}
		case "connectiontype":
			if p.first(&seen, 15) {
				d.ConnectionType, _ = p.integer()
			}
		case "w":
			if p.first(&seen, 16) {
				d.W, _ = p.integer()
			}
		case "h":
			if p.first(&seen, 17) {
				d.H, _ = p.integer()
			}
		case "pxratio":
			if p.first(&seen, 18) {
				d.PixelRatio, _ = p.float()
			}
		case "js":
			if p.first(&seen, 19) {
				d.JS, _ = p.flag()
			}
		case "langb":
			if p.first(&seen, 20) {
				langb, _ = p.text()
			}
		case "sua":
			if p.first(&seen, 21) && p.isObject() == read {
				p.hints(&d.Hints)
			}
		case "ext":
			if p.first(&seen, 22) && p.signals(p.isObject()) {
				p.deviceExt(d)
			}
		default:
			p.skip()
		}
	}
	if len(d.Language) == 0 {
		d.Language = langb
	}
}

// deviceExt reads the kind of the ifa, and the answer of App Tracking
// Transparency, as the IAB's extension for iOS 14 has it. Another number than
// those is no answer.
func (p *parser) deviceExt(d *Device) {
	c := &p.r.Consent
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "ifa_type":
			if p.first(&seen, 0) {
				d.IFAType, _ = p.text()
			}
		case "atts":
			if p.first(&seen, 1) {
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
