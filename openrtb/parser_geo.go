package openrtb

// No clock is farther from UTC, in minutes: those of Baker Island and of
// Kiribati's Line Islands.
const (
	leastUTCOffset = -12 * 60
	mostUTCOffset  = 14 * 60
)

// geo reads the device's Geo (section 3.2.19).
func (p *parser) geo(d *Device) {
	g := &d.Geo
	var seen uint64
	var lat, lon, kind, accuracy sent
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
				n, s := p.integer()
				if s == read && (n < leastUTCOffset || n > mostUTCOffset) {
					s = p.bad()
				}
				if d.HasUTCOffset = s == read; d.HasUTCOffset {
					d.UTCOffset = n
				}
			}
		case "lat":
			if p.first(&seen, 2) {
				g.Lat, lat = p.float()
			}
		case "lon":
			if p.first(&seen, 3) {
				g.Lon, lon = p.float()
			}
		case "region":
			if p.first(&seen, 4) {
				g.Region = p.region()
			}
		case "city":
			if p.first(&seen, 5) {
				g.City, _ = p.text()
			}
		case "zip":
			if p.first(&seen, 6) {
				g.Zip, _ = p.text()
			}
		case "metro":
			if p.first(&seen, 7) {
				g.Metro, _ = p.text()
			}
		case "type":
			if p.first(&seen, 8) {
				g.Type, kind = p.integer()
			}
		case "accuracy":
			if p.first(&seen, 9) {
				g.Accuracy, accuracy = p.duration()
			}
		case "lastfix":
			if p.first(&seen, 10) {
				g.LastFix, _ = p.duration()
			}
		case "ipservice":
			if p.first(&seen, 11) {
				g.IPService, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
	// Zero by zero is where nobody is, and what many send for nothing. A point of
	// which is said how good it is, in a way that cannot be read, may be anywhere.
	g.HasPoint = lat == read && lon == read && kind != unreadable && accuracy != unreadable && (g.Lat != 0 || g.Lon != 0) &&
		g.Lat >= -90 && g.Lat <= 90 && g.Lon >= -180 && g.Lon <= 180
	if !g.HasPoint {
		g.Lat, g.Lon = 0, 0
	}
}

// region reads a region, of which ISO 3166-2 has the country in front.
func (p *parser) region() []byte {
	text, _ := p.text()
	upper(text)
	if len(text) > 3 && text[2] == '-' {
		return text[3:]
	}
	return text
}

// maxBrands is how many browsers' names are kept of a device's hints: what
// is real, what it is made of, and one or two that mean nothing.
const maxBrands = 8

// hints reads UserAgent (section 3.2.29).
func (p *parser) hints(h *Hints) {
	h.Sent = true
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "browsers":
			if p.first(&seen, 0) && p.isArray() == read {
				from := len(p.m.brands)
				for more := p.array(); more; more = p.element() {
					if p.isObject() != read {
						continue
					}
					if b := p.brand(); len(b.Name) > 0 && len(p.m.brands)-from < maxBrands {
						p.m.brands = append(p.m.brands, b)
					}
				}
				h.Browsers = p.m.brands[from:len(p.m.brands):len(p.m.brands)]
			}
		case "platform":
			if p.first(&seen, 1) && p.isObject() == read {
				h.Platform = p.brand()
			}
		case "mobile":
			if p.first(&seen, 2) {
				var bad bool
				p.flagInto(&h.Mobile, &bad)
			}
		case "architecture":
			if p.first(&seen, 3) {
				h.Architecture, _ = p.text()
			}
		case "model":
			if p.first(&seen, 4) {
				h.Model, _ = p.text()
			}
		case "source":
			if p.first(&seen, 5) {
				h.Source, _ = p.integer()
			}
		default:
			p.skip()
		}
	}
}

// brand reads BrandVersion (section 3.2.30). Its version is a list of the
// numbers; one text with points is taken, too.
func (p *parser) brand() (b Brand) {
	var seen uint64
	for more := p.object(); more; more = p.member() {
		switch string(p.key) {
		case "brand":
			if p.first(&seen, 0) {
				b.Name, _ = p.text()
			}
		case "version":
			if p.first(&seen, 1) {
				from := len(p.m.texts)
				parts, _ := p.texts(&p.m.texts)
				if len(parts) == 1 {
					b.Version = ParseVersion(parts[0])
				} else {
					var n [3]int
					for i := range min(len(parts), len(n)) {
						n[i] = ParseVersion(parts[i]).Major()
					}
					b.Version = NewVersion(n[0], n[1], n[2])
				}
				p.m.texts = p.m.texts[:from]
			}
		default:
			p.skip()
		}
	}
	return b
}
